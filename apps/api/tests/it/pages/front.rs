//! `GET /`, and the names in the browser's tab.

use palisade_testkit::TestApp;
use reqwest::Method;
use serde_json::json;

use super::{BROWSER, title};

#[tokio::test]
async fn a_browser_at_the_root_is_led_to_the_documents_and_a_program_too() {
    let app = TestApp::spawn().await;
    let page = app.get("/").header("accept", BROWSER).await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("vary").contains("accept"), "{:?}", page.headers);
    for target in ["/docs", "/redoc", "/openapi.json", "/errors"] {
        assert!(page.text().contains(&format!("<a href=\"{target}\">")), "{}", page.text());
        app.get(target).await.expect(200);
    }
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.9"] {
        let answer = app.get("/").header("accept", accept).await.expect(200);
        let wanted =
            json!({"name": "palisade", "docs": "/docs", "openapi": "/openapi.json", "errors": "/errors"});
        assert_eq!(answer.json(), wanted);
    }
    let tag = page.header("etag").to_owned();
    app.get("/").header("accept", BROWSER).header("if-none-match", &tag).await.expect(304);
    app.get("/").header("if-none-match", &tag).await.expect(200);
    app.call(Method::HEAD, "/").await.expect(200);
    app.post("/").await.expect(405);
}

#[tokio::test]
async fn documents_that_are_switched_off_are_named_nowhere() {
    let app = TestApp::builder().set("app.docs_enabled", false).spawn().await;
    let page = app.get("/").header("accept", BROWSER).await.expect(200).text();
    for target in ["/docs", "/redoc", "/openapi.json"] {
        assert!(!page.contains(target), "{page}");
        app.get(target).await.expect(404);
    }
    assert_eq!(app.get("/").await.expect(200).json(), json!({"name": "palisade", "errors": "/errors"}));
}

#[tokio::test]
async fn each_tab_says_what_the_page_is_and_of_which_service() {
    let app = TestApp::builder().set("app.name", "Orders <1>").spawn().await;
    let link = app.first_admin().unwrap();
    for (target, wanted) in [
        ("/", "API"),
        ("/docs", "API documentation"),
        ("/redoc", "API reference"),
        ("/errors", "Errors"),
        ("/errors/not-found", "Resource Not Found"),
        (link, "First administrator"),
    ] {
        let page = app.get(target).header("accept", BROWSER).await.expect(200).text();
        assert_eq!(title(&page), format!("{wanted} – Orders &lt;1&gt;"), "{target}");
    }
}
