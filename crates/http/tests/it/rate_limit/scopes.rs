//! Which requests the limit of a whole API counts.

use actix_web::{
    App, HttpResponse,
    http::Method,
    web::{self, ServiceConfig},
};
use palisade_http::{
    Layer as _,
    rate_limit::{RateLimit, limit},
};
use palisade_ratelimit::Quota;

use super::desk::{Desk, from, ok, remaining};

fn routes(config: &mut ServiceConfig) {
    config.route("/health", web::get().to(ok)).route("/healthy", web::get().to(ok)).service(
        web::scope("/api/v1")
            .route("/health", web::get().to(ok))
            .route("/health/live", web::get().to(ok))
            .route("/healthy", web::get().to(ok))
            .route("/users/{id}", web::get().to(ok))
            .route("/reports/{id}", web::get().to(ok)),
    );
}

fn api(requests: u32) -> RateLimit {
    limit("api", Quota::per_minute(requests)).within("/api/v1").except("/api/v1/health")
}

async fn is_counted(path: &str) -> bool {
    let app = App::new().configure(routes).wrap(api(60).layered());
    let answer = Desk::new().serve(app).await.get(path).await;
    answer.header("x-ratelimit-remaining").is_some()
}

#[actix_web::test]
async fn the_api_is_counted_whatever_its_path_is_spelled_like() {
    for path in [
        "/api/v1/users/7",
        "/%61pi/v1/users/7",
        "/api/%76%31/users/7",
        "/a%70i/v1/%75sers/7?page=2",
        "/api/v1/healthy",
        "/api/v1/users/health",
        "/api/v1/health%2Flive",
    ] {
        assert!(is_counted(path).await, "{path}");
    }
}

#[actix_web::test]
async fn who_looks_for_routes_that_are_not_there_is_counted() {
    for path in ["/api/v1", "/api/v1/", "/api/v1/admin", "/api/v1//users/7", "/%61pi/v1/.env"] {
        assert!(is_counted(path).await, "{path}");
    }
}

#[actix_web::test]
async fn health_and_what_is_outside_never_are() {
    for path in [
        "/health",
        "/healthy",
        "/api/v1/health",
        "/api/v1/health/live",
        "/%61pi/v1/%68ealth",
        "/api/v2/users/7",
        "/api/v1x",
        "/nowhere",
    ] {
        assert!(!is_counted(path).await, "{path}");
    }
}

#[actix_web::test]
async fn all_spellings_are_one_count() {
    let app = Desk::new().serve(App::new().configure(routes).wrap(api(2).layered())).await;
    let mut statuses = Vec::new();
    for path in
        ["/api/v1/users/7", "/%61pi/v1/users/7", "/api/v1/%75sers/7", "/api/v1/nowhere", "/api/v1/health"]
    {
        statuses.push(app.get(path).await.status);
    }
    assert_eq!(statuses, [200, 200, 429, 429, 200]);
}

#[actix_web::test]
async fn every_method_is_counted() {
    let app = Desk::new().serve(App::new().configure(routes).wrap(api(60).layered())).await;
    for (left, method) in [Method::HEAD, Method::OPTIONS, Method::DELETE, Method::GET].into_iter().enumerate()
    {
        let request = from("203.0.113.9").uri("/api/v1/users/7").method(method);
        assert_eq!(usize::try_from(remaining(&app.call(request).await)).unwrap(), 59 - left);
    }
}

#[actix_web::test]
async fn a_route_may_cost_more_of_the_api_s_limit() {
    let limit = api(10).cost_of("/api/v1/reports/{id}", 5);
    let app = Desk::new().serve(App::new().configure(routes).wrap(limit.layered())).await;
    assert_eq!(remaining(&app.get("/api/v1/users/7").await), 9);
    assert_eq!(remaining(&app.get("/api/v1/reports/7").await), 4);
    assert_eq!(app.get("/api/v1/%72eports/7").await.status, 429);
    assert_eq!(app.get("/api/v1/users/7").await.status, 200);
}

#[actix_web::test]
async fn a_refusal_comes_before_what_stands_inside() {
    let gate = |request: actix_web::dev::ServiceRequest| async {
        Ok::<_, actix_web::Error>(request.into_response(HttpResponse::Unauthorized()))
    };
    let app = App::new().configure(routes).wrap_fn(move |request, _| gate(request)).wrap(api(2).layered());
    let app = Desk::new().serve(app).await;
    assert_eq!(app.statuses("/api/v1/users/7", 4).await, [401, 401, 429, 429]);
}
