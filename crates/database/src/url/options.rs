//! Options after `?`: those of the driver, and those that other drivers know.

use std::borrow::Cow;

/// What becomes of an option.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// The driver has it, under this name and with this value.
    Driver(&'a str, Cow<'a, str>),
    /// It changes nothing here; why, or what to set instead.
    NoEffect(&'static str),
    /// Its value asks for what this program does not do, and to go on without would be less than was asked for.
    Wrong,
    /// Nobody knows it. It is refused: the driver would log it with its value, which a slip of the pen can make a
    /// password.
    Unknown,
}

use Meaning::{Driver, NoEffect, Unknown, Wrong};

const CONNECT_TIMEOUT: Meaning<'_> = NoEffect("set DATABASE_CONNECT_TIMEOUT_MS");
const STATEMENT_TIMEOUT: Meaning<'_> = NoEffect("set DATABASE_STATEMENT_TIMEOUT_MS");
const STATEMENT_CACHE: Meaning<'_> = NoEffect("set DATABASE_STATEMENT_CACHE_SIZE, 0 behind PgBouncer");
const POOL_SIZE: Meaning<'_> = NoEffect("set DATABASE_POOL_SIZE");
const POOL_TIMEOUT: Meaning<'_> = NoEffect("set DATABASE_ACQUIRE_TIMEOUT_MS");
const UNUSED: Meaning<'_> = NoEffect("the driver does not need it");

/// An option of a PostgreSQL URL. libpq: <https://www.postgresql.org/docs/current/libpq-connect.html>; `ssl` is
/// asyncpg's, `schema`, `pgbouncer`, `connection_limit` and `pool_timeout` are Prisma's.
pub(super) fn postgres<'a>(key: &'a str, value: &'a str) -> Meaning<'a> {
    match (key, value) {
        (
            "application_name" | "dbname" | "host" | "hostaddr" | "options" | "password" | "port" | "ssl-ca"
            | "ssl-cert" | "ssl-key" | "ssl-mode" | "ssl-root-cert" | "sslcert" | "sslkey" | "sslmode"
            | "sslrootcert" | "user",
            _,
        ) => Driver(key, value.into()),
        ("ssl", "true") => Driver("sslmode", "require".into()),
        ("ssl", "false") => Driver("sslmode", "disable".into()),
        ("ssl", _) => Driver("sslmode", value.into()),
        ("fallback_application_name" | "ApplicationName", _) => Driver("application_name", value.into()),
        ("schema" | "currentSchema", "public") => NoEffect("it is the default"),
        ("schema" | "currentSchema", _) if is_identifier(value) => {
            Driver("options", format!("-c search_path={value}").into())
        }
        ("channel_binding", "disable" | "prefer" | "require") => {
            NoEffect("the driver signs in without channel binding; `sslmode=verify-full` proves the server")
        }
        ("gssencmode", "disable" | "prefer") => {
            NoEffect("the driver encrypts by TLS alone, as `sslmode` says")
        }
        ("sslnegotiation", "postgres" | "direct") => NoEffect("TLS is negotiated as with `postgres`"),
        ("target_session_attrs", "any" | "read-write" | "primary" | "prefer-standby") => {
            NoEffect("the server that the URL names is taken as it is")
        }
        ("client_encoding", _) if is_utf8(value) || value == "auto" => NoEffect("text is always UTF-8"),
        ("connect_timeout" | "timeout", _) => CONNECT_TIMEOUT,
        ("command_timeout", _) => STATEMENT_TIMEOUT,
        (
            "statement_cache_size"
            | "prepared_statement_cache_size"
            | "prepareThreshold"
            | "pgbouncer"
            | "statement-cache-capacity",
            _,
        ) => STATEMENT_CACHE,
        ("connection_limit" | "pool_size" | "max_overflow", _) => POOL_SIZE,
        ("pool_timeout", _) => POOL_TIMEOUT,
        (
            "keepalives"
            | "keepalives_idle"
            | "keepalives_interval"
            | "keepalives_count"
            | "tcp_user_timeout",
            _,
        ) => NoEffect("a server that is silent is noticed by DATABASE_STATEMENT_TIMEOUT_MS"),
        ("load_balance_hosts" | "sslcompression" | "sslsni" | "krbsrvname" | "gsslib", _) => UNUSED,
        ("gssdelegation", "0") => UNUSED,
        (
            "schema"
            | "currentSchema"
            | "channel_binding"
            | "gssencmode"
            | "gssdelegation"
            | "sslnegotiation"
            | "target_session_attrs"
            | "client_encoding",
            _,
        ) => Wrong,
        _ => Unknown,
    }
}

