//! Addresses of PostgreSQL and MySQL servers.

use url::Url;

use super::{
    UrlError,
    options::{self, Meaning},
};

/// Reads what follows the scheme's colon; gives the address with the options that the driver has, and a line for each
/// option that has no effect.
pub(super) fn parse(scheme: &str, rest: &str) -> Result<(Url, Vec<String>), UrlError> {
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
    let notes = keep_the_drivers(&mut url)?;
    let has = |names: &[&str]| url.query_pairs().any(|(key, _)| names.contains(&key.as_ref()));
    if url.host_str().is_none_or(str::is_empty) && !has(&["host", "hostaddr", "socket"]) {
        return Err(UrlError::NoHost);
    }
    if url.path().trim_matches('/').is_empty() && !has(&["dbname"]) {
        return Err(UrlError::NoDatabase);
    }
    Ok((url, notes))
}

/// Leaves of the options those that the driver has, under its names. Of two that mean the same, the one under the
/// driver's own name counts.
fn keep_the_drivers(url: &mut Url) -> Result<Vec<String>, UrlError> {
    let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let meaning = if url.scheme() == "postgres" { options::postgres } else { options::mysql };
    let mut notes = Vec::new();
    let mut kept: Vec<(&str, String)> = Vec::new();
    for (key, value) in &given {
        match meaning(key, value) {
            Meaning::Driver(name, _) if name != key && given.iter().any(|(other, _)| other == name) => {
                notes.push(format!("`{key}` has no effect: `{name}` is given too"));
            }
            Meaning::Driver(name, value) => kept.push((name, value.into_owned())),
            Meaning::NoEffect(why) => notes.push(format!("`{key}` has no effect: {why}")),
            Meaning::Wrong => return Err(UrlError::WrongOption(key.clone())),
            Meaning::Unknown => return Err(UrlError::UnknownOption(key.clone())),
        }
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Ok(notes)
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

fn reason(error: url::ParseError) -> &'static str {
    match error {
        url::ParseError::EmptyHost => "empty host",
        url::ParseError::InvalidPort => "invalid port",
        url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address => "invalid address",
        _ => "not a URL",
    }
}
