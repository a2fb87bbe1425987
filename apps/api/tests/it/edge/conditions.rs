//! `ETag` and the conditions made of it, on every database.

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestDatabase, TestResponse, TestUser};
use serde_json::json;

use crate::support::{app_on, on_each_database};

on_each_database! {
    of_two_changes_for_one_version_the_later_is_refused;
    of_many_removals_and_changes_for_one_version_one_succeeds;
    a_change_of_the_password_is_no_other_version;
}

async fn tag(app: &TestApp, user: &TestUser) -> String {
    app.get("/api/v1/users/me").token(&user.access_token).await.expect(200).header("etag").to_owned()
}

async fn of_two_changes_for_one_version_the_later_is_refused(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    for round in 0..10 {
        let tag = tag(&app, &ann).await;
        let patch = |name: String| {
            let call = app.patch("/api/v1/users/me").token(&ann.access_token).header("if-match", &tag);
            call.json(&json!({"name": name})).into_future()
        };
        let answers = join_all([patch(format!("One {round}")), patch(format!("Two {round}"))]).await;
        let won: Vec<&TestResponse> = answers.iter().filter(|answer| answer.status == 200).collect();
        let lost: Vec<&TestResponse> = answers.iter().filter(|answer| answer.status == 412).collect();
        assert_eq!((won.len(), lost.len()), (1, 1), "{answers:?}");
        assert_eq!(lost[0].reason(), "users.changed");
        let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
        assert_eq!((me.json(), me.header("etag")), (won[0].json(), won[0].header("etag")));
    }
}

async fn of_many_removals_and_changes_for_one_version_one_succeeds(database: TestDatabase) {
    let app = app_on(&database).await;
    let admin = app.admin().await;
    let ann = app.register("ann").await;
    let (path, tag) = (format!("/api/v1/users/{}", ann.id), tag(&app, &ann).await);
    let calls = (0..10).map(|n| {
        let call = if n % 2 == 0 {
            app.delete(&path)
        } else {
            app.patch(&path).json(&json!({"name": format!("Name {n}")}))
        };
        call.token(&admin.access_token).header("if-match", &tag).into_future()
    });
    let statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status < 300).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 204, 404, 412].contains(status)), "{statuses:?}");
}

/// The version is of what the resource shows, so that a sign-in that renews the hash makes nobody's change fail.
async fn a_change_of_the_password_is_no_other_version(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let before = tag(&app, &ann).await;
    let change = json!({"current_password": ann.password, "new_password": "amber-Wheel-27-harbour"});
    let call = app.post("/api/v1/auth/password/change").token(&ann.access_token).json(&change);
    assert!(call.await.status < 300);
    let (token, _) = app.login("ann", "amber-Wheel-27-harbour").await;
    let me = app.get("/api/v1/users/me").token(&token).await.expect(200);
    assert_eq!(me.header("etag"), before);
}

#[tokio::test]
async fn a_304_has_the_headers_of_its_200_and_no_body() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    for path in ["/api/v1/users/me".to_owned(), format!("/api/v1/users/{}", ann.id)] {
        let get = || app.get(&path).token(&ann.access_token).header("accept-encoding", "gzip");
        let full = get().await.expect(200);
        assert!(full.header("etag").starts_with('"'), "{}", full.header("etag"));
        assert_eq!(full.header("cache-control"), "no-store");
        for held in [full.header("etag"), "*", &format!("W/{}", full.header("etag"))] {
            let spared = get().header("if-none-match", held).await.expect(304);
            for name in ["etag", "cache-control"] {
                assert_eq!(spared.header(name), full.header(name), "{held} {name}");
            }
            assert_eq!((spared.body.len(), spared.header("content-type")), (0, ""));
        }
        let head = app.call(reqwest::Method::HEAD, &path).token(&ann.access_token);
        let head = head.header("if-none-match", full.header("etag")).await.expect(304);
        assert_eq!(head.header("etag"), full.header("etag"));
        get().header("if-none-match", "no tag").await.expect(200);
        get().header("if-match", "\"other\"").await.expect(412);
    }
}

#[tokio::test]
async fn a_tag_that_came_with_a_compressed_answer_guards_changes_too() {
    let app = TestApp::builder().set("compression.min_size_bytes", 0).spawn().await;
    let ann = app.register("ann").await;
    let get = || app.get("/api/v1/users/me").token(&ann.access_token).header("accept-encoding", "gzip");
    let full = get().await.expect(200);
    assert_eq!(full.header("content-encoding"), "gzip");
    let tag = full.header("etag");
    let spared = get().header("if-none-match", tag).await.expect(304);
    for name in ["etag", "cache-control", "vary"] {
        assert_eq!(spared.header(name), full.header(name), "{name}");
    }
    let patch = || app.patch("/api/v1/users/me").token(&ann.access_token).header("if-match", tag);
    patch().json(&json!({"name": "New"})).await.expect(200);
    patch().json(&json!({"name": "Late"})).await.expect(412);
}
