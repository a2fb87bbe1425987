//! Requests that are sent again under their `Idempotency-Key`, on every database.

use futures_util::future::join_all;
use palisade_database::{Row, sea_query::Query};
use palisade_testkit::{Call, PASSWORD, TestApp, TestDatabase, TestResponse, TestUser};
use serde_json::{Value, json};

use crate::support::{app_on, on_each_database};

on_each_database! {
    a_user_is_made_once_and_the_answer_is_the_same;
    signing_up_again_gives_the_first_answer;
    of_fifty_twins_one_makes_the_user;
    two_processes_make_one_user;
    a_removal_is_answered_alike_twice;
    a_refusal_that_lasts_is_the_same_again;
    tokens_are_never_kept;
    what_is_kept_holds_no_password_and_no_token;
    a_key_ends_no_session_but_the_one_it_is_sent_in;
    a_former_administrator_gets_no_kept_record;
    nothing_is_kept_of_a_deleted_user;
}

fn newcomer(name: &str) -> Value {
    json!({"email": format!("{name}@example.com"), "username": name, "password": PASSWORD})
}

fn create(app: &TestApp, by: &TestUser, key: &str, body: &Value) -> Call {
    app.post("/api/v1/users").token(&by.access_token).header("idempotency-key", key).json(body)
}

fn register(app: &TestApp, key: &str, body: &Value) -> Call {
    app.post("/api/v1/auth/register").header("idempotency-key", key).json(body)
}

