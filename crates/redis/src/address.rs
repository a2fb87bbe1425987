//! `REDIS_URL`, read before anything connects.

use std::fmt;

use redis::{ConnectionInfo, IntoConnectionInfo};

/// A Redis address that is known to be well formed. It never shows its password.
#[derive(Clone)]
pub struct Address {
    pub(crate) connection: ConnectionInfo,
    notes: Vec<String>,
}

/// What is wrong with a `REDIS_URL`. The URL itself is never part of the text: it holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is no text.
    #[error("is empty")]
    Empty,
    /// There is no scheme that names Redis.
    #[error("must start with redis://, rediss:// or unix://")]
    Scheme,
    /// It is not a URL (RFC 3986).
    #[error(
        "is malformed; special characters in user and password must be percent-encoded, / as %2F and @ as %40"
    )]
    Malformed,
    /// The path is no number of a database.
    #[error("must end with the number of a database, as in redis://host:6379/0, or without a path")]
    Database,
    /// An option after `?` is not known.
    #[error("has an unknown option `{0}`")]
    UnknownOption(String),
    /// Something stands after `#`.
    #[error("must not have a part after #; certificates are always verified")]
    Fragment,
}

impl Address {
    /// Reads `redis://`, `rediss://` (TLS), `valkey://`, `valkeys://`, `unix://` and `redis+unix://`. Options after `?`
    /// that other clients know and that change nothing here are listed in [`Self::notes`].
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        let scheme = text.split_once("://").ok_or(UrlError::Scheme)?.0.to_ascii_lowercase();
        let options: &[&str] = match scheme.as_str() {
            "redis" | "rediss" | "valkey" | "valkeys" => &["protocol"],
            "unix" | "redis+unix" => &["protocol", "db", "user", "pass"],
            _ => return Err(UrlError::Scheme),
        };
        let mut url = redis::parse_redis_url(text).ok_or(UrlError::Malformed)?;
        // An unescaped `/`, `?` or `#` in a password ends the host early: the rest of the password would be taken
        // for a path and shown.
        if [Some(url.path()), url.query(), url.fragment()]
            .into_iter()
            .flatten()
            .any(|part| part.contains('@'))
        {
            return Err(UrlError::Malformed);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let mut notes = Vec::new();
        for (key, _) in given.iter().filter(|(key, _)| !options.contains(&key.as_str())) {
            let why = without_effect(key).ok_or_else(|| UrlError::UnknownOption(key.clone()))?;
            notes.push(format!("`{key}` has no effect: {why}"));
        }
        url.set_query(None);
        let kept = given.iter().filter(|(key, _)| options.contains(&key.as_str()));
        for (key, value) in kept {
            url.query_pairs_mut().append_pair(key, value);
        }
        let path = url.path().trim_matches('/');
        if !scheme.ends_with("unix") && !path.is_empty() && path.parse::<u16>().is_err() {
            return Err(UrlError::Database);
        }
        let connection = url.into_connection_info().map_err(|_| UrlError::Malformed)?;
        Ok(Self { connection, notes })
    }

    /// A line for each option of the URL that has no effect, with what to set instead; never with a value.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// Why an option of redis-py or of the clients of Node.js changes nothing here. An option that asks for something that is
/// not done here, such as another certificate authority, is not among them.
fn without_effect(key: &str) -> Option<&'static str> {
    Some(match key {
        "timeout" | "socket_timeout" => "set REDIS_TIMEOUT_MS",
        "socket_connect_timeout" | "connect_timeout" | "connectTimeout" => "set REDIS_CONNECT_TIMEOUT_MS",
        "max_connections" | "pool_size" => "set REDIS_POOL_SIZE",
        "ssl_cert_reqs" | "ssl_check_hostname" => "certificates are always verified",
        "client_name"
        | "decode_responses"
        | "encoding"
        | "encoding_errors"
        | "family"
        | "health_check_interval"
        | "retry_on_timeout"
        | "socket_keepalive" => "the client does not need it",
        _ => return None,
    })
}

impl fmt::Display for Address {
    /// Host and port, or the path of the socket.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connection.addr().fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> UrlError {
        let error = Address::parse(text).unwrap_err();
        assert!(!error.to_string().contains("hunter"), "{error}");
        error
    }

    #[test]
    fn reads_what_people_write() {
        for (text, place) in [
            ("redis://localhost", "localhost:6379"),
            (" redis://ann:hunter2@cache:7000/3 ", "cache:7000"),
            ("REDIS://:hunter%2F2@10.0.0.1", "10.0.0.1:6379"),
            ("rediss://[::1]:6380/", "::1:6380"),
            ("valkey://cache?protocol=3", "cache:6379"),
            ("unix:///run/redis.sock?db=1", "/run/redis.sock"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), place);
            assert!(!format!("{address:?}").contains("hunter"));
        }
    }

    #[test]
    fn options_of_other_clients_are_accepted_and_noted() {
        let text = "redis://:hunter2@cache/1?decode_responses=True&socket_timeout=hunter2&protocol=3";
        let address = Address::parse(text).unwrap();
        let notes = [
            "`decode_responses` has no effect: the client does not need it",
            "`socket_timeout` has no effect: set REDIS_TIMEOUT_MS",
        ];
        assert_eq!(address.notes(), notes);
        assert_eq!(address.connection.redis_settings().db(), 1);
        assert_eq!(Address::parse("rediss://cache?ssl_cert_reqs=none").unwrap().notes().len(), 1);
    }

    #[test]
    fn names_what_is_wrong_and_never_the_password() {
        assert_eq!(refused("  "), UrlError::Empty);
        assert_eq!(refused("localhost:6379"), UrlError::Scheme);
        assert_eq!(refused("http://:hunter2@cache"), UrlError::Scheme);
        assert_eq!(refused("redis://"), UrlError::Malformed);
        assert_eq!(refused("redis://:hunter2@cache:port"), UrlError::Malformed);
        assert_eq!(refused("redis://ann:12/hunter2@cache"), UrlError::Malformed);
        assert_eq!(refused("redis://ann:12#hunter2@cache"), UrlError::Malformed);
        assert_eq!(refused("redis://:hunter2@cache/name"), UrlError::Database);
        assert_eq!(refused("redis://cache?tiemout=3"), UrlError::UnknownOption("tiemout".into()));
        assert_eq!(
            refused("rediss://cache?ssl_ca_certs=a.pem"),
            UrlError::UnknownOption("ssl_ca_certs".into())
        );
        assert_eq!(refused("rediss://cache#insecure"), UrlError::Fragment);
    }
}
