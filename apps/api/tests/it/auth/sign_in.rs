//! Signing in.

use palisade_testkit::{PASSWORD, TestApp, TestResponse};
use serde_json::{Value, json};

use crate::telemetry::{measured, scrape};

#[tokio::test]
async fn unknown_wrong_and_disabled_are_told_alike() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    app.register("bob").await;
    let path = format!("/api/v1/users/{}", ann.id);
    app.patch(&path).token(&admin.access_token).json(&json!({"status": "disabled"})).await.expect(200);
    let attempts = [
        json!({"email": "nobody@example.com", "password": PASSWORD}),
        json!({"username": "nobody", "password": PASSWORD}),
        json!({"username": "bob", "password": "wrong-Tractor-93-lamp"}),
        json!({"username": "bob", "password": ""}),
        json!({"username": "bob", "password": "x".repeat(5_000)}),
        json!({"email": "ann@example.com", "password": PASSWORD}),
        json!({"username": "no such name, ever!", "password": PASSWORD}),
    ];
    let mut told = Vec::new();
    for attempt in &attempts {
        let answer = app.post("/api/v1/auth/login").json(attempt).header("x-request-id", "same").await;
        told.push(essence(&answer.expect(401)));
    }
    let form = [("username", "nobody"), ("password", "x")];
    told.push(essence(&app.post("/api/v1/auth/login").form(&form).header("x-request-id", "same").await));
    for (index, one) in told.iter().enumerate() {
        assert_eq!(one, &told[0], "attempt {index}");
    }
}

/// Everything of an answer that does not change from one request to the next by itself.
fn essence(answer: &TestResponse) -> (u16, String, Vec<String>) {
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort_unstable();
    (answer.status, answer.text(), names)
}

#[tokio::test]
async fn a_login_names_one_of_email_and_username() {
    let app = TestApp::spawn().await;
    app.register("ann").await;
    let neither = json!({"password": PASSWORD});
    let both = json!({"email": "ann@example.com", "username": "ann", "password": PASSWORD});
    for body in [neither, both] {
        app.post("/api/v1/auth/login").json(&body).await.expect(422);
    }
}

#[tokio::test]
async fn registration_can_be_closed() {
    let app = TestApp::builder().set("auth.registration_enabled", false).spawn().await;
    let body = json!({"email": "ann@example.com", "username": "ann", "password": PASSWORD});
    let answer = app.post("/api/v1/auth/register").json(&body).await.expect(403);
    assert_eq!(answer.reason(), "users.registration_closed");
    // Before anything that was sent is read.
    app.post("/api/v1/auth/register").body("application/json", "{").await.expect(403);
}

#[tokio::test]
async fn nobody_signs_up_with_a_role_a_status_or_an_id() {
    let app = TestApp::spawn().await;
    for extra in [
        json!({"roles": ["admin"]}),
        json!({"status": "active"}),
        json!({"id": "x"}),
        json!({"is_admin": true}),
    ] {
        let mut body = json!({"email": "ann@example.com", "username": "ann", "password": PASSWORD});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let answer = app.post("/api/v1/auth/register").json(&body).await.expect(422);
        assert!(answer.text().contains("unknown_field"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_password_that_is_weak_or_personal_is_refused_by_name() {
    let app = TestApp::spawn().await;
    let passwords = [
        "short-7",
        "password1",
        "12345678",
        "qwertyuiop",
        "annabelle",
        "annabelle@example.com",
        &"x".repeat(129),
    ];
    for password in passwords {
        let body = json!({"email": "annabelle@example.com", "username": "annabelle", "password": password});
        let answer = app.post("/api/v1/auth/register").json(&body).await.expect(422);
        let body: Value = answer.json();
        assert!(body["error"]["details"].to_string().contains("/password"), "{password}: {body}");
    }
}

#[tokio::test]
async fn a_password_of_128_characters_of_any_script_signs_in() {
    let app = TestApp::spawn().await;
    let password: String = "ßé水😀-Tractor".chars().cycle().take(128).collect();
    let body = json!({"email": "ann@example.com", "username": "ann", "password": password});
    app.post("/api/v1/auth/register").json(&body).await.expect(201);
    app.login("ann", &password).await;
}

#[tokio::test]
async fn signing_in_verifies_a_hash_for_unknown_as_for_known_people() {
    let app = measured().await;
    app.register("ann").await;
    let verified = async || {
        let count = r#"password_hash_duration_seconds_count{operation="verify"}"#;
        scrape(&app).await.get(count).copied().unwrap_or_default()
    };
    for name in ["ann", "nobody"] {
        let before = verified().await;
        let body = json!({"username": name, "password": "wrong-Tractor-93-lamp"});
        app.post("/api/v1/auth/login").json(&body).await.expect(401);
        assert_eq!(verified().await, before + 1.0, "{name}: time would tell who has an account");
    }
}

#[tokio::test]
async fn what_a_person_may_be_called() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let add = |email: String, username: String| {
        app.post("/api/v1/users")
            .token(&admin.access_token)
            .json(&json!({"email": email, "username": username}))
    };
    let longest = "u".repeat(50);
    for (number, username) in ["abc", "A_1", "___", &longest, "123"].into_iter().enumerate() {
        add(format!("a{number}@example.com"), username.to_owned()).await.expect(201);
    }
    let too_long = "u".repeat(51);
    for username in
        ["", "ab", &too_long, "a b", "a-b", "a.b", "añb", "a@b.co", "a\u{0}b", "ａｂｃ", " abc", "abc\n"]
    {
        add("b@example.com".to_owned(), username.to_owned()).await.expect(422);
    }
    let endless = format!("{}@example.com", "a".repeat(250));
    for email in
        ["", "a", "@", "a@", "@b.co", "a b@c.de", "a@b..co", "a@b.co\n", "a\u{0}@b.co", "a@@b.co", &endless]
    {
        add(email.to_owned(), "valid".to_owned()).await.expect(422);
    }
    for (number, email) in
        ["a+b@example.com", "o'brien@example.com", "UPPER@EXAMPLE.COM"].into_iter().enumerate()
    {
        add(email.to_owned(), format!("mail_{number}")).await.expect(201);
    }
}

#[tokio::test]
async fn the_refusals_of_signing_in_and_renewing_are_documented() {
    let app = TestApp::spawn().await;
    let document = app.get("/openapi.json").await.expect(200).json();
    for path in ["/api/v1/auth/login", "/auth/login", "/api/v1/auth/refresh"] {
        let responses = &document["paths"][path]["post"]["responses"];
        assert!(
            responses["401"]["content"].is_object() || responses["401"]["$ref"].is_string(),
            "{path}: {responses:#}"
        );
    }
}
