//! What an auditor reads in the log: who did what, who tried, and never what somebody typed.

use palisade_testkit::wait;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{Running, Setup};

const PASSWORD: &str = "violet-Tractor-93-lamp";

/// A server with the administrator `chief` and the user `ann`.
struct Office {
    running: Running,
    client: Client,
    chief: Value,
    ann: Value,
}

impl Office {
    async fn open(setup: Setup) -> Self {
        let running = setup.start().await;
        let client = Client::builder().no_proxy().build().unwrap();
        wait::until("the banner shows the link", async || running.told().contains("/setup/")).await;
        let banner = running.told();
        let link = banner.split_whitespace().find(|word| word.contains("/setup/")).unwrap().to_owned();
        let person = |name: &str| json!({"email": format!("{name}@example.com"), "username": name, "password": PASSWORD});
        let chief = client.post(link).json(&person("chief")).send().await.unwrap();
        assert_eq!(chief.status(), 201);
        let chief = chief.json().await.unwrap();
        let ann =
            client.post(running.url("/api/v1/auth/register")).json(&person("ann")).send().await.unwrap();
        let ann = ann.json().await.unwrap();
        Self { running, client, chief, ann }
    }

    async fn login(&self, name: &str) -> String {
        let pair: Value = self.try_login(name, PASSWORD).await.json().await.unwrap();
        pair["access_token"].as_str().unwrap().to_owned()
    }

    async fn try_login(&self, name: &str, password: &str) -> reqwest::Response {
        let login = json!({"username": name, "password": password});
        self.client.post(self.running.url("/api/v1/auth/login")).json(&login).send().await.unwrap()
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, String) {
        let request = self.client.request(method, self.running.url(path)).bearer_auth(token);
        let answer = if body.is_null() { request } else { request.json(&body) }.send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        (answer.status(), id)
    }

    /// The line with this message that the request of this id has caused.
    async fn told(&self, message: &str, request_id: &str) -> Value {
        self.running.logged(|line| line["message"] == message && line["request_id"] == request_id).await
    }

    /// How many of these lines there are once the request of this id is done.
    async fn count(&self, message: &str, request_id: &str) -> usize {
        self.told("http.request", request_id).await;
        let log = self.running.log();
        log.iter().filter(|line| line["message"] == message && line["request_id"] == request_id).count()
    }
}

#[tokio::test]
async fn a_failed_sign_in_tells_the_address_and_the_account_if_there_is_one() {
    let office = Office::open(Setup::new()).await;
    for (name, password, user_id, reason) in [
        ("ann", "not-her-password", &office.ann["id"], "wrong_password"),
        ("no-such-canary", "my-Canary-password", &Value::Null, "unknown_account"),
    ] {
        let answer = office.try_login(name, password).await;
        assert_eq!(answer.status(), 401);
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        let line = office.told("auth.login_failed", id).await;
        assert_eq!(
            (&line["ip"], &line["user_id"], &line["reason"]),
            (&json!("127.0.0.1"), user_id, &json!(reason))
        );
    }
    let log = format!("{:?}", office.running.log());
    assert!(!log.contains("no-such-canary") && !log.contains("Canary-password"), "{log}");
    let answer = office.try_login("ann", PASSWORD).await;
    let line = office.told("auth.login", answer.headers()["x-request-id"].to_str().unwrap()).await;
    assert_eq!((&line["ip"], &line["user_id"]), (&json!("127.0.0.1"), &office.ann["id"]));
}

#[tokio::test]
async fn every_refused_authorisation_is_told_with_its_reason() {
    let office = Office::open(Setup::new()).await;
    let token = office.login("ann").await;
    let (ann, chief) = (office.ann["id"].as_str().unwrap(), office.chief["id"].as_str().unwrap());
    let (own, other) = (format!("/api/v1/users/{ann}"), format!("/api/v1/users/{chief}"));
    for (method, path, body, reason, permission) in [
        (Method::GET, "/api/v1/users", Value::Null, "auth.missing_permission", json!("users:read")),
        (Method::GET, &other, Value::Null, "users.not_yours", Value::Null),
        (Method::PATCH, &other, json!({"name": "x"}), "users.not_yours", Value::Null),
        (Method::PATCH, &own, json!({"roles": ["admin"]}), "users.field_forbidden", Value::Null),
        (Method::PATCH, &own, json!({"status": "disabled"}), "users.field_forbidden", Value::Null),
    ] {
        let (status, id) = office.call(method, path, &token, body).await;
        assert_eq!(status, 403, "{path}");
        let line = office.told("auth.forbidden", &id).await;
        assert_eq!(line["reason"], reason, "{line}");
        assert_eq!((&line["user_id"], &line["ip"]), (&office.ann["id"], &json!("127.0.0.1")), "{line}");
        assert_eq!(line["permission"], permission, "{line}");
        assert_eq!(office.count("auth.forbidden", &id).await, 1);
        let wanted = path.strip_prefix("/api/v1/users/").map_or(Value::Null, Value::from);
        assert_eq!(line["resource_id"], wanted, "{line}");
    }
}