#[track_caller]
fn assert_replay(again: &TestResponse, first: &TestResponse) {
    assert_eq!(again.header("idempotency-replayed"), "true", "{again:?}");
    assert_eq!(first.header("idempotency-replayed"), "", "{first:?}");
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    for name in ["content-type", "etag", "location", "cache-control", "x-content-type-options"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert!(!again.header("x-request-id").is_empty());
}

async fn count(app: &TestApp, admin: &TestUser) -> usize {
    let page = app.get("/api/v1/users?limit=100").token(&admin.access_token).await.expect(200).json();
    page["items"].as_array().unwrap().len()
}

async fn records(database: &TestDatabase) -> Vec<Row> {
    let select =
        Query::select().columns(["status", "headers", "body"]).from("idempotency_records").to_owned();
    database.database().fetch_all(&select).await.unwrap()
}

async fn a_user_is_made_once_and_the_answer_is_the_same(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let first = create(&app, &admin, "key-1", &newcomer("ann")).await.expect(201);
    let again = create(&app, &admin, "key-1", &newcomer("ann")).await.expect(201);
    assert_replay(&again, &first);
    assert_eq!(count(&app, &admin).await, 2);

    let other = create(&app, &admin, "key-1", &newcomer("bob")).await.expect(422);
    assert_eq!((other.code(), other.reason()), ("validation_error".into(), "idempotency.key_reused".into()));
    let malformed = create(&app, &admin, "no key", &newcomer("bob")).await.expect(400);
    assert_eq!(malformed.reason(), "idempotency.key_invalid");
    let elsewhere = create(&app, &admin, "key-2", &newcomer("ann")).await.expect(409);
    assert_eq!(elsewhere.reason(), "users.email_taken");
    for answer in [&other, &malformed, &elsewhere] {
        assert!(!answer.header("x-request-id").is_empty());
        assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    }
    // A key is its caller's: with another's, nobody gets my answer.
    app.post("/api/v1/users").header("idempotency-key", "key-1").json(&newcomer("ann")).await.expect(401);
    let bob = app.register("bob").await;
    create(&app, &bob, "key-1", &newcomer("ann")).await.expect(403);
}

async fn signing_up_again_gives_the_first_answer(database: TestDatabase) {
    let app = app_on(&database).await;
    let first = register(&app, "key", &newcomer("ann")).await.expect(201);
    assert_replay(&register(&app, "key", &newcomer("ann")).await, &first);
    // Whoever does not know the password gets no replay.
    let mut guess = newcomer("ann");
    guess["password"] = json!("another-Tractor-93-lamp");
    register(&app, "key", &guess).await.expect(422);
    // A refusal of the input leaves the key free for the mended request.
    register(&app, "mended", &json!({"email": "bob"})).await.expect(422);
    register(&app, "mended", &newcomer("bob")).await.expect(201);
}

async fn of_fifty_twins_one_makes_the_user(database: TestDatabase) {
    let app = app_on(&database).await;
    let calls = (0..50).map(|_| register(&app, "key", &newcomer("ann")).into_future());
    check_twins(&join_all(calls).await);
    let again = register(&app, "key", &newcomer("ann")).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

async fn two_processes_make_one_user(database: TestDatabase) {
    let (one, other) = (app_with_secret(&database).await, app_with_secret(&database).await);
    let calls = (0..40).map(|n| {
        let app = if n % 2 == 0 { &one } else { &other };
        register(app, "key", &newcomer("ann")).into_future()
    });
    check_twins(&join_all(calls).await);
    for app in [&one, &other] {
        let again = register(app, "key", &newcomer("ann")).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
}

/// Processes that share a database share the secret too, as in production.
async fn app_with_secret(database: &TestDatabase) -> TestApp {
    let secret = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";
    TestApp::builder().database(database).set("auth.jwt_secret", secret).spawn().await
}

/// One carried it out; the others were told to wait, or got its answer.
fn check_twins(answers: &[TestResponse]) {
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let first: Vec<_> =
        made.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).collect();
    assert_eq!(first.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(made.iter().all(|answer| answer.body == first[0].body));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status, answer.reason()), (409, "idempotency.in_progress".into()), "{answer:?}");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

async fn a_removal_is_answered_alike_twice(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    let delete = || {
        let call = app.delete(&format!("/api/v1/users/{}", ann.id)).token(&admin.access_token);
        call.header("idempotency-key", "key")
    };
    let first = delete().await.expect(204);
    assert_replay(&delete().await, &first);
    app.delete(&format!("/api/v1/users/{}", ann.id)).token(&admin.access_token).await.expect(404);
}

async fn a_refusal_that_lasts_is_the_same_again(database: TestDatabase) {
    let app = app_on(&database).await;
    register(&app, "first", &newcomer("ann")).await.expect(201);
    let taken = register(&app, "second", &newcomer("ann")).await.expect(409);
    let again = register(&app, "second", &newcomer("ann")).await.expect(409);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let error = |answer: &TestResponse| {
        let mut error = answer.json()["error"].take();
        error["request_id"].take();
        error
    };
    assert_eq!((error(&again), again.reason()), (error(&taken), "users.email_taken".into()));
}

async fn tokens_are_never_kept(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let login = json!({"username": "ann", "password": PASSWORD});
    let login = || app.post("/api/v1/auth/login").header("idempotency-key", "key").json(&login);
    let (one, other) = (login().await.expect(200), login().await.expect(200));
    assert_ne!(one.json()["refresh_token"], other.json()["refresh_token"]);
    let refresh = json!({"refresh_token": ann.refresh_token});
    let refresh = || app.post("/api/v1/auth/refresh").header("idempotency-key", "key").json(&refresh);
    for answer in [other, refresh().await.expect(200), refresh().await.expect(200)] {
        assert_eq!(answer.header("idempotency-replayed"), "");
    }
    assert!(records(&database).await.is_empty());
}

async fn what_is_kept_holds_no_password_and_no_token(database: TestDatabase) {
    let app = app_on(&database).await;
    register(&app, "key", &newcomer("ann")).await.expect(201);
    let kept = records(&database).await;
    assert_eq!(kept.len(), 1);
    let body = String::from_utf8(kept[0].get("body").unwrap()).unwrap();
    let headers = String::from_utf8(kept[0].get("headers").unwrap()).unwrap();
    assert!(body.contains("ann@example.com") && headers.contains("location:/api/v1/users/"), "{headers}");
    assert!(!body.contains(PASSWORD) && !headers.contains("x-request-id"), "{headers}");
}

#[tokio::test]
async fn in_memory_and_off_are_choices_too() {
    let memory = TestApp::builder().set("idempotency.backend", "memory").spawn().await;
    let first = register(&memory, "key", &newcomer("ann")).await.expect(201);
    assert_replay(&register(&memory, "key", &newcomer("ann")).await, &first);

    let off = TestApp::builder().set("idempotency.enabled", false).spawn().await;
    register(&off, "no key", &newcomer("ann")).await.expect(201);
    register(&off, "no key", &newcomer("ann")).await.expect(409);
    assert!(!off.get("/openapi.json").await.expect(200).text().contains("Idempotency-Key"));
}

#[tokio::test]
async fn the_document_tells_of_the_key_where_something_is_changed() {
    let app = TestApp::spawn().await;
    let document = app.get("/openapi.json").await.expect(200).json();
    let takes_it = |path: &str, method: &str| {
        let parameters =
            document["paths"][path][method]["parameters"].as_array().cloned().unwrap_or_default();
        parameters.iter().any(|one| one["$ref"] == "#/components/parameters/IdempotencyKey")
    };
    assert!(takes_it("/api/v1/users", "post") && takes_it("/api/v1/users/{id}", "patch"));
    assert!(!takes_it("/api/v1/users", "get"));
    assert_eq!(document["components"]["parameters"]["IdempotencyKey"]["name"], "Idempotency-Key");
    let logout = &document["paths"]["/api/v1/auth/logout"]["post"]["responses"];
    assert!(logout["409"].is_object() && logout["422"].is_object(), "{logout}");
}

/// The same key in another session is another request: it must end that one.
async fn a_key_ends_no_session_but_the_one_it_is_sent_in(database: TestDatabase) {
    let app = app_on(&database).await;
    app.register("ann").await;
    for path in ["/api/v1/auth/logout", "/api/v1/auth/logout-all"] {
        let mut ended = Vec::new();
        for _ in 0..2 {
            let (token, _) = app.login("ann", PASSWORD).await;
            let logout = app.post(path).token(&token).header("idempotency-key", "bye");
            let answer = logout.await.expect(204);
            assert_eq!(answer.header("idempotency-replayed"), "");
            assert_eq!(answer.header("cache-control"), "no-store");
            ended.push(token);
        }
        for token in ended {
            app.get("/api/v1/users/me").token(&token).await.expect(401);
        }
    }
}

async fn a_former_administrator_gets_no_kept_record(database: TestDatabase) {
    let app = app_on(&database).await;
    let (root, ann) = (app.admin().await, app.register("ann").await);
    let eve = app.register("eve").await;
    let roles = async |names: &[&str]| {
        let change = app.patch(&format!("/api/v1/users/{}", eve.id)).token(&root.access_token);
        change.json(&json!({"roles": names})).await.expect(200);
    };
    roles(&["admin"]).await;
    let rename = || {
        let rename = app.patch(&format!("/api/v1/users/{}", ann.id)).token(&eve.access_token);
        rename.header("idempotency-key", "rename").json(&json!({"name": "Ann Lee"}))
    };
    let first = rename().await.expect(200);
    assert_replay(&rename().await.expect(200), &first);
    roles(&["user"]).await;
    let refused = rename().await.expect(403);
    assert_eq!(refused.reason(), "idempotency.rights_lost");
    assert!(!refused.text().contains("Ann Lee"), "{refused:?}");
}

async fn nothing_is_kept_of_a_deleted_user(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let ann = register(&app, "sign-up", &newcomer("ann")).await.expect(201).json();
    let bob = create(&app, &admin, "made", &newcomer("bob")).await.expect(201).json();
    let (token, _) = app.login("ann", PASSWORD).await;
    let rename = app.patch("/api/v1/users/me").token(&token).header("idempotency-key", "name");
    rename.json(&json!({"name": "Ann Lee"})).await.expect(200);
    assert_eq!(records(&database).await.len(), 3);
    app.delete(&format!("/api/v1/users/{}", ann["id"].as_str().unwrap()))
        .token(&admin.access_token)
        .await
        .expect(204);
    let left = records(&database).await;
    assert_eq!(left.len(), 1, "what shows bob");
    let body: Vec<u8> = left[0].get("body").unwrap();
    assert!(String::from_utf8_lossy(&body).contains(bob["id"].as_str().unwrap()));
    assert_eq!(
        create(&app, &admin, "made", &newcomer("bob")).await.expect(201).header("idempotency-replayed"),
        "true"
    );
}
