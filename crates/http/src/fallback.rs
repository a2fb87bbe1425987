//! The answer where no route takes the request.

use std::{sync::Arc, time::Duration};

use actix_router::Url;
use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::{Method, header::ALLOW},
    web,
};
use palisade_core::{Error, ErrorKind};

use crate::{Rejection, routes::RouteTable};

/// The default service of an app whose routes stand in `table`: 404 for an address that is none, 405 with
/// `Allow` for one that does not take the method (RFC 9110 §15.5.6), 204 with `Allow` for `OPTIONS` on one that
/// exists.
///
/// ```
/// # use std::sync::Arc;
/// # use palisade_http::{fallback, routes::RouteTable};
/// let table = Arc::new(RouteTable::default());
/// let app = actix_web::App::new().default_service(fallback::service(table));
/// # let _ = app;
/// ```
#[must_use]
pub fn service(table: Arc<RouteTable>) -> Route {
    web::to(move |request: HttpRequest| {
        let answer = answer(&table, &request);
        async move { answer }
    })
}

/// When a client may try again a server that is starting.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// The default service of an app that answers while the program is starting: 503 with `Retry-After`.
///
/// ```
/// let app = actix_web::App::new().default_service(palisade_http::fallback::while_starting());
/// # let _ = app;
/// ```
#[must_use]
pub fn while_starting() -> Route {
    web::to(async || -> crate::Result<HttpResponse> {
        Err(Error::unavailable("The server is starting", TRY_AGAIN).into())
    })
}

fn answer(table: &RouteTable, request: &HttpRequest) -> crate::Result<HttpResponse> {
    // As the router reads it: `/%61` is `/a`.
    let url = Url::new(request.uri().clone());
    let route = table.find(url.path()).ok_or(ErrorKind::NotFound)?;
    let allowed = route.allowed().join(", ");
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed)).finish());
    }
    Err(Rejection::from(Error::from(ErrorKind::MethodNotAllowed).with_header("allow", allowed)))
}
