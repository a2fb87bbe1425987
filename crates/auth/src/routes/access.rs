//! The layer that lets a request through to its handler, or not.

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpResponse,
    dev::ServiceRequest,
    http::{Method, header::ALLOW},
};
use palisade_core::{Error, Kind, Principal};
use palisade_http::{
    Rejection,
    layer::{Layer, Next, Outcome, refuse},
    routes::{Access as Declared, Route, RouteTable},
};

use super::verified;
use crate::Auth;

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
            Ok(Verdict::Pass) => next.call(request).await,
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
                self.auth.check_permissions(&caller, permissions)?;
                request.extensions_mut().insert(caller);
            }
            Declared::Undeclared => return Ok(undeclared(request.method(), &route)?),
        }
        Ok(Verdict::Pass)
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
    let Some(missing) = permissions.iter().find(|permission| !caller.may(permission)) else { return Ok(()) };
    tracing::info!(user_id = %caller.user_id, permission = %missing, "auth.forbidden");
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
