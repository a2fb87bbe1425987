//! Changing one's password.

use palisade_testkit::TestDatabase;
use serde_json::json;

use crate::support::{app_on, on_each_database};

on_each_database! {
    a_new_password_ends_the_other_sessions_and_keeps_this_one;
}

const NEW: &str = "orange-Glacier-41-spoon";

async fn a_new_password_ends_the_other_sessions_and_keeps_this_one(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let (other, other_refresh) = app.login("ann", &ann.password).await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        app.post("/api/v1/auth/password/change").token(&ann.access_token).json(&body)
    };
    for (current, new, field) in [
        ("wrong-Tractor-93-lamp", NEW, "/current_password"),
        (&*ann.password, "short", "/new_password"),
        (&*ann.password, &*ann.password, "/new_password"),
        (&*ann.password, "password1", "/new_password"),
    ] {
        let refused = change(current, new).await.expect(422);
        assert_eq!(refused.json()["error"]["details"][0]["field"], field, "{}", refused.text());
    }
    app.get("/api/v1/users/me").token(&other).await.expect(200);

    change(&ann.password, NEW).await.expect(204);
    app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    app.get("/api/v1/users/me").token(&other).await.expect(401);
    let refresh = json!({"refresh_token": other_refresh});
    app.post("/api/v1/auth/refresh").json(&refresh).await.expect(401);
    let old = json!({"username": "ann", "password": ann.password});
    app.post("/api/v1/auth/login").json(&old).await.expect(401);
    app.login("ann", NEW).await;
}
