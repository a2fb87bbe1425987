//! The health routes, on both listeners.

use palisade_testkit::{TestApp, TestDatabase};
use serde_json::json;

use crate::support::{app_on, on_each_database};

on_each_database! {
    a_healthy_server_says_so_everywhere;
}

async fn a_healthy_server_says_so_everywhere(database: TestDatabase) {
    let app = app_on(&database).await;
    let alive = app.get("/health").await.expect(200);
    assert_eq!(
        (alive.text().as_str(), alive.header("content-type")),
        (r#"{"status":"ok"}"#, "application/json")
    );
    for probe in ["live", "ready", "startup"] {
        let answer = app.get(&format!("/api/v1/health/{probe}")).await.expect(200);
        assert_eq!(answer.json()["status"], "ok", "{probe}");
    }
    for path in ["/ready", "/live"] {
        let probe = app.get(path).await.expect(200);
        assert_eq!(probe.json(), json!({"status": "ok", "checks": {"db": "ok"}}), "{path}");
    }
    let ready = app.get("/api/v1/health/ready").await.expect(200);
    assert_eq!(ready.json(), json!({"status": "ok", "checks": {"db": "ok"}}));
    assert!(ready.header("cache-control").contains("no-store"), "{:?}", ready.headers);

    let summary = app.get("/api/v1/health").await.expect(200).json();
    assert_eq!((&summary["status"], &summary["database"]), (&json!("healthy"), &json!("connected")));
    assert_eq!((&summary["environment"], &summary["checks"]), (&json!("test"), &json!({"db": "ok"})));
    assert_eq!(summary["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn the_service_tells_what_it_is_and_where_its_documents_are() {
    let app = TestApp::spawn().await;
    let meta = app.get("/api/v1/meta").await.expect(200).json();
    let links = json!({
        "health": "/api/v1/health", "errors": "/errors",
        "openapi": "/openapi.json", "docs": "/docs", "redoc": "/redoc",
    });
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(meta, json!({"name": "palisade", "version": version, "environment": "test", "links": links}));
    for link in links.as_object().unwrap().values() {
        app.get(link.as_str().unwrap()).await.expect(200);
    }
    let without = TestApp::builder().set("app.docs_enabled", false).spawn().await;
    let meta = without.get("/api/v1/meta").await.expect(200).json();
    assert_eq!(meta["links"], json!({"health": "/api/v1/health", "errors": "/errors"}));
}

#[tokio::test]
async fn the_management_listener_has_the_same_probes_and_no_api() {
    let app = TestApp::spawn().await;
    let management = app.management().expect("a management listener");
    let url = |path: &str| format!("http://{management}{path}");
    assert_eq!(app.get(&url("/health")).await.expect(200).text(), r#"{"status":"ok"}"#);
    for path in ["/live", "/ready", "/health/live", "/health/ready", "/health/startup"] {
        assert_eq!(app.get(&url(path)).await.expect(200).json()["status"], "ok", "{path}");
    }
    for path in ["/api/v1/users/me", "/api/v1/auth/login", "/docs", "/setup/x"] {
        let answer = app.get(&url(path)).await.expect(404);
        assert_eq!(crate::errors::problems_of(&answer, crate::errors::Form::Envelope), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_management_listener_can_be_off() {
    let app = TestApp::builder().set("management.enabled", false).spawn().await;
    assert_eq!(app.management(), None);
    app.get("/health").await.expect(200);
}
