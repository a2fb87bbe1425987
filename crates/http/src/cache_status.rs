//! `X-Cache`.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::header::{HeaderName, HeaderValue},
};

use crate::layer::{EarlyResponse, Hook, Outcome};

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// Where what an answer shows came from. A handler notes it; who may see it is for the stack to say ([`ShowCache`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheStatus {
    /// From the cache.
    Hit,
    /// From where it belongs.
    Miss,
}

impl CacheStatus {
    /// Notes it on an answer.
    pub fn note(self, response: &mut HttpResponse) {
        response.extensions_mut().insert(self);
    }
}

/// The layer that shows what handlers noted, as `X-Cache: hit` or `miss`: for developers and tests. Strangers learn from
/// it what others have looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShowCache;

impl Hook for ShowCache {
    type Kept<'a> = ();

    fn before(&self, _request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        Ok(())
    }

    fn after(&self, (): (), outcome: Outcome) -> Outcome {
        let mut response = outcome?;
        let noted = response.response().extensions().get::<CacheStatus>().copied();
        if let Some(status) = noted {
            let value = match status {
                CacheStatus::Hit => "hit",
                CacheStatus::Miss => "miss",
            };
            response.headers_mut().insert(X_CACHE, HeaderValue::from_static(value));
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test, web};

    use super::*;
    use crate::Layer as _;

    async fn cached() -> HttpResponse {
        let mut response = HttpResponse::Ok().finish();
        CacheStatus::Hit.note(&mut response);
        response
    }

    #[actix_web::test]
    async fn shows_what_a_handler_noted_and_nothing_else() {
        let app = App::new()
            .route("/cached", web::get().to(cached))
            .route("/plain", web::get().to(HttpResponse::Ok))
            .wrap(ShowCache.layered());
        let app = test::init_service(app).await;
        let mut shown = Vec::new();
        for path in ["/cached", "/plain"] {
            let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            shown.push(answer.headers().get(X_CACHE).cloned());
        }
        assert_eq!(shown, [Some(HeaderValue::from_static("hit")), None]);
    }
}