/// An option of a MySQL URL. Besides the driver's: Connector/J
/// (<https://dev.mysql.com/doc/connector-j/en/connector-j-reference-configuration-properties.html>), Go's driver (`tls`,
/// `parseTime`, `loc`), the Python drivers (`unix_socket`, `ssl_ca`) and Prisma (`sslaccept`, `connection_limit`).
pub(super) fn mysql<'a>(key: &'a str, value: &'a str) -> Meaning<'a> {
    let tls = |mode: &'static str| Driver("ssl-mode", mode.into());
    match (key, value) {
        (
            "collation" | "socket" | "ssl-ca" | "ssl-cert" | "ssl-key" | "ssl-mode" | "sslca" | "sslcert"
            | "sslkey" | "sslmode",
            _,
        ) => Driver(key, value.into()),
        ("unix_socket", _) => Driver("socket", value.into()),
        ("ssl_ca", _) => Driver("ssl-ca", value.into()),
        ("ssl_cert", _) => Driver("ssl-cert", value.into()),
        ("ssl_key", _) => Driver("ssl-key", value.into()),
        ("sslMode" | "ssl_mode", _) => Driver("ssl-mode", value.into()),
        ("useSSL" | "requireSSL" | "ssl", "true") | ("tls", "skip-verify") => tls("REQUIRED"),
        ("useSSL" | "ssl" | "tls", "false") => tls("DISABLED"),
        ("tls", "preferred") => tls("PREFERRED"),
        ("tls", "true") | ("sslaccept", "strict") => tls("VERIFY_IDENTITY"),
        ("sslaccept", "accept_invalid_certs") => tls("REQUIRED"),
        ("verifyServerCertificate", "true") => tls("VERIFY_CA"),
        ("requireSSL" | "verifyServerCertificate", "false") => NoEffect("`ssl-mode` says how TLS is used"),
        ("charset" | "characterEncoding", "utf8mb4") => Driver("charset", value.into()),
        ("charset" | "characterEncoding" | "characterSetResults" | "useUnicode", _) => {
            NoEffect("text is always sent as utf8mb4")
        }
        ("timezone" | "time-zone" | "time_zone" | "serverTimezone" | "loc" | "connectionTimeZone", _) => {
            NoEffect("times are always UTC")
        }
        ("allowPublicKeyRetrieval", _) => NoEffect("the driver asks for the server's key where it needs it"),
        ("connectTimeout" | "connect_timeout" | "timeout", _) => CONNECT_TIMEOUT,
        ("socketTimeout" | "readTimeout" | "writeTimeout" | "read_timeout" | "write_timeout", _) => {
            STATEMENT_TIMEOUT
        }
        ("cachePrepStmts" | "prepStmtCacheSize" | "statement-cache-capacity", _) => {
            NoEffect("set DATABASE_STATEMENT_CACHE_SIZE")
        }
        ("connection_limit" | "pool_size" | "max_overflow", _) => POOL_SIZE,
        ("pool_timeout", _) => POOL_TIMEOUT,
        (
            "allowMultiQueries"
            | "allowNativePasswords"
            | "autoReconnect"
            | "autocommit"
            | "checkConnLiveness"
            | "interpolateParams"
            | "maxAllowedPacket"
            | "multiStatements"
            | "nullCatalogMeansCurrent"
            | "parseTime"
            | "rewriteBatchedStatements"
            | "tinyInt1isBit"
            | "useLegacyDatetimeCode"
            | "useServerPrepStmts"
            | "zeroDateTimeBehavior",
            _,
        ) => UNUSED,
        ("useSSL" | "requireSSL" | "ssl" | "tls" | "sslaccept" | "verifyServerCertificate", _) => Wrong,
        _ => Unknown,
    }
}

fn is_utf8(value: &str) -> bool {
    ["utf8", "utf-8", "unicode"].iter().any(|name| value.eq_ignore_ascii_case(name))
}

/// A name that can stand in `search_path` without quotes.
fn is_identifier(value: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !value.is_empty() && !value.starts_with(|c: char| c.is_ascii_digit()) && value.bytes().all(letters)
}
