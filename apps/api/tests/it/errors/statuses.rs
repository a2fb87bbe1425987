//! What a field's error says, and what it does not.

use palisade_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn every_wrong_field_is_listed_at_once_with_its_place_and_rule() {
    let app = TestApp::spawn().await;
    let body = json!({"email": "no address", "username": "a b", "colour": "red", "a/b": 1});
    let answer = app.post("/api/v1/auth/register").json(&body).await.expect(422);
    assert_eq!(answer.code(), "validation_error");
    let body = answer.json();
    let fields = fields(&body["error"]["details"]);
    for wanted in ["/email", "/username", "/password", "/colour", "/a~1b"] {
        assert!(fields.iter().any(|field| field == wanted), "{wanted} is not in {fields:?}");
    }
}

#[tokio::test]
async fn both_forms_list_the_same_fields() {
    let app = TestApp::spawn().await;
    let call = || app.post("/api/v1/auth/login").json(&json!({"colour": 1}));
    let envelope = call().header("accept", "application/json").await.expect(422).json();
    let problem = call().header("accept", "application/problem+json").await.expect(422).json();
    assert_eq!(fields(&envelope["error"]["details"]), fields(&problem["errors"]));
}

#[tokio::test]
async fn no_value_of_a_request_comes_back_in_an_error() {
    let app = TestApp::spawn().await;
    let secret = "hunter2-hunter2";
    let bodies = [
        json!({"email": secret, "username": secret, "password": [secret], "refresh_token": secret}),
        json!({"email": "a@b.co", "username": "ann", "password": format!("{secret}\u{0}")}),
        json!({"current_password": secret, "new_password": secret, "password": {"x": secret}}),
    ];
    for (path, body) in
        ["register", "login", "refresh"].iter().flat_map(|path| bodies.iter().map(move |body| (path, body)))
    {
        let answer = app.post(&format!("/api/v1/auth/{path}")).json(body).await;
        assert!(answer.status >= 400 && !answer.text().contains(secret), "{path}: {}", answer.text());
    }
    let broken = format!(r#"{{"password": "{secret}" oops}}"#);
    let answer = app.post("/api/v1/auth/login").body("application/json", broken).await.expect(400);
    assert!(!answer.text().contains(secret) && !answer.text().contains("oops"), "{}", answer.text());
}

#[tokio::test]
async fn a_field_given_twice_is_refused() {
    let app = TestApp::spawn().await;
    let body = r#"{"username":"a","username":"b","password":"c"}"#;
    let answer = app.post("/api/v1/auth/login").body("application/json", body).await;
    assert!([400, 422].contains(&answer.status), "{} {}", answer.status, answer.text());
}

fn fields(list: &Value) -> Vec<String> {
    // With a reason beside them, the fields stand one level deeper.
    let list = list.get("fields").or_else(|| list.get("errors")).unwrap_or(list);
    list.as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap().to_owned()).collect()
}
