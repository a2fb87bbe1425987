//! The documents: complete, true, and at home on a machine without a network.

mod agreement;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use palisade_core::error::CATALOGUE;
use palisade_testkit::TestApp;
use serde_json::Value;

async fn document(app: &TestApp) -> Value {
    app.get("/openapi.json").await.expect(200).json()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{} {path}", method.to_uppercase()), operation.clone()));
        }
    }
    operations
}

#[tokio::test]
async fn every_operation_tells_its_errors_its_security_and_its_purpose() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let (mut findings, mut ids) = (Vec::new(), BTreeSet::new());
    for (name, operation) in operations(&document) {
        let responses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        for class in ["2", "4", "5"] {
            if !responses.iter().any(|status| status.starts_with(class)) {
                findings.push(format!("{name} documents no {class}xx"));
            }
        }
        let Some(security) = operation["security"].as_array() else {
            findings.push(format!("{name} says nothing of security"));
            continue;
        };
        let guarded =
            security.iter().any(|scheme| scheme.as_object().is_some_and(|scheme| !scheme.is_empty()));
        if guarded && !responses.iter().any(|status| *status == "401") {
            findings.push(format!("{name} needs a token and documents no 401"));
        }
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() || !ids.insert(id) {
            findings.push(format!("{name} has no operation id of its own"));
        }
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            findings.push(format!("{name} has no summary"));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[tokio::test]
async fn the_routes_of_the_contract_are_documented() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    let documented: BTreeSet<String> = operations(&document).into_iter().map(|(name, _)| name).collect();
    for route in [
        "GET /ready",
        "GET /live",
        "GET /health",
        "GET /api/v1/health",
        "GET /api/v1/health/live",
        "GET /api/v1/health/ready",
        "GET /api/v1/health/startup",
        "POST /api/v1/auth/register",
        "POST /api/v1/auth/login",
        "POST /auth/login",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/logout",
        "POST /api/v1/auth/logout-all",
        "GET /api/v1/auth/sessions",
        "DELETE /api/v1/auth/sessions/{id}",
        "POST /api/v1/auth/password/change",
        "GET /api/v1/users/me",
        "PATCH /api/v1/users/me",
        "GET /api/v1/users/{id}",
        "PATCH /api/v1/users/{id}",
        "DELETE /api/v1/users/{id}",
        "GET /api/v1/users",
        "POST /api/v1/users",
    ] {
        assert!(documented.contains(route), "{route} is not among {documented:#?}");
    }
}

#[tokio::test]
async fn every_probe_is_answered_when_others_are_refused() {
    let document = document(&TestApp::spawn().await).await;
    let probes = operations(&document).into_iter().filter(|(_, operation)| operation["tags"][0] == "health");
    let exempt: BTreeMap<String, bool> =
        probes.map(|(name, operation)| (name, operation["x-exempt-from-limits"] == true)).collect();
    assert!(exempt.len() == 7 && exempt.values().all(|exempt| *exempt), "{exempt:?}");
}

#[tokio::test]
async fn each_documented_route_is_served_and_asks_for_what_it_says() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    for (name, operation) in operations(&document) {
        let (method, path) = name.split_once(' ').unwrap();
        let path =
            path.replace("{id}", "01890000-0000-7000-8000-000000000000").replace("{slug}", "not-found");
        let answer = app.call(method.parse().unwrap(), &path).await;
        let guarded =
            operation["security"].as_array().unwrap().iter().any(|scheme| scheme["bearer"].is_array());
        assert_ne!(answer.status, 405, "{name}");
        assert_eq!(answer.status == 401, guarded, "{name}: {}", answer.status);
        let documented = operation["responses"].get(answer.status.to_string()).is_some();
        assert!(documented, "{name} answers {} and does not document it", answer.status);
    }
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    let mut missing = BTreeSet::new();
    references(&document, &mut |reference| {
        if reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer)).is_none() {
            missing.insert(reference.to_owned());
        }
    });
    assert!(missing.is_empty(), "{missing:?}");
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => found(reference),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_pages_need_nothing_from_another_host() {
    let app = TestApp::spawn().await;
    for page in ["/docs", "/redoc"] {
        let mut target = page.to_owned();
        let mut answer = app.get(&target).await;
        while (300..400).contains(&answer.status) {
            target = answer.header("location").trim_start_matches(&app.url("")).to_owned();
            answer = app.get(&target).await;
        }
        let html = answer.expect(200);
        assert!(html.header("content-type").starts_with("text/html"), "{:?}", html.headers);
        for link in links(&html.text()) {
            assert!(!link.starts_with("http") && !link.starts_with("//"), "{page} loads {link}");
            let path = if link.starts_with('/') { link } else { format!("{}/{link}", parent(&target)) };
            let loaded = app.get(&path.replace("/./", "/")).await.expect(200);
            assert!(!loaded.body.is_empty(), "{page} loads nothing from {path}");
            // A sheet or script that loads more from elsewhere is no better.
            assert!(!loaded.text().contains("@import url(http"), "{path}");
        }
        assert!(!html.text().contains("fonts.googleapis"), "{page}");
    }
}

/// The folder that relative links of a page start from.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What a page loads by `src` and `href`.
fn links(html: &str) -> Vec<String> {
    let mut links = Vec::new();
    for attribute in ["src=", "href="] {
        for part in html.split(attribute).skip(1) {
            let quote = part.chars().next().unwrap_or(' ');
            let end = if matches!(quote, '"' | '\'') { quote } else { '>' };
            let link = part.trim_start_matches(quote).split([end, ' ']).next().unwrap_or_default();
            links.push(link.to_owned());
        }
    }
    links.retain(|link| !link.is_empty() && !link.starts_with('#') && !link.starts_with("data:"));
    links
}

#[tokio::test]
async fn each_error_of_the_catalogue_has_its_page() {
    let app = TestApp::spawn().await;
    for entry in CATALOGUE {
        let page = app.get(&format!("/errors/{}", entry.kind.slug())).await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"), "{:?}", page.headers);
        let text = page.text();
        assert!(text.contains(entry.title) && text.contains(entry.code), "{}", entry.code);
        assert!(text.contains(&entry.status.to_string()), "{}", entry.code);
    }
    app.get("/errors/nothing").await.expect(404);
    app.get("/errors/not_found").await.expect(404);
}

#[tokio::test]
async fn the_prefix_of_the_api_can_be_another() {
    let app = TestApp::builder().set("app.api_prefix", "/service/v3").spawn().await;
    app.get("/service/v3/users/me").await.expect(401);
    app.get("/api/v1/users/me").await.expect(404);
    app.get("/health").await.expect(200);
    let document = document(&app).await;
    assert!(document["paths"].get("/service/v3/users/me").is_some());
}
