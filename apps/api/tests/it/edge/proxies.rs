//! Who the client is, behind a proxy.

use palisade_testkit::{PASSWORD, TestApp};
use serde_json::json;

/// The address that the session is said to come from, after a sign-in with these headers.
async fn address_of_a_session(app: &TestApp, name: &str, headers: &[(&str, &str)]) -> String {
    let ann = app.register(name).await;
    let body = json!({"username": name, "password": PASSWORD});
    let call =
        headers.iter().fold(app.post("/api/v1/auth/login"), |call, (name, value)| call.header(name, value));
    call.json(&body).await.expect(200);
    let sessions = app.get("/api/v1/auth/sessions").token(&ann.access_token).await.expect(200).json();
    let other = sessions.as_array().unwrap().iter().find(|session| session["current"] == false);
    other.expect("the session of the sign-in")["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_remembers_the_client_and_not_the_proxy() {
    let proxies = json!(["127.0.0.0/8", "10.0.0.0/8"]);
    let app = TestApp::builder().set("security.trusted_proxies", proxies).spawn().await;
    let forged = ("x-forwarded-for", "198.51.100.66, 192.0.2.1, 10.0.0.2");
    assert_eq!(address_of_a_session(&app, "ann", &[forged]).await, "192.0.2.1");
    let forwarded = ("forwarded", r#"for=198.51.100.66, for="[2001:db8::1]:4711";proto=https"#);
    assert_eq!(address_of_a_session(&app, "bob", &[forwarded]).await, "2001:db8::1");
    assert_eq!(address_of_a_session(&app, "carl", &[("x-forwarded-for", "192.0.2.1, x")]).await, "127.0.0.1");
    assert_eq!(address_of_a_session(&app, "dora", &[forged, forwarded]).await, "127.0.0.1");
}

#[tokio::test]
async fn without_trusted_proxies_nothing_a_client_says_counts() {
    let app = TestApp::spawn().await;
    let forged = [("x-forwarded-for", "192.0.2.1"), ("x-real-ip", "192.0.2.1")];
    assert_eq!(address_of_a_session(&app, "ann", &forged).await, "127.0.0.1");
}
