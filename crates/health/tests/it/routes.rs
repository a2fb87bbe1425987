//! The answers of the health routes.

use std::sync::Arc;

use actix_web::{
    App,
    body::to_bytes,
    test::{TestRequest, call_service, init_service},
    web::Data,
};
use palisade_core::{Environment, ManualClock};
use palisade_health::{Lifecycle, routes, routes::Health};
use palisade_http::KeepBody;
use serde_json::{Value, json};
use utoipa_actix_web::AppExt;

use crate::parts::{FRESH, Mood, Part, registry};

struct House {
    health: Data<Health>,
    clock: Arc<ManualClock>,
    db: Arc<Part>,
    redis: Arc<Part>,
}

impl House {
    fn ready() -> Self {
        let (clock, db, redis) =
            (Arc::new(ManualClock::default()), Part::critical("db"), Part::minor("redis"));
        let health = Data::new(Health {
            registry: registry(&clock, &[&db, &redis]),
            lifecycle: Lifecycle::starting(),
            version: "1.2.3",
            environment: Environment::Test,
        });
        health.lifecycle.ready();
        Self { health, clock, db, redis }
    }

    /// Status and text of what `GET path` gives.
    async fn text(&self, path: &str) -> (u16, String) {
        let prefixed = utoipa_actix_web::scope("/api/v1").configure(routes::configure);
        let app = App::new().app_data(self.health.clone()).into_utoipa_app();
        let (app, _) = app.configure(routes::configure_root).service(prefixed).split_for_parts();
        let service = init_service(app).await;
        let response = call_service(&service, TestRequest::get().uri(path).to_request()).await;
        let status = response.status().as_u16();
        assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        assert!(status < 400 || response.response().extensions().contains::<KeepBody>());
        let bytes = to_bytes(response.into_body()).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let (status, text) = self.text(&format!("/api/v1/health{path}")).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    fn later(&self) {
        self.clock.advance(FRESH);
    }
}

#[actix_web::test]
async fn health_without_prefix_is_exactly_this() {
    assert_eq!(House::ready().text("/health").await, (200, r#"{"status":"ok"}"#.to_owned()));
}

#[actix_web::test]
async fn a_ready_program_says_so() {
    let house = House::ready();
    let well = json!({"status": "ok", "checks": {"db": "ok", "redis": "ok"}});
    for path in ["/ready", "/live", "/startup"] {
        assert_eq!(house.get(path).await, (200, well.clone()), "{path}");
    }
}

#[actix_web::test]
async fn the_unprefixed_probes_answer_as_the_prefixed_ones_do() {
    let house = House::ready();
    let same = async |house: &House| {
        for path in ["/ready", "/live"] {
            let (_, prefixed) = house.text(&format!("/api/v1/health{path}")).await;
            let (status, unprefixed) = house.text(path).await;
            assert_eq!((status, &unprefixed), (house.get(path).await.0, &prefixed), "{path}");
        }
    };
    same(&house).await;
    house.health.lifecycle.drain();
    same(&house).await;
    assert_eq!((house.text("/ready").await.0, house.text("/live").await.0), (503, 200));
    assert_eq!(house.text("/health").await.0, 200);
}

#[actix_web::test]
async fn a_lost_minor_part_reads_as_degraded_and_stays_in_traffic() {
    let house = House::ready();
    house.redis.set(Mood::Broken);
    let degraded = json!({"status": "degraded", "checks": {"db": "ok", "redis": "degraded"}});
    assert_eq!(house.get("/ready").await, (200, degraded));
    let (status, summary) = house.get("").await;
    assert_eq!(
        (status, &summary["status"], &summary["database"]),
        (200, &json!("degraded"), &json!("connected"))
    );
}

#[actix_web::test]
async fn a_lost_critical_part_takes_the_program_out_of_traffic_and_leaves_it_alive() {
    let house = House::ready();
    house.db.set(Mood::Broken);
    let lost = json!({"status": "fail", "checks": {"db": "fail", "redis": "ok"}});
    assert_eq!(house.get("/ready").await, (503, lost));
    assert_eq!(house.get("/live").await.0, 200);
    assert_eq!(house.get("/startup").await.0, 200);
    let summary = json!({
        "status": "degraded", "version": "1.2.3", "environment": "test", "database": "disconnected",
        "checks": {"db": "fail", "redis": "ok"},
    });
    assert_eq!(house.get("").await, (200, summary));
    house.db.set(Mood::Well);
    house.later();
    assert_eq!(house.get("/ready").await.0, 200);
}

#[actix_web::test]
async fn no_cause_reaches_a_body() {
    let house = House::ready();
    house.db.set(Mood::Broken);
    for path in ["/ready", "/live", "/startup", ""] {
        let (_, text) = house.text(&format!("/api/v1/health{path}")).await;
        assert!(!text.contains("10.0.0.7"), "{text}");
    }
}

#[actix_web::test]
async fn a_draining_program_is_alive_and_not_ready() {
    let house = House::ready();
    house.health.lifecycle.drain();
    let (status, body) = house.get("/ready").await;
    assert_eq!((status, &body["status"]), (503, &json!("fail")));
    assert_eq!(house.get("/live").await.0, 200);
    assert_eq!(house.get("/startup").await.0, 200);
}

#[actix_web::test]
async fn a_starting_program_is_alive_and_neither_started_nor_ready() {
    let mut house = House::ready();
    let (lifecycle, clock) = (Lifecycle::starting(), house.clock.clone());
    house.health = Data::new(Health::of_a_start(lifecycle, "1.2.3", Environment::Test, clock));
    let starting = json!({"status": "starting", "checks": {}});
    assert_eq!(house.get("/ready").await, (503, starting.clone()));
    assert_eq!(house.get("/startup").await, (503, starting.clone()));
    let (status, text) = house.text("/ready").await;
    assert_eq!((status, serde_json::from_str(&text).unwrap()), (503, starting));
    assert_eq!(house.get("/live").await, (200, json!({"status": "ok", "checks": {}})));
    assert_eq!(house.text("/health").await, (200, r#"{"status":"ok"}"#.to_owned()));
    let (_, summary) = house.get("").await;
    assert_eq!((&summary["status"], summary.get("database")), (&json!("degraded"), None));
}

#[actix_web::test]
async fn liveness_asks_no_part() {
    let house = House::ready();
    house.db.set(Mood::Hanging);
    house.get("/live").await;
    house.get("/startup").await;
    assert_eq!(house.db.asked(), 0);
}

#[actix_web::test]
async fn an_application_without_a_document_has_the_same_routes() {
    let house = House::ready();
    let app = App::new().app_data(house.health.clone()).configure(routes::plain_management);
    let service = init_service(app.service(actix_web::web::scope("/api/v1").configure(routes::plain))).await;
    for path in ["/health", "/live", "/ready", "/health/startup", "/api/v1/health", "/api/v1/health/ready"] {
        let response = call_service(&service, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(response.status(), 200, "{path}");
    }
}

#[test]
fn every_route_is_public_in_the_documents() {
    let prefixed = utoipa_actix_web::scope("/api/v1").configure(routes::configure);
    let app = App::new().into_utoipa_app().configure(routes::configure_root).service(prefixed);
    let documents = serde_json::to_value(app.split_for_parts().1).unwrap();
    let paths = documents["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 7);
    for (path, operations) in paths {
        assert_eq!(operations["get"]["security"], json!([{}]), "{path}");
    }
}
