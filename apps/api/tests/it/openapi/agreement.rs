//! What the document says of a text is what the server makes of it.

use palisade_auth::RefreshToken;
use palisade_core::{Cursor, Parse, Role, UserId};
use palisade_http::etag::Condition;
use palisade_idempotency::IdempotencyKey;
use palisade_testkit::TestApp;
use palisade_users::{Email, Name, SearchText, Username};
use regex::Regex;
use serde_json::{Value, json};

use super::{document, operations};

/// A rule of the document beside the parser that holds it.
type Rule = (&'static str, fn(&str) -> bool);

const SCHEMAS: [Rule; 6] = [
    ("Email", |text| Email::parse(text).is_ok()),
    ("Username", |text| Username::parse(text).is_ok()),
    ("PersonName", |text| Name::parse(text).is_ok()),
    ("Role", |text| Role::parse(text).is_ok()),
    ("Cursor", |text| Cursor::parse(text).is_ok()),
    ("Id", |text| UserId::parse(text).is_ok()),
];

const PARAMETERS: [Rule; 4] = [
    ("cursor", |text| Cursor::parse(text).is_ok()),
    ("q", |text| SearchText::parse(text).is_ok()),
    ("If-Match", |text| text.parse::<Condition>().is_ok()),
    ("id", |text| UserId::parse(text).is_ok()),
];

#[tokio::test]
async fn each_text_gets_the_same_verdict_from_the_document_and_from_its_parser() {
    let document = document(&TestApp::spawn().await).await;
    let texts = texts();
    for (name, parser) in SCHEMAS {
        compare(name, &document["components"]["schemas"][name], parser, &texts);
    }
    for (name, parser) in PARAMETERS {
        compare(name, &parameter(&document, name), parser, &texts);
    }
    let key = &document["components"]["parameters"]["IdempotencyKey"]["schema"];
    compare("Idempotency-Key", key, |text| text.parse::<IdempotencyKey>().is_ok(), &texts);
}

fn compare(name: &str, schema: &Value, parser: fn(&str) -> bool, texts: &[String]) {
    let pattern = Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
    let length = |bound: &str| schema[bound].as_u64().map(|length| usize::try_from(length).unwrap());
    let (least, most) = (length("minLength").unwrap_or(0), length("maxLength").unwrap());
    let fits = |text: &str| pattern.is_match(text) && (least..=most).contains(&text.chars().count());
    let differing: Vec<_> = texts.iter().filter(|text| fits(text) != parser(text)).collect();
    assert!(differing.is_empty(), "{name}: {differing:?}");
    assert!(texts.iter().any(|text| fits(text)) && !texts.iter().all(|text| fits(text)), "{name}");
}

fn parameter(document: &Value, name: &str) -> Value {
    let operations = operations(document).into_iter().map(|(_, operation)| operation);
    let mut parameters =
        operations.flat_map(|operation| operation["parameters"].as_array().cloned().unwrap_or_default());
    parameters.find(|parameter| parameter["name"] == name).unwrap()["schema"].clone()
}

/// Texts at the edges of the rules.
fn texts() -> Vec<String> {
    let lengths = [1, 2, 3, 43, 50, 51, 63, 64, 100, 101, 128, 129, 255, 256, 257, 1_024, 1_025];
    let mut texts: Vec<String> = lengths.iter().map(|length| "a".repeat(*length)).collect();
    texts.extend(lengths.iter().map(|length| format!("\"{}\"", "a".repeat(*length))));
    texts.extend(
        ["", " ", "a b", " a", "a ", "\ta", "a\tb", "a\n", "é", "ann", "Ann", "ann_lee", "ann-lee", "a.b"]
            .map(Into::into),
    );
    texts.extend(
        ["李小龍", "a\u{0}b", "a\u{7f}b", "a\u{85}b", "a\u{ad}b", "a\u{200b}b", "a\u{200d}b"].map(Into::into),
    );
    texts.extend(
        ["\u{3000}a", "a\u{2028}", "a\u{2028}b", "\u{202e}a", "\u{feff}a", "\u{3164}", "\u{a0}"]
            .map(Into::into),
    );
    texts.extend(
        ["*", "\"", "\"\"", "\"a\"", "W/\"a\"", "w/\"a\"", "\"a\", \"b\"", "\"a\" \"b\"", ",\"a\",,"]
            .map(Into::into),
    );
    texts.extend(
        ["\"a b\"", "\"a,b\"", r#""a\"b""#, r#""a\b""#, r#"a"b"#, "*, \"a\"", "\"a\",", "a\"", "\u{e4}"]
            .map(Into::into),
    );
    texts.extend(
        ["a@b.co", "a@b", "@b.co", "a@@b.co", ".a@b.co", "a.@b.co", "a..b@c.de", "a@b.1"].map(Into::into),
    );
    texts.extend(
        ["a@b.c-", "a@b.1-", "a@b.1-a", "a@-b.co", "a@b-.co", "a@b..co", "a@1.2.3.4", "\"a\"@b.co"]
            .map(Into::into),
    );
    texts.push(format!("a@{}.co", "b".repeat(63)));
    texts.push(format!("a@{}.co", "b".repeat(64)));
    let id = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11";
    texts.extend([
        id.to_owned(),
        id.to_uppercase(),
        id.replace('-', ""),
        format!("{{{id}}}"),
        format!("{id}0"),
    ]);
    texts
}

#[tokio::test]
async fn a_refresh_token_is_one_of_the_document_s() {
    let document = document(&TestApp::spawn().await).await;
    let schema = &document["components"]["schemas"]["RefreshToken"];
    let pattern = Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
    let token = RefreshToken::generate(&palisade_core::SystemRandom).to_secret();
    assert!(pattern.is_match(token.expose()));
    assert_eq!(schema["maxLength"], token.expose().len());
    assert!(RefreshToken::parse(&format!("{}a", token.expose())).is_err());
}

#[tokio::test]
async fn the_least_length_of_a_password_is_the_one_that_is_set() {
    let app = TestApp::builder().set("auth.password_min_length", 12).spawn().await;
    let document = document(&app).await;
    assert_eq!(document["components"]["schemas"]["NewPassword"]["minLength"], 12);
    let body = |password: &str| json!({"email": "a@b.co", "username": "ann", "password": password});
    app.post("/api/v1/auth/register").json(&body("7 herons 11")).await.expect(422);
    app.post("/api/v1/auth/register").json(&body("7 herons 12 wade")).await.expect(201);
}

#[tokio::test]
async fn whoever_sends_the_prefilled_bodies_one_after_the_other_succeeds() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    let prefilled = |name: &str| document["components"]["schemas"][name]["examples"][0].clone();
    app.post("/api/v1/auth/register").json(&prefilled("SignUp")).await.expect(201);
    app.post("/api/v1/auth/login").json(&prefilled("LoginByUsername")).await.expect(200);
    let form = prefilled("LoginForm");
    let pairs: Vec<_> = form
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str().unwrap()))
        .collect();
    app.post("/api/v1/auth/login").form(&pairs).await.expect(200);
    let pair = app.post("/api/v1/auth/login").json(&prefilled("LoginByEmail")).await.expect(200).json();
    let token = pair["access_token"].as_str().unwrap();
    app.patch("/api/v1/users/me").token(token).json(&prefilled("UserChange")).await.expect(200);
    app.post("/api/v1/auth/password/change")
        .token(token)
        .json(&prefilled("PasswordChange"))
        .await
        .expect(204);
    // A token of one's own is the one word to be changed.
    app.post("/api/v1/auth/refresh").json(&prefilled("RefreshBody")).await.expect(401);
    app.post("/api/v1/auth/refresh").json(&json!({"refresh_token": pair["refresh_token"]})).await.expect(200);
    let admin = app.admin().await;
    app.post("/api/v1/users").token(&admin.access_token).json(&prefilled("NewUser")).await.expect(201);
}
