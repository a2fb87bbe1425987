//! Sessions: seeing and ending them.

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestDatabase, TestResponse};
use serde_json::Value;

use crate::support::{app_on, gone, on_each_database};

on_each_database! {
    a_session_that_is_revoked_is_dead_at_once_and_the_others_live;
    logging_out_everywhere_ends_every_session;
    no_token_that_is_renewed_while_its_session_ends_survives;
    nobody_signs_in_while_being_deleted;
}

async fn list(app: &TestApp, token: &str) -> Vec<Value> {
    let list = app.get("/api/v1/auth/sessions").token(token).await.expect(200).json();
    list.get("items").unwrap_or(&list).as_array().unwrap().clone()
}

async fn a_session_that_is_revoked_is_dead_at_once_and_the_others_live(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let (other, other_refresh) = app.login("ann", &ann.password).await;
    let before = list(&app, &ann.access_token).await;
    assert_eq!(before.len(), 2);
    let current: Vec<&Value> = before.iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current.len(), 1, "{before:?}");
    let doomed = before.iter().find(|session| session["current"] != true).unwrap()["id"].as_str().unwrap();

    let path = format!("/api/v1/auth/sessions/{doomed}");
    app.delete(&path).token(&ann.access_token).await.expect(204);
    app.get("/api/v1/users/me").token(&other).await.expect(401);
    let refresh = serde_json::json!({"refresh_token": other_refresh});
    app.post("/api/v1/auth/refresh").json(&refresh).await.expect(401);
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    let again = app.delete(&path).token(&ann.access_token).await.expect(404);
    assert_eq!(again.reason(), "auth.session_not_found");
}

async fn logging_out_everywhere_ends_every_session(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let bob = app.register("bob").await;
    let (other, _) = app.login("ann", &ann.password).await;
    app.post("/api/v1/auth/logout-all").token(&ann.access_token).await.expect(204);
    for token in [&ann.access_token, &other] {
        app.get("/api/v1/users/me").token(token).await.expect(401);
    }
    app.get("/api/v1/users/me").token(&bob.access_token).await.expect(200);
}

#[tokio::test]
async fn nobody_sees_or_ends_the_session_of_another() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    let bob = app.register("bob").await;
    let anns = list(&app, &ann.access_token).await[0]["id"].as_str().unwrap().to_owned();
    for token in [&bob.access_token, &admin.access_token] {
        app.delete(&format!("/api/v1/auth/sessions/{anns}")).token(token).await.expect(404);
        assert!(list(&app, token).await.iter().all(|session| session["id"] != anns.as_str()));
    }
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
}

#[tokio::test]
async fn a_session_tells_its_client_and_no_secret() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let body = serde_json::json!({"username": "ann", "password": ann.password}).to_string();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let head = format!("{head}User-Agent: Browser/1 \u{1b}[31m\r\nContent-Length: {}\r\n\r\n", body.len());
    let login = TestResponse::from_raw(&app.raw(format!("{head}{body}")).await).expect("an answer");
    assert!([200, 400].contains(&login.status), "{}", login.text());
    let call = app
        .post("/api/v1/auth/login")
        .header("user-agent", "Browser/1 \tMobile")
        .body("application/json", body);
    call.await.expect(200);
    let sessions = list(&app, &ann.access_token).await;
    let text = serde_json::to_string(&sessions).unwrap();
    assert!(text.contains("Browser/1") && !text.contains("\\u001b") && !text.contains("\\t"), "{text}");
    for secret in ["prt_", "hash", "family", "token"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn a_session_that_ends_on_one_process_is_dead_on_the_other() {
    let database = TestDatabase::postgres(&[]).await;
    let secret = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";
    let start = || TestApp::builder().database(&database).set("auth.jwt_secret", secret).spawn();
    let (one, two) = (start().await, start().await);
    let ann = one.register("ann").await;
    two.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    one.post("/api/v1/auth/logout").token(&ann.access_token).await.expect(204);
    gone(|| two.get("/api/v1/users/me").token(&ann.access_token)).await;
}

async fn no_token_that_is_renewed_while_its_session_ends_survives(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    for _ in 0..15 {
        let (access, refresh) = app.login("ann", &ann.password).await;
        let body = serde_json::json!({"refresh_token": refresh});
        let renewing = app.post("/api/v1/auth/refresh").json(&body).into_future();
        let leaving = app.post("/api/v1/auth/logout").token(&access).into_future();
        let (renewed, left) = tokio::join!(renewing, leaving);
        left.expect(204);
        assert!([200, 401].contains(&renewed.status), "{} {}", renewed.status, renewed.text());
        if renewed.status == 200 {
            let pair = renewed.json();
            app.get("/api/v1/users/me").token(pair["access_token"].as_str().unwrap()).await.expect(401);
            let body = serde_json::json!({"refresh_token": pair["refresh_token"]});
            app.post("/api/v1/auth/refresh").json(&body).await.expect(401);
        }
    }
}

async fn nobody_signs_in_while_being_deleted(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    for round in 0..3 {
        let ann = app.register("ann").await;
        let body = serde_json::json!({"username": "ann", "password": ann.password});
        let path = format!("/api/v1/users/{}", ann.id);
        let deleting = app.delete(&path).token(&admin.access_token).into_future();
        let entering = join_all((0..6).map(|_| app.post("/api/v1/auth/login").json(&body).into_future()));
        let (deleted, entered) = tokio::join!(deleting, entering);
        deleted.expect(204);
        for answer in entered {
            assert!(
                [200, 401].contains(&answer.status),
                "round {round}: {} {}",
                answer.status,
                answer.text()
            );
            if answer.status == 200 {
                let token = answer.json()["access_token"].as_str().unwrap().to_owned();
                gone(|| app.get("/api/v1/users/me").token(&token)).await;
            }
        }
    }
}
