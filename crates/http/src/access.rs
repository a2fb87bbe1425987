//! Access control: who is calling, and whether they may.

mod authenticator;
mod caller;
mod forbidden;
#[cfg(feature = "rate-limit")]
mod limits;
mod verified;

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpResponse,
    dev::ServiceRequest,
    http::{Method, header::ALLOW},
};
use palisade_core::{Error, ErrorKind, Principal};

use crate::{
    Rejection,
    layer::{Layer, Next, Outcome, refuse},
    routes::{Access, Route, RouteTable},
};
pub use authenticator::{Authenticating, Authenticator, Freshness};
pub use caller::{Caller, missing_token};
use forbidden::Forbidden;
#[cfg(feature = "rate-limit")]
pub use limits::callers;

/// The layer that lets a request through to its handler, or not. It enforces what the API document says of each route, and
/// puts the verified [`Principal`] into the request's extensions, where [`Caller`] finds it.
///
/// Everything is refused that is not declared: a path no route matches is 404, a method the path does not
/// declare 405, a route whose declaration says nothing of security 403. None of these reaches a handler.
///
/// It must be wrapped around the whole application, so that no route stands outside of it.
pub struct AccessControl {
    authenticator: Arc<dyn Authenticator>,
    routes: Arc<RouteTable>,
}

impl AccessControl {
    /// Access control by this table, for the callers whom `authenticator` verifies.
    #[must_use]
    pub fn new(authenticator: Arc<dyn Authenticator>, routes: Arc<RouteTable>) -> Self {
        Self { authenticator, routes }
    }
}

impl Layer for AccessControl {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        match self.admit(&request).await {
            Err(error) => refuse(request, error),
            Ok(Verdict::Pass) => {
                let outcome = next.call(request).await;
                if let Ok(response) = &outcome {
                    forbidden::log_refusal(response);
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

impl AccessControl {
    async fn admit(&self, request: &ServiceRequest) -> Result<Verdict, Rejection> {
        let route = self.routes.matched(request).ok_or(ErrorKind::NotFound)?;
        match route.access(request.method()) {
            Access::Public => {}
            Access::Caller(permissions) => {
                let caller = verified::caller(&*self.authenticator, request).await?;
                if let Err(error) = self.check_permissions(&caller, permissions) {
                    let permission = permissions.iter().find(|permission| !caller.may(permission));
                    let permission = permission.map(String::as_str);
                    let (route, caller) = (Some(route.pattern()), Some(&caller));
                    Forbidden::of(request.request(), route, caller).lacking(permission).log(&error);
                    return Err(error.into());
                }
                request.extensions_mut().insert(caller);
            }
            Access::Undeclared => return Ok(undeclared(request.method(), &route)?),
        }
        Ok(Verdict::Pass)
    }

    fn check_permissions(&self, caller: &Principal, permissions: &[String]) -> Result<(), Error> {
        if permissions.is_empty() {
            self.authenticator.permission_checked("caller", true);
        }
        for permission in permissions {
            self.authenticator.permission_checked(permission, caller.may(permission));
        }
        if permissions.iter().all(|permission| caller.may(permission)) {
            return Ok(());
        }
        // RFC 6750 §3.1: the challenge names what would be enough.
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{}""#, permissions.join(" "));
        Err(Error::forbidden("You lack the permission for this")
            .with_reason("auth.missing_permission")
            .with_header("www-authenticate", challenge))
    }
}

/// A route that does not take the method, or one of which the document does not say who may call it.
fn undeclared(method: &Method, route: &Route) -> Result<Verdict, Error> {
    let allowed = route.allowed();
    if route.has(method) || allowed.is_empty() {
        tracing::error!(pattern = route.pattern(), "auth.undeclared_route");
        return Err(ErrorKind::Forbidden.into());
    }
    if method == Method::OPTIONS {
        return Ok(Verdict::Options(allowed.join(", ")));
    }
    Err(Error::from(ErrorKind::MethodNotAllowed).with_header("allow", allowed.join(", ")))
}

impl std::fmt::Debug for AccessControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessControl").finish_non_exhaustive()
    }
}
