//! Access tokens that nobody issued.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use palisade_testkit::TestApp;
use serde_json::{Value, json};

const SECRET: &str = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";

/// A token taken apart, to be put together otherwise.
struct Parts {
    header: Value,
    claims: Value,
}

impl Parts {
    fn of(token: &str) -> Self {
        let part =
            |part: &str| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let mut parts = token.split('.');
        Self { header: part(parts.next().unwrap()), claims: part(parts.next().unwrap()) }
    }

    fn text(&self) -> String {
        let part = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    fn signed(&self, algorithm: hmac::Algorithm, secret: &str) -> String {
        let (text, key) = (self.text(), hmac::Key::new(algorithm, secret.as_bytes()));
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut parts = Self { header: self.header.clone(), claims: self.claims.clone() };
        change(&mut parts);
        parts.signed(hmac::HMAC_SHA256, SECRET)
    }
}

#[tokio::test]
async fn a_forged_token_is_a_401_with_a_challenge() {
    let app = TestApp::builder().set("auth.jwt_secret", SECRET).spawn().await;
    let ann = app.register("ann").await;
    let bob = app.register("bob").await;
    let genuine = Parts::of(&ann.access_token);
    app.get("/api/v1/users/me").token(&genuine.with(|_| {})).await.expect(200);

    for (name, token) in forgeries(&genuine, &bob.id) {
        let answer = app.get("/api/v1/users/me").token(&token).await;
        assert_eq!(answer.status, 401, "{name}: {}", answer.text());
        assert_eq!(answer.reason(), "auth.invalid_token", "{name}");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer") && challenge.contains("invalid_token"),
            "{name}: {challenge}"
        );
    }
}

fn forgeries(genuine: &Parts, other_user: &str) -> Vec<(&'static str, String)> {
    let header = |name: &'static str, value: Value| genuine.with(|parts| parts.header[name] = value);
    let claim = |name: &'static str, value: Value| genuine.with(|parts| parts.claims[name] = value);
    let without = |name: &'static str| {
        genuine.with(|parts| {
            parts.claims.as_object_mut().unwrap().remove(name);
        })
    };
    let none = Parts { header: json!({"alg": "none", "typ": "at+jwt"}), claims: genuine.claims.clone() };
    let hs512 = Parts { header: genuine.header.clone(), claims: genuine.claims.clone() };
    let good = genuine.signed(hmac::HMAC_SHA256, SECRET);
    let mut forgeries = vec![
        ("no signature", format!("{}.", genuine.text())),
        ("algorithm none", format!("{}.", none.text())),
        ("algorithm none, signed", none.signed(hmac::HMAC_SHA256, SECRET)),
        ("another secret", genuine.signed(hmac::HMAC_SHA256, "another-secret-another-secret-00")),
        ("the empty secret", genuine.signed(hmac::HMAC_SHA256, "")),
        ("another algorithm under the header", hs512.signed(hmac::HMAC_SHA512, SECRET)),
        ("a header of RS256", header("alg", json!("RS256"))),
        ("a header of HS512", header("alg", json!("HS512"))),
        ("the type of any token", header("typ", json!("JWT"))),
        ("an unknown key", header("kid", json!("../../dev/null"))),
        ("a demanded extension", header("crit", json!(["exp"]))),
        ("expired", claim("exp", json!(1))),
        ("of the future", claim("nbf", json!(9_999_999_999_i64))),
        ("of another issuer", claim("iss", json!("elsewhere"))),
        ("for another audience", claim("aud", json!("elsewhere"))),
        ("of another user", claim("sub", json!(other_user))),
        ("of no session", claim("sid", json!("01890000-0000-7000-8000-000000000000"))),
        ("with a text for its end", claim("exp", json!("tomorrow"))),
        ("over 8 KB", claim("more", json!("x".repeat(9_000)))),
        ("with a space inside", good.replacen('.', ". ", 1)),
        ("of four parts", format!("{good}.x")),
        ("with padding", format!("{good}=")),
    ];
    forgeries
        .extend(["iss", "aud", "exp", "nbf", "sub", "sid"].map(|name| ("lacking a claim", without(name))));
    forgeries
}

#[tokio::test]
async fn the_header_authorization_is_read_strictly() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let token = &ann.access_token;
    // RFC 9110 §11.1: the scheme's name knows no case.
    for value in [format!("bearer {token}"), format!("BEARER {token}")] {
        app.get("/api/v1/users/me").header("authorization", value).await.expect(200);
    }
    for value in [
        format!("Token {token}"),
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer {token} x"),
        format!("Bearer {token},{token}"),
    ] {
        app.get("/api/v1/users/me").header("authorization", value).await.expect(401);
    }
    app.get(&format!("/api/v1/users/me?access_token={token}")).await.expect(401);
    app.get("/api/v1/users/me").header("cookie", format!("access_token={token}")).await.expect(401);
    let without = app.get("/api/v1/users/me").await.expect(401);
    assert_eq!((without.header("www-authenticate"), &*without.reason()), ("Bearer", "auth.missing_token"));
}
