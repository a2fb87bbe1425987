//! Every write is seen by the next read, in this process and in others.

use palisade_testkit::{PASSWORD, TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Shared, cached, own, path, source};
use crate::support::{on_each_database, until};

/// Changes `ann` in every way there is, and has `reader` see each.
async fn sees_every_write(writer: &TestApp, reader: &TestApp, root: &str, backend: &str) {
    let ann = writer.register(&format!("ann_{}", backend.replace('-', "_"))).await;
    let seen = |wanted: Value, member: &'static str| {
        let (root, ann) = (root.to_owned(), ann.clone());
        async move {
            let read = || reader.get(&path(&ann)).token(&root);
            until(read, |answer| answer.status == 200 && answer.json()[member] == wanted).await;
            // It stays so, and comes from the cache in time.
            let again = until(read, |answer| source(answer) == "hit").await;
            assert_eq!(again.json()[member], wanted, "{backend}");
        }
    };
    seen(json!(null), "name").await;
    let by_self = |body: Value| writer.patch("/api/v1/users/me").token(&ann.access_token).json(&body);
    let by_admin = |body: Value| writer.patch(&path(&ann)).token(root).json(&body);
    by_self(json!({"name": "Ann One"})).await.expect(200);
    seen(json!("Ann One"), "name").await;
    writer.patch(&path(&ann)).token(&ann.access_token).json(&json!({"name": "Two"})).await.expect(200);
    seen(json!("Two"), "name").await;
    by_admin(json!({"email": format!("{}.new@example.com", ann.username)})).await.expect(200);
    seen(json!(format!("{}.new@example.com", ann.username)), "email").await;
    by_admin(json!({"roles": ["user", "clerk"]})).await.expect(200);
    seen(json!(["clerk", "user"]), "roles").await;
    by_admin(json!({"status": "disabled"})).await.expect(200);
    seen(json!("disabled"), "status").await;
    writer.delete(&path(&ann)).token(root).await.expect(204);
    until(|| reader.get(&path(&ann)).token(root), |answer| answer.status == 404).await;
}

#[tokio::test]
async fn in_this_process_whatever_the_backend_and_the_strategy() {
    let shared = Shared::start().await;
    for backend in ["memory", "redis", "tiered"] {
        for strategy in ["cache_aside", "write_through", "refresh_ahead"] {
            let app = cached(backend, Some(&shared.url())).set("cache.strategy", strategy).spawn().await;
            let root = app.admin().await.access_token;
            sees_every_write(&app, &app, &root, &format!("{backend}-{}", &strategy[..5])).await;
        }
    }
}

on_each_database! {
    in_another_process;
}

async fn in_another_process(database: TestDatabase) {
    let shared = Shared::start().await;
    for backend in ["redis", "tiered"] {
        let start = || cached(backend, Some(&shared.url())).database(&database).spawn();
        let (one, other) = (start().await, start().await);
        let root = match one.first_admin() {
            Some(_) => one.admin().await.access_token,
            None => one.login("root_admin", PASSWORD).await.0,
        };
        sees_every_write(&one, &other, &root, backend).await;
    }
}

#[tokio::test]
async fn a_write_through_puts_the_new_user_into_the_cache() {
    let app = cached("memory", None).set("cache.strategy", "write_through").spawn().await;
    let ann = app.register("ann").await;
    app.patch("/api/v1/users/me").token(&ann.access_token).json(&json!({"name": "Ann"})).await.expect(200);
    let seen = own(&app, &ann).await.expect(200);
    assert_eq!((source(&seen), &seen.json()["name"]), ("hit", &json!("Ann")));
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_the_user_as_it_was() {
    let app = cached("memory", None).spawn().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let before = own(&app, &ann).await.expect(200).json();
    let taken = json!({"email": bob.email});
    app.patch("/api/v1/users/me").token(&ann.access_token).json(&taken).await.expect(409);
    assert_eq!(own(&app, &ann).await.expect(200).json(), before);
    assert_eq!(source(&own(&app, &ann).await.expect(200)), "hit");
}

/// Readers and writers of one user at once: nobody reads what is older than what was acknowledged before they asked.
#[tokio::test]
async fn no_reader_goes_back_in_time() {
    let shared = Shared::start().await;
    for backend in ["memory", "redis", "tiered"] {
        let app = cached(backend, Some(&shared.url())).spawn().await;
        let ann = app.register("ann").await;
        let acknowledged = std::sync::atomic::AtomicU32::new(0);
        let order = std::sync::atomic::Ordering::SeqCst;
        let writing = async {
            for number in 1..=60 {
                let body = json!({"name": format!("Ann {number}")});
                app.patch("/api/v1/users/me").token(&ann.access_token).json(&body).await.expect(200);
                acknowledged.store(number, order);
            }
        };
        let reading = || async {
            while acknowledged.load(order) < 60 {
                let least = acknowledged.load(order);
                let name =
                    own(&app, &ann).await.expect(200).json()["name"].as_str().unwrap_or("Ann 0").to_owned();
                let seen: u32 = name.trim_start_matches("Ann ").parse().unwrap();
                assert!(seen >= least, "{backend}: {seen} after {least}");
            }
        };
        tokio::join!(writing, reading(), reading(), reading(), reading());
    }
}
