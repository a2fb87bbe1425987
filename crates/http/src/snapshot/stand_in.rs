//! A request in place of one that is lost.

use actix_http::Request;
use actix_service::{IntoServiceFactory as _, Service as _, ServiceFactory as _};
use actix_web::{
    App, HttpRequest,
    dev::{AppConfig, RequestHead},
};
use futures_util::FutureExt as _;

/// Makes a request with this head. It never meets a handler.
///
/// actix-web makes requests nowhere but in an application, so this one passes through an application without routes. That
/// application keeps no reference to it: dropped, it stops reusing requests.
pub(super) fn stand_in(head: impl FnOnce(&mut RequestHead)) -> Option<HttpRequest> {
    let application = App::new().into_factory().new_service(AppConfig::default()).now_or_never()?.ok()?;
    let mut request = Request::new();
    head(request.head_mut());
    let response = application.call(request).now_or_never()?.ok()?;
    Some(response.into_parts().0)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::*;

    #[test]
    fn a_stand_in_has_the_head_it_was_given() {
        let request = stand_in(|head| {
            head.method = Method::PATCH;
            head.uri = "/books/1?x=2".parse().unwrap();
        });
        let request = request.unwrap();
        assert_eq!(
            (request.method(), request.path(), request.query_string()),
            (&Method::PATCH, "/books/1", "x=2")
        );
    }
}
