//! How users are answered with.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, LOCATION},
};
use palisade_http::{
    etag::ETag,
    extract::{IfMatch, IfNoneMatch},
};

use crate::User;

/// 200 with the user.
pub(super) fn present(user: &User) -> HttpResponse {
    with_version(HttpResponse::Ok(), user).json(user)
}

/// 200 with the user, or 304 to a client that has this version already (RFC 9110 §13.1.2).
pub(super) fn found(if_none_match: &IfNoneMatch, user: &User) -> HttpResponse {
    if if_none_match.has(&etag(user)) {
        with_version(HttpResponse::NotModified(), user).finish()
    } else {
        present(user)
    }
}

/// 201 with the user and where it is found. The path is made from the matched pattern, of which `route` is the
/// end, so that it holds under every prefix.
pub(super) fn created(request: &HttpRequest, route: &str, user: &User) -> HttpResponse {
    let pattern = request.match_pattern().unwrap_or_default();
    let prefix = pattern.strip_suffix(route).unwrap_or_default();
    with_version(HttpResponse::Created(), user)
        .insert_header((LOCATION, format!("{prefix}/users/{}", user.id)))
        .json(user)
}

/// What the client expects of the user that it changes (RFC 9110 §13.1.1).
pub(super) fn expected(if_match: IfMatch) -> impl Fn(&User) -> bool {
    move |user| if_match.check(&etag(user)).is_ok()
}

/// The id is in the tag because `/users/me` is a resource of each caller: the same version of two users must not
/// look alike.
fn etag(user: &User) -> ETag {
    ETag::of(format!("{} {}", user.id, user.version.number()))
}

/// `no-cache` lets a browser keep the answer and makes it ask each time whether it still holds (RFC 9111 §5.2.2.4);
/// `private` keeps it out of everyone else's cache.
fn with_version(mut response: HttpResponseBuilder, user: &User) -> HttpResponseBuilder {
    response.insert_header(etag(user)).insert_header((CACHE_CONTROL, "private, no-cache"));
    response
}
