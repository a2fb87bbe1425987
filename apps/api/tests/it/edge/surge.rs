//! One client that asks for everything at once.

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use palisade_testkit::TestApp;
use serde_json::json;

use crate::errors::{Form, problems_of};

#[tokio::test]
async fn a_client_that_floods_is_bounded_and_another_is_served() {
    let app = TestApp::builder()
        .set("security.trusted_proxies", json!(["127.0.0.1"]))
        .set("server.max_in_flight_per_client", 2)
        .spawn()
        .await;
    app.register("ann").await;
    let body = json!({"username": "ann", "password": "wrong-Tractor-93-lamp"});
    let from = |client: &str| app.post("/api/v1/auth/login").header("x-forwarded-for", client).json(&body);
    let flood = join_all((0..40).map(|_| from("203.0.113.9").into_future()));
    let other = from("203.0.113.10").into_future();
    let (flood, other) = futures_util::future::join(flood, other).await;
    other.expect(401);
    let (refused, served): (Vec<_>, Vec<_>) = flood.iter().partition(|answer| answer.status == 429);
    assert!(!refused.is_empty() && served.iter().all(|answer| answer.status == 401), "{served:?}");
    for answer in refused {
        assert_eq!(
            (answer.code().as_str(), answer.reason().as_str()),
            ("rate_limited", "surge.too_many_in_flight")
        );
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(problems_of(answer, Form::Envelope), Vec::<String>::new());
    }
    from("203.0.113.9").await.expect(401);
}
