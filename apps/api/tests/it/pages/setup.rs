//! The page behind the link of the first administrator.

use palisade_testkit::{PASSWORD, TestApp, TestResponse};
use serde_json::json;

use super::{BROWSER, title};

async fn submit(app: &TestApp, link: &str, fields: &[(&str, &str)]) -> TestResponse {
    app.post(link).form(fields).header("accept", BROWSER).await
}

fn fields<'a>(password: &'a str, again: &'a str) -> [(&'static str, &'a str); 4] {
    [("email", "ann@example.com"), ("username", "ann"), ("password", password), ("password_confirm", again)]
}

/// It is a page under the strict policy that no cache keeps.
fn assert_page(answer: &TestResponse) {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!answer.text().contains("<script"), "{}", answer.text());
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_the_input_is_kept_but_for_the_passwords() {
    let app = TestApp::spawn().await;
    let link = app.first_admin().unwrap();
    for (password, again, message) in [
        ("password1", "password1", "id=\"password-problem\">The password is too easy to guess"),
        ("short", "short", "id=\"password-problem\">The password must have at least 8 characters"),
        (PASSWORD, "another", "id=\"password_confirm-problem\">The second password is not the same"),
        (PASSWORD, "", "id=\"password_confirm-problem\">The second password is not the same"),
    ] {
        let answer = submit(&app, link, &fields(password, again)).await.expect(422);
        assert_page(&answer);
        let page = answer.text();
        assert!(page.contains(message), "{page}");
        assert!(page.contains("value=\"ann@example.com\"") && page.contains("value=\"ann\""), "{page}");
        assert!(!page.contains(password), "{page}");
    }
    let mut wrong = fields(PASSWORD, PASSWORD);
    (wrong[0].1, wrong[1].1) = ("<b>\"x", "a b");
    let page = submit(&app, link, &wrong).await.expect(422).text();
    assert!(page.contains("value=\"&lt;b&gt;&quot;x\""), "{page}");
    for problem in ["email-problem", "username-problem"] {
        assert!(page.contains(&format!("id=\"{problem}\"")), "{page}");
    }
    submit(&app, link, &fields(PASSWORD, PASSWORD)).await.expect(201);
}

#[tokio::test]
async fn a_username_that_is_taken_is_told_at_its_field() {
    let app = TestApp::spawn().await;
    app.register("ann").await;
    let mut taken = fields(PASSWORD, PASSWORD);
    taken[0].1 = "other@example.com";
    let answer = submit(&app, app.first_admin().unwrap(), &taken).await.expect(409);
    assert_page(&answer);
    assert!(answer.text().contains("id=\"username-problem\">The username is taken"), "{}", answer.text());
}

#[tokio::test]
async fn a_used_link_says_so_and_what_to_do() {
    let app = TestApp::spawn().await;
    let link = app.first_admin().unwrap();
    let made = submit(&app, link, &fields(PASSWORD, PASSWORD)).await.expect(201);
    assert_page(&made);
    assert!(made.text().contains("<a href=\"/docs\">"), "{}", made.text());
    app.login("ann", PASSWORD).await;
    let opened = app.get(link).header("accept", BROWSER).await.expect(410);
    let sent = submit(&app, link, &fields(PASSWORD, PASSWORD)).await.expect(410);
    for answer in [opened, sent] {
        assert_page(&answer);
        assert!(title(&answer.text()).starts_with("This link is used up"), "{}", answer.text());
        assert!(answer.text().contains("api users create --admin"), "{}", answer.text());
    }
}

#[tokio::test]
async fn every_refusal_of_a_browser_is_a_page_with_its_status_and_headers() {
    let app = TestApp::builder().set("rate_limit.enabled", true).spawn().await;
    let link = app.first_admin().unwrap();
    let unknown = app.get("/setup/guess").header("accept", BROWSER).await.expect(404);
    let broken = app.post(link).body("application/x-www-form-urlencoded", "email=%zz");
    let broken = broken.header("accept", BROWSER).await.expect(400);
    let foreign = app.post(link).body("text/plain", "x").header("accept", BROWSER).await.expect(415);
    for _ in 3..10 {
        app.get(link).header("accept", BROWSER).await.expect(200);
    }
    let throttled = app.get(link).header("accept", BROWSER).await.expect(429);
    let wait: u64 = throttled.header("retry-after").parse().unwrap();
    assert!(wait > 0, "{wait}");
    assert!(throttled.headers.contains_key("x-ratelimit-limit"), "{:?}", throttled.headers);
    for answer in [unknown, broken, foreign, throttled] {
        assert_page(&answer);
        assert!(answer.text().contains("<h1>"), "{}", answer.text());
    }
}

#[tokio::test]
async fn programs_get_json_for_the_same() {
    let app = TestApp::spawn().await;
    let link = app.first_admin().unwrap();
    let weak = json!({"email": "ann@example.com", "username": "ann", "password": "password1"});
    for accept in ["*/*", "application/json", "application/json, text/html"] {
        let answer = app.post(link).json(&weak).header("accept", accept).await.expect(422);
        assert_eq!(answer.json()["error"]["details"][0]["field"], "/password", "{accept}");
    }
    assert_eq!(app.get("/setup/guess").await.expect(404).code(), "not_found");
    let form = app.post(link).form(&fields(PASSWORD, PASSWORD)).await.expect(422);
    assert_eq!(form.json()["error"]["details"][0]["field"], "/password_confirm");
    let made = app.post(link).form(&fields(PASSWORD, PASSWORD)[..3]).await.expect(201);
    assert_eq!(made.json()["username"], "ann");
    assert_eq!(app.get(link).await.expect(410).reason(), "setup.link_used");
}

#[tokio::test]
async fn pages_link_to_the_documents_only_where_they_are_served() {
    let app = TestApp::builder().set("app.docs_enabled", false).spawn().await;
    let link = app.first_admin().unwrap();
    let made = submit(&app, link, &fields(PASSWORD, PASSWORD)).await.expect(201);
    let used = app.get(link).header("accept", BROWSER).await.expect(410);
    for answer in [made, used] {
        assert!(!answer.text().contains("/docs"), "{}", answer.text());
    }
}
