//! Compressed responses of the whole server.

use palisade_testkit::TestApp;

#[tokio::test]
async fn a_large_document_is_compressed_and_its_head_agrees() {
    let app = TestApp::spawn().await;
    let plain = app.get("/openapi.json").header("accept-encoding", "identity").await.expect(200);
    for coding in ["gzip", "br", "zstd"] {
        let packed = app.get("/openapi.json").header("accept-encoding", coding).await.expect(200);
        assert_eq!(packed.header("content-encoding"), coding);
        assert!(packed.header("vary").contains("accept-encoding"), "{:?}", packed.headers);
        assert!(packed.body.len() * 2 < plain.body.len(), "{coding}: {}", packed.body.len());
        let head = app.call(reqwest::Method::HEAD, "/openapi.json").header("accept-encoding", coding).await;
        assert_eq!(head.header("content-encoding"), coding);
    }
}

#[tokio::test]
async fn tokens_and_errors_keep_their_length() {
    let app = TestApp::builder().set("compression.min_size_bytes", 0).spawn().await;
    let ann = app.register("ann").await;
    let login = serde_json::json!({"username": ann.email, "password": palisade_testkit::PASSWORD});
    let login = app.post("/api/v1/auth/login").json(&login).header("accept-encoding", "gzip").await;
    assert_eq!((login.expect(200).header("content-encoding")), "");
    let missing = app.get("/nowhere").header("accept-encoding", "gzip").await.expect(404);
    assert_eq!(missing.header("content-encoding"), "");
}

#[tokio::test]
async fn what_was_read_compressed_can_be_changed() {
    let app = TestApp::builder().set("compression.min_size_bytes", 0).spawn().await;
    let ann = app.register("ann").await;
    let me = app.get("/api/v1/users/me").token(&ann.access_token).header("accept-encoding", "br");
    let me = me.await.expect(200);
    let tag = me.header("etag");
    assert!(me.header("content-encoding") == "br" && tag.ends_with("--br\""), "{:?}", me.headers);
    let again = app.get("/api/v1/users/me").token(&ann.access_token).header("if-none-match", tag);
    assert_eq!(again.await.expect(304).header("etag"), tag);
    let change = || app.patch("/api/v1/users/me").token(&ann.access_token).header("if-match", tag);
    change().json(&serde_json::json!({"name": "Ann"})).await.expect(200);
    change().json(&serde_json::json!({"name": "Eve"})).await.expect(412);
}
