//! Addresses of PostgreSQL and MySQL servers.

use url::Url;

use super::UrlError;

/// Options that the driver understands. An unknown one is refused, because the driver would log it with its
/// value, which a slip of the pen can make a password.
const POSTGRES_OPTIONS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];
const MYSQL_OPTIONS: &[&str] = &[
    "charset", "socket", "ssl-ca", "ssl-cert", "ssl-key", "ssl-mode", "sslca", "sslcert", "sslkey", "sslmode",
];

/// Reads what follows the scheme's colon.
pub(super) fn parse(scheme: &str, rest: &str) -> Result<Url, UrlError> {
    if !rest.starts_with("//") {
        return Err(UrlError::Malformed("two slashes are missing after the scheme"));
    }
    let mut url =
        Url::parse(&format!("{scheme}:{rest}")).map_err(|error| UrlError::Malformed(reason(error)))?;
    // An unescaped `/`, `?` or `#` in a password ends the host early: the rest of the password would be taken for
    // a path and shown.
    if url.fragment().is_some() || url.path().contains('@') || url.query().is_some_and(|q| q.contains('@')) {
        return Err(UrlError::Malformed("unescaped /, ? or # before the host"));
    }
    rename_asyncpg_option(&mut url);
    let known = if scheme == "postgres" { POSTGRES_OPTIONS } else { MYSQL_OPTIONS };
    let unknown =
        url.query_pairs().map(|(key, _)| key.into_owned()).find(|key| !known.contains(&key.as_str()));
    if let Some(key) = unknown {
        return Err(UrlError::UnknownOption(key));
    }
    let has = |names: &[&str]| url.query_pairs().any(|(key, _)| names.contains(&key.as_ref()));
    if url.host_str().is_none_or(str::is_empty) && !has(&["host", "hostaddr", "socket"]) {
        return Err(UrlError::NoHost);
    }
    if url.path().trim_matches('/').is_empty() && !has(&["dbname"]) {
        return Err(UrlError::NoDatabase);
    }
    Ok(url)
}

/// The address with `***` for the password and without options.
pub(super) fn redacted(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    if shown.password().is_some() && shown.set_password(Some("***")).is_err() {
        return format!("{}://***", url.scheme());
    }
    shown.to_string()
}

/// asyncpg says `ssl=require` where libpq says `sslmode=require`.
fn rename_asyncpg_option(url: &mut Url) {
    if url.scheme() != "postgres" || !url.query_pairs().any(|(key, _)| key == "ssl") {
        return;
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut query = url.query_pairs_mut();
    query.clear();
    for (key, value) in pairs {
        let (key, value) = match (key.as_str(), value.as_str()) {
            ("ssl", "true") => ("sslmode", "require"),
            ("ssl", "false") => ("sslmode", "disable"),
            ("ssl", value) => ("sslmode", value),
            (key, value) => (key, value),
        };
        query.append_pair(key, value);
    }
}

fn reason(error: url::ParseError) -> &'static str {
    match error {
        url::ParseError::EmptyHost => "empty host",
        url::ParseError::InvalidPort => "invalid port",
        url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address => "invalid address",
        _ => "not a URL",
    }
}
