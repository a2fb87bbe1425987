//! A path as logs, traces and error bodies show it.

use std::borrow::Cow;

#[cfg(any(feature = "request-id", feature = "request-logging"))]
use actix_web::dev::ServiceRequest;
use palisade_core::{Secret, prefix};

#[cfg(any(feature = "request-id", feature = "request-logging"))]
use super::pattern_of;

/// Names of parameters whose value opens something to whoever knows the address.
const SECRETS: [&str; 8] = ["code", "key", "otp", "password", "secret", "signature", "ticket", "token"];

/// The path of a request that has not been routed yet, as [`shown`].
#[cfg(any(feature = "request-id", feature = "request-logging"))]
pub(crate) fn shown_path(request: &ServiceRequest) -> Cow<'_, str> {
    shown(request.path(), pattern_of(request).as_deref())
}

/// `path` with each segment shown by its pattern whose parameter names a secret: `/setup/{token}`. Of a pattern that
/// cannot be laid beside the path, the pattern itself. Where no route takes the path, as that of a link that somebody
/// has mistyped, a segment that holds a secret of our own is hidden.
pub(crate) fn shown<'a>(path: &'a str, pattern: Option<&str>) -> Cow<'a, str> {
    let Some(pattern) = pattern.filter(|pattern| parameters(pattern).any(is_secret)) else {
        return unrouted(path);
    };
    let (parts, patterns) = (path.split('/'), pattern.split('/'));
    if parts.clone().count() != patterns.clone().count() {
        return pattern.to_owned().into();
    }
    let show = |(part, pattern): (&'a str, &str)| match parameters(pattern).find(|name| is_secret(name)) {
        Some(name) => Cow::Owned(format!("{{{name}}}")),
        None => Cow::Borrowed(part),
    };
    parts.zip(patterns).map(show).collect::<Vec<_>>().join("/").into()
}

/// `path` without the segments that hold a secret of our own.
fn unrouted(path: &str) -> Cow<'_, str> {
    let is_own = |part: &str| prefix::ALL.iter().any(|prefix| part.contains(prefix));
    if !is_own(path) {
        return path.into();
    }
    let show = |part| if is_own(part) { Secret::REDACTED } else { part };
    path.split('/').map(show).collect::<Vec<_>>().join("/").into()
}

/// The names of a pattern's parameters, without their regular expressions.
fn parameters(pattern: &str) -> impl Iterator<Item = &str> {
    let ends = |char: char| !(char.is_ascii_alphanumeric() || char == '_' || char == '-');
    pattern.split('{').skip(1).filter_map(move |rest| rest.split(ends).next())
}

/// Whether a name is one of the secrets', or ends in one after a mark: `reset_token`.
fn is_secret(name: &str) -> bool {
    let last = name.rsplit(['_', '-']).next().unwrap_or(name);
    SECRETS.iter().any(|secret| last.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_our_own_is_hidden_where_no_route_is() {
        for prefix in prefix::ALL {
            assert_eq!(shown(&format!("/Setup/{prefix}abc/"), None), "/Setup/***/");
        }
        assert_eq!(shown("/setup/plst/x", None), "/setup/plst/x");
    }

    #[test]
    fn a_segment_whose_pattern_names_a_secret_is_shown_by_its_pattern() {
        for (path, pattern, wanted) in [
            ("/setup/abc", "/setup/{token}", "/setup/{token}"),
            (
                "/teams/7/invitations/abc",
                "/teams/{id}/invitations/{invitation_token}",
                "/teams/7/invitations/{invitation_token}",
            ),
            ("/reset/abc/", "/reset/{code:[a-z]+}/", "/reset/{code}/"),
            ("/files/a/b", "/files/{key:.*}", "/files/{key:.*}"),
            ("/users/7", "/users/{id}", "/users/7"),
            ("/tokens/7", "/tokens/{id}", "/tokens/7"),
            ("/keyboards/7", "/keyboards/{keyboard}", "/keyboards/7"),
        ] {
            assert_eq!(shown(path, Some(pattern)), wanted);
            assert_eq!(shown(path, None), path);
        }
    }
}
