//! The layer that lets a request through to its handler, or not.

use std::sync::Arc;

use actix_web::{
    Error as ActixError, HttpMessage,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse},
    http::{Method, header::AUTHORIZATION},
};
use palisade_core::{Error, Kind, Principal};
use palisade_http::{
    Rejection,
    layer::{Layer, Layered},
    routes::{Access as Declared, RouteTable},
};

use super::{authorization::Authorization, caller::missing_token};
use crate::{Auth, Error as AuthError};

/// Enforces what the API document says of each route; it puts the verified
/// [`Principal`](palisade_core::Principal) into the request's extensions, where [`Caller`](super::Caller)
/// finds it.
///
/// Everything is refused that is not declared: a path no route matches is 404, a method the path does not
/// declare 405, a route whose declaration says nothing of security 403. None of these reaches a handler.
#[derive(Debug)]
pub struct Access {
    auth: Auth,
    routes: Arc<RouteTable>,
}

/// [`Access`] by this table, to be wrapped around the scope that holds the routes.
#[must_use]
pub fn access(auth: Auth, routes: Arc<RouteTable>) -> Layered<Access> {
    Layered::new(Access { auth, routes })
}

impl Layer for Access {
    type Body<B: MessageBody + 'static> = B;

    async fn handle<S, B>(
        &self,
        request: ServiceRequest,
        next: &S,
    ) -> Result<ServiceResponse<B>, ActixError>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = ActixError>,
        B: MessageBody + 'static,
    {
        self.admit(&request).await.map_err(Rejection::from)?;
        next.call(request).await
    }
}

impl Access {
    async fn admit(&self, request: &ServiceRequest) -> Result<(), Error> {
        // The path as the router sees it, percent-decoded. `match_pattern()` of a request that is not yet
        // routed goes by the raw path, in which `/%61pi` is no route and would slip through.
        let path = request.match_info().as_str();
        let pattern = request.resource_map().match_pattern(path).ok_or(Kind::NotFound)?;
        match self.routes.access(declared_method(request.method()), &pattern) {
            Some(Declared::Public) => Ok(()),
            Some(Declared::Caller(permissions)) => {
                let caller = self.authenticate(request).await?;
                check_permissions(&caller, permissions)?;
                request.extensions_mut().insert(caller);
                Ok(())
            }
            Some(Declared::Undeclared) => Err(undeclared(&pattern)),
            None => Err(self.other_method(&pattern)),
        }
    }

    async fn authenticate(&self, request: &ServiceRequest) -> Result<Principal, Error> {
        let values = request.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes());
        match Authorization::parse(values) {
            Authorization::Bearer(token) => self.auth.authenticate(token).await,
            Authorization::Missing => Err(missing_token()),
            Authorization::Malformed => Err(AuthError::InvalidToken.into()),
        }
    }

    /// RFC 9110 §15.5.6: the answer to an undeclared method names the declared ones.
    fn other_method(&self, pattern: &str) -> Error {
        let methods: Vec<&str> = self.routes.methods(pattern).map(Method::as_str).collect();
        if methods.is_empty() {
            return undeclared(pattern);
        }
        Error::from(Kind::MethodNotAllowed).with_header("allow", methods.join(", "))
    }
}

/// RFC 9110 §9.3.2: HEAD is GET without the content.
fn declared_method(method: &Method) -> &Method {
    if method == Method::HEAD { &Method::GET } else { method }
}

fn check_permissions(caller: &Principal, permissions: &[String]) -> Result<(), Error> {
    let Some(missing) = permissions.iter().find(|permission| !caller.may(permission)) else { return Ok(()) };
    tracing::info!(
        event = "auth.forbidden",
        user_id = %caller.user_id,
        permission = %missing,
        "a permission is missing"
    );
    // RFC 6750 §3.1: the challenge names what would be enough.
    let challenge = format!(r#"Bearer error="insufficient_scope", scope="{}""#, permissions.join(" "));
    Err(Error::forbidden("You lack the permission for this")
        .with_reason("auth.missing_permission")
        .with_header("www-authenticate", challenge))
}

fn undeclared(pattern: &str) -> Error {
    tracing::error!(event = "auth.undeclared_route", pattern, "a route says nothing of who may call it");
    Kind::Forbidden.into()
}
