//! The layer that lets a request through to its handler, or not.

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header::ALLOW},
};
use palisade_core::{Error, Kind, Principal};
use palisade_http::{
    Rejection,
    client_address::ClientIp,
    layer::{Layer, Next, Outcome, refuse},
    routes::{Access as Declared, Route, RouteTable},
};

use super::verified;
use crate::{Auth, audit::Forbidden};

/// Enforces what the API document says of each route; it puts the verified
/// [`Principal`](palisade_core::Principal) into the request's extensions, where [`Caller`](super::Caller)
/// finds it.
///
/// Everything is refused that is not declared: a path no route matches is 404, a method the path does not
/// declare 405, a route whose declaration says nothing of security 403. None of these reaches a handler.
pub struct Access {
    auth: Auth,
    routes: Arc<RouteTable>,
}

/// [`Access`] by this table, to be wrapped around the whole app, so that no route stands outside of it.
#[must_use]
pub fn access(auth: Auth, routes: Arc<RouteTable>) -> Access {
    Access { auth, routes }
}

impl Layer for Access {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        match self.admit(&request).await {
            Err(error) => refuse(request, error),
            Ok(Verdict::Pass) => {
                let outcome = next.call(request).await;
                if let Ok(response) = &outcome {
                    tell_of_refusal(response);
                }
                outcome
            }
            Ok(Verdict::Options(allow)) => {
                let response = HttpResponse::NoContent().insert_header((ALLOW, allow)).finish();
                Ok(request.into_response(response))
            }
        }
    }
}

/// What becomes of a request that is not refused.
enum Verdict {
    /// It goes on to its handler.
    Pass,
    /// It only asked for the methods (RFC 9110 §9.3.7), which are these.
    Options(String),
}

impl Access {
    async fn admit(&self, request: &ServiceRequest) -> Result<Verdict, Rejection> {
        let route = self.routes.matched(request).ok_or(Kind::NotFound)?;
        match route.access(request.method()) {
            Declared::Public => {}
            Declared::Caller(permissions) => {
                let caller = verified::caller(&self.auth, request).await?;
                if let Err(error) = self.auth.check_permissions(&caller, permissions) {
                    let permission = permissions.iter().find(|permission| !caller.may(permission));
                    let permission = permission.map(String::as_str);
                    let (route, caller) = (Some(route.pattern()), Some(&caller));
                    Forbidden { permission, ..forbidden(request.request(), route, caller) }.tell(&error);
                    return Err(error.into());
                }
                request.extensions_mut().insert(caller);
            }
            Declared::Undeclared => return Ok(undeclared(request.method(), &route)?),
        }
        Ok(Verdict::Pass)
    }
}

/// Tells of a request that a handler or a service has refused, whichever it was: a route that forgets to tell is none.
fn tell_of_refusal(response: &ServiceResponse) {
    if response.status() != StatusCode::FORBIDDEN {
        return;
    }
    let Some(rejection) = Rejection::of(response.response()) else { return };
    let request = response.request();
    let route = request.match_pattern();
    let extensions = request.extensions();
    forbidden(request, route.as_deref(), extensions.get()).tell(rejection.error());
}

fn forbidden<'a>(
    request: &'a HttpRequest,
    route: Option<&'a str>,
    caller: Option<&'a Principal>,
) -> Forbidden<'a> {
    Forbidden {
        caller,
        ip: ClientIp::of(request).0,
        method: request.method().as_str(),
        route,
        resource_id: request.match_info().get("id"),
        permission: None,
    }
}

/// A route that does not take the method, or one of which the document does not say who may call it.
fn undeclared(method: &Method, route: &Route) -> Result<Verdict, Error> {
    let allowed = route.allowed();
    if route.has(method) || allowed.is_empty() {
        tracing::error!(pattern = route.pattern(), "auth.undeclared_route");
        return Err(Kind::Forbidden.into());
    }
    if method == Method::OPTIONS {
        return Ok(Verdict::Options(allowed.join(", ")));
    }
    Err(Error::from(Kind::MethodNotAllowed).with_header("allow", allowed.join(", ")))
}

impl Auth {
    fn check_permissions(&self, caller: &Principal, permissions: &[String]) -> Result<(), Error> {
        let checks = &self.metrics().get().permissions;
        if permissions.is_empty() {
            checks.with(["caller", "granted"]).increment();
        }
        for permission in permissions {
            let outcome = if caller.may(permission) { "granted" } else { "denied" };
            checks.with([permission, outcome]).increment();
        }
        check_permissions(caller, permissions)
    }
}

fn check_permissions(caller: &Principal, permissions: &[String]) -> Result<(), Error> {
    if permissions.iter().all(|permission| caller.may(permission)) {
        return Ok(());
    }
    // RFC 6750 §3.1: the challenge names what would be enough.
    let challenge = format!(r#"Bearer error="insufficient_scope", scope="{}""#, permissions.join(" "));
    Err(Error::forbidden("You lack the permission for this")
        .with_reason("auth.missing_permission")
        .with_header("www-authenticate", challenge))
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("auth", &self.auth).finish_non_exhaustive()
    }
}
