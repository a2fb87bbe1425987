//! How users are answered with.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header::LOCATION};
use palisade_cache::Lookup;
use palisade_http::{cache_status::CacheStatus, etag::ETag, extract::Preconditions, idempotency::About};

use crate::{Error, User};

/// 200 with the user.
pub(super) fn present(user: &User) -> HttpResponse {
    about(user, with_version(HttpResponse::Ok(), user).json(user))
}

/// 200 with the user, 304 to a client that has this version already (RFC 9110 §13.1.2), or 412 to one that wants
/// another (§13.1.1).
pub(super) fn found(conditions: &Preconditions, user: &User) -> Result<HttpResponse, Error> {
    match conditions.is_not_modified(&etag(user)) {
        Ok(true) => Ok(with_version(HttpResponse::NotModified(), user).finish()),
        Ok(false) => Ok(present(user)),
        Err(_) => Err(Error::Changed),
    }
}

/// 201 with the user and where it is found. The path is made from the matched pattern, of which `route` is the
/// end, so that it holds under every prefix.
pub(super) fn created(request: &HttpRequest, route: &str, user: &User) -> HttpResponse {
    let pattern = request.match_pattern().unwrap_or_default();
    let prefix = pattern.strip_suffix(route).unwrap_or_default();
    let mut response = with_version(HttpResponse::Created(), user);
    response.insert_header((LOCATION, format!("{prefix}/users/{}", user.id)));
    about(user, response.json(user))
}

/// What the client expects of the user that it changes (RFC 9110 §13.1).
pub(super) fn expected(conditions: Preconditions) -> impl Fn(&User) -> bool {
    move |user| conditions.admit(&etag(user)).is_ok()
}

/// Where the user was found.
pub(super) const fn cache_status(lookup: Lookup) -> CacheStatus {
    match lookup {
        Lookup::Hit => CacheStatus::Hit,
        Lookup::Miss => CacheStatus::Miss,
    }
}

/// The id is in the tag because `/users/me` is a resource of each caller: the same version of two users must not
/// look alike.
fn etag(user: &User) -> ETag {
    ETag::of(format!("{} {}", user.id, user.version.number()))
}

/// It says nothing of caches, so that the layer of security headers says `no-store`: personal data lies in none.
fn with_version(mut response: HttpResponseBuilder, user: &User) -> HttpResponseBuilder {
    response.insert_header(etag(user));
    response
}

fn about(user: &User, mut response: HttpResponse) -> HttpResponse {
    About(user.id).note(&mut response);
    response
}