#[tokio::test]
async fn a_refused_token_is_told() {
    let office = Office::open(Setup::new()).await;
    let token = office.login("ann").await;
    office.call(Method::POST, "/api/v1/auth/logout-all", &token, Value::Null).await;
    let forged = format!("{}x", &token[..token.len() - 1]);
    for (token, wanted) in
        [(forged.as_str(), &Value::Null), ("forged", &Value::Null), (&token, &office.ann["id"])]
    {
        let (status, id) = office.call(Method::GET, "/api/v1/users/me", token, Value::Null).await;
        assert_eq!(status, 401);
        let line = office.told("auth.token_refused", &id).await;
        assert_eq!((&line["level"], &line["user_id"]), (&json!("INFO"), wanted), "{line}");
        assert!(line["reason"].is_string(), "{line}");
    }
    let refresh = json!({"refresh_token": "prt_nonsense"});
    let (status, id) = office.call(Method::POST, "/api/v1/auth/refresh", "", refresh).await;
    assert_eq!(status, 401);
    office.told("auth.refresh_refused", &id).await;
}

#[tokio::test]
async fn ended_sessions_are_told_once() {
    let office = Office::open(Setup::new()).await;
    let (first, _second) = (office.login("ann").await, office.login("ann").await);
    let change = json!({"current_password": PASSWORD, "new_password": "amber-Heron-58-wades"});
    let (status, id) = office.call(Method::POST, "/api/v1/auth/password/change", &first, change).await;
    assert_eq!(status, 204);
    assert_eq!(office.count("auth.sessions_ended", &id).await, 1);
    let line = office.told("auth.sessions_ended", &id).await;
    assert_eq!((&line["user_id"], &line["count"]), (&office.ann["id"], &json!(1)), "{line}");
    let (status, id) = office.call(Method::POST, "/api/v1/auth/logout-all", &first, Value::Null).await;
    assert_eq!(status, 204);
    assert_eq!(office.count("auth.sessions_ended", &id).await, 1);
}

#[tokio::test]
async fn a_changed_user_is_told_by_its_fields_and_its_roles_and_never_by_values() {
    let office = Office::open(Setup::new()).await;
    let token = office.login("chief").await;
    let path = format!("/api/v1/users/{}", office.ann["id"].as_str().unwrap());
    let change = json!({"name": "Canary Person", "email": "canary@example.com", "roles": ["user", "admin"]});
    let (status, id) = office.call(Method::PATCH, &path, &token, change).await;
    assert_eq!(status, 200);
    let line = office.told("users.changed", &id).await;
    assert_eq!((&line["user_id"], &line["by"]), (&office.ann["id"], &office.chief["id"]), "{line}");
    assert_eq!(line["fields"], "email,name,roles", "{line}");
    assert_eq!((&line["old_roles"], &line["new_roles"]), (&json!("user"), &json!("admin,user")), "{line}");
    let text = line.to_string().to_lowercase();
    assert!(!text.contains("canary") && !text.contains("example.com"), "{text}");
    let (_, id) = office.call(Method::PATCH, &path, &token, json!({"status": "disabled"})).await;
    let line = office.told("users.changed", &id).await;
    assert_eq!((&line["fields"], &line["old_roles"]), (&json!("status"), &Value::Null), "{line}");
}

#[tokio::test]
async fn a_refusal_by_a_limit_names_its_policy() {
    let setup = Setup::new().set("RATE_LIMIT_ENABLED", "true");
    // So wide that the limit of the route is reached first.
    let office = Office::open(setup.set("RATE_LIMIT_REQUESTS", "500").set("RATE_LIMIT_BURST", "500")).await;
    let mut answer = office.try_login("ann", "wrong").await;
    for _ in 0..40 {
        if answer.status() == 429 {
            break;
        }
        answer = office.try_login("ann", "wrong").await;
    }
    assert_eq!(answer.status(), 429);
    let line = office.told("http.request", answer.headers()["x-request-id"].to_str().unwrap()).await;
    assert_eq!(
        (&line["status"], &line["policy"], &line["level"]),
        (&json!(429), &json!("login"), &json!("WARN")),
        "{line}"
    );
    let (status, id) = office.call(Method::GET, "/health", "", Value::Null).await;
    assert_eq!(status, 200);
    assert!(office.told("http.request", &id).await.get("policy").is_none());
}
