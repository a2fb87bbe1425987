//! Reading through the cache.

use palisade_testkit::TestApp;
use serde_json::{Value, json};

use super::{Shared, cached, own, path, source};

#[tokio::test]
async fn the_second_read_is_a_hit_and_says_the_same() {
    let shared = Shared::start().await;
    for backend in ["memory", "redis", "tiered"] {
        let app = cached(backend, Some(&shared.url())).spawn().await;
        let ann = app.register("ann").await;
        let (first, second) = (own(&app, &ann).await.expect(200), own(&app, &ann).await.expect(200));
        assert_eq!((source(&first), source(&second)), ("miss", "hit"), "{backend}");
        assert_eq!(first.json(), second.json());
        assert_eq!(first.header("etag"), second.header("etag"));
        own(&app, &ann).header("if-none-match", second.header("etag")).await.expect(304);
    }
}

#[tokio::test]
async fn without_a_cache_nothing_is_said_of_one() {
    for app in [TestApp::spawn().await, cached("none", None).set("cache.enabled", false).spawn().await] {
        let ann = app.register("ann").await;
        for _ in 0..2 {
            assert_eq!(source(&own(&app, &ann).await.expect(200)), "");
        }
    }
}

#[tokio::test]
async fn strangers_are_not_told_what_is_cached() {
    let app = cached("memory", None).set("app.environment", "staging").set("database.migrate_on_start", true);
    let app = app.set("auth.jwt_secret", "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue").spawn().await;
    let ann = app.register("ann").await;
    for _ in 0..2 {
        assert_eq!(source(&own(&app, &ann).await.expect(200)), "");
    }
}

#[tokio::test]
async fn the_right_to_see_is_asked_before_the_cache() {
    let shared = Shared::start().await;
    for backend in ["memory", "redis", "tiered"] {
        let app = cached(backend, Some(&shared.url())).spawn().await;
        let (root, ann, bob) = (app.admin().await, app.register("ann").await, app.register("bob").await);
        assert_eq!(source(&own(&app, &ann).await.expect(200)), "miss");
        assert_eq!(source(&own(&app, &ann).await.expect(200)), "hit");
        app.get(&path(&ann)).token(&bob.access_token).await.expect(403);
        app.get(&path(&ann)).await.expect(401);
        let seen = app.get(&path(&ann)).token(&root.access_token).await.expect(200);
        assert_eq!((source(&seen), &seen.json()["email"]), ("hit", &json!(ann.email)));
    }
}

#[tokio::test]
async fn redis_holds_what_the_user_sees_for_a_minute_at_most() {
    let shared = Shared::start().await;
    for (default_ttl, most) in [(300, 60_000), (7, 7_000)] {
        let app =
            cached("redis", Some(&shared.url())).set("cache.default_ttl_seconds", default_ttl).spawn().await;
        let ann = app.register("ann").await;
        let seen = own(&app, &ann).await.expect(200).json();
        let key = format!("cache:users:{}", ann.id);
        let kept: String = shared.ask(&["GET", &key]).await;
        let (_, body) = kept.split_once('\n').expect("a head and a value");
        let mut body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body.as_object_mut().unwrap().remove("version"), Some(json!(1)));
        assert_eq!(body, seen, "what the answer shows and no more");
        let left: i64 = shared.ask(&["PTTL", &key]).await;
        assert!((most * 8 / 10..=most).contains(&left), "{left}");
    }
}

#[tokio::test]
async fn what_somebody_else_wrote_into_redis_is_no_user() {
    let shared = Shared::start().await;
    let app = cached("redis", Some(&shared.url())).spawn().await;
    let (root, ann, bob) = (app.admin().await, app.register("ann").await, app.register("bob").await);
    let keys = [&ann, &bob].map(|user| format!("cache:users:{}", user.id));
    own(&app, &ann).await.expect(200);
    let of_ann: String = shared.ask(&["GET", &keys[0]]).await;
    let forged = of_ann.replace("\"user\"", "\"admin\"");
    assert_ne!(forged, of_ann);
    let plain = format!("{{\"id\":\"{}\",\"roles\":[\"admin\"]}}", bob.id);
    for poison in ["", "null", &plain, &of_ann, &forged, "v1 ", &of_ann[..100]] {
        let _: Value = shared.ask::<String>(&["SET", &keys[1], poison]).await.into();
        let seen = own(&app, &bob).await.expect(200);
        assert_eq!((source(&seen), &seen.json()["id"]), ("miss", &json!(bob.id)), "{poison}");
        assert_eq!(seen.json()["roles"], json!(["user"]));
        assert_eq!(source(&own(&app, &bob).await.expect(200)), "hit", "and the key works again");
    }
    let _: i64 = shared.ask(&["DEL", &keys[1]]).await;
    let _: i64 = shared.ask(&["LPUSH", &keys[1], "a list"]).await;
    assert_eq!(source(&own(&app, &bob).await.expect(200)), "miss");
    app.get(&path(&bob)).token(&root.access_token).await.expect(200);
}

#[tokio::test]
async fn who_does_not_exist_is_a_404_each_time() {
    let app = cached("memory", None).spawn().await;
    let root = app.admin().await;
    for _ in 0..3 {
        let nobody = "/api/v1/users/0198c5a8-b1c7-7d3e-8a4f-0123456789ab";
        app.get(nobody).token(&root.access_token).await.expect(404);
    }
}
