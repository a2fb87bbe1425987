//! What every answer that is not a success must be like.

use palisade_core::{ErrorKind, error::CATALOGUE};
use palisade_testkit::TestResponse;
use serde_json::Value;

/// The two forms of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `{"error":{…}}`
    Envelope,
    /// RFC 9457.
    Problem,
}

impl Form {
    pub(crate) const BOTH: [Self; 2] = [Self::Envelope, Self::Problem];

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Envelope => "application/json",
            Self::Problem => "application/problem+json",
        }
    }
}

/// Traces of the program's inside that no client may see.
const INTERNALS: &[&str] = &[
    "palisade_",
    "actix",
    "serde",
    "sqlx",
    "sea_query",
    "tokio",
    "argon2",
    "jsonwebtoken",
    "reqwest",
    ".rs",
    "::",
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM",
    "panicked",
    "unwrap",
    " at line ",
    " column ",
    "/src/",
    "/tmp/",
    "PRAGMA",
    "constraint",
    "stack backtrace",
];

/// Everything wrong with the answer to a request for an error in `form`; nothing for a success.
pub(crate) fn problems_of(answer: &TestResponse, form: Form) -> Vec<String> {
    let mut problems = headers(answer);
    if answer.status < 400 {
        return problems;
    }
    problems.extend(failure_headers(answer));
    if answer.request.starts_with("HEAD ") {
        if !answer.body.is_empty() {
            problems.push("HEAD has a body".to_owned());
        }
        return problems;
    }
    if answer.header("content-type") != form.media_type() {
        problems.push(format!("content type {:?}", answer.header("content-type")));
    }
    let text = answer.text();
    problems.extend(
        INTERNALS.iter().filter(|trace| text.contains(**trace)).map(|trace| format!("shows {trace:?}")),
    );
    match serde_json::from_slice::<Value>(&answer.body) {
        Err(_) => problems.push("the body is not JSON".to_owned()),
        Ok(body) if form == Form::Envelope => problems.extend(envelope(answer, &body)),
        Ok(body) => problems.extend(problem(answer, &body)),
    }
    if !problems.is_empty() {
        problems.push(format!("in {} {text}", answer.status));
    }
    problems
}

fn headers(answer: &TestResponse) -> Vec<String> {
    let mut problems = Vec::new();
    for name in ["x-request-id", "x-process-time"] {
        if answer.headers.get_all(name).iter().count() != 1 {
            problems.push(format!("not exactly one {name}"));
        }
    }
    if answer.header("x-process-time").parse::<f64>().is_ok_and(|time| time < 0.0 || !time.is_finite()) {
        problems.push("x-process-time is no duration".to_owned());
    }
    if answer.header("x-process-time").parse::<f64>().is_err() {
        problems.push("x-process-time is no number".to_owned());
    }
    if answer.headers.contains_key("server") {
        problems.push("names its server software".to_owned());
    }
    problems
}

fn failure_headers(answer: &TestResponse) -> Vec<String> {
    let demanded: &[&str] = match answer.status {
        401 => &["www-authenticate"],
        405 => &["allow"],
        429 | 503 => &["retry-after"],
        _ => &[],
    };
    demanded
        .iter()
        .filter(|name| answer.header(name).is_empty())
        .map(|name| format!("lacks {name}"))
        .collect()
}

fn envelope(answer: &TestResponse, body: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let error = &body["error"];
    if keys(body) != ["error"] || keys(error) != ["code", "details", "message", "request_id"] {
        problems.push("other members than the envelope's".to_owned());
    }
    problems.extend(facts(answer, error));
    if error["message"].as_str().is_none_or(str::is_empty) {
        problems.push("no message".to_owned());
    }
    let details = &error["details"];
    if !(details.is_null() || details.is_object() || details.is_array()) {
        problems.push("details of another type".to_owned());
    }
    problems
}

fn problem(answer: &TestResponse, body: &Value) -> Vec<String> {
    let mut problems = facts(answer, body);
    let Some(kind) = body["code"].as_str().and_then(|code| ErrorKind::from_slug(&code.replace('_', "-")))
    else {
        return problems;
    };
    if body["type"] != format!("/errors/{}", kind.slug()) || body["title"] != kind.entry().title {
        problems.push("type or title is not the catalogue's".to_owned());
    }
    if body["status"] != answer.status {
        problems.push("status differs from the answer's".to_owned());
    }
    let timestamp = body["timestamp"].as_str().unwrap_or_default();
    if chrono::DateTime::parse_from_rfc3339(timestamp).is_err() {
        problems.push("no timestamp".to_owned());
    }
    if body["detail"].as_str().is_none_or(str::is_empty) || !body["instance"].is_string() {
        problems.push("no detail or instance".to_owned());
    }
    let known = [
        "code",
        "detail",
        "errors",
        "instance",
        "reason",
        "request_id",
        "status",
        "timestamp",
        "title",
        "type",
    ];
    problems
        .extend(keys(body).into_iter().filter(|key| !known.contains(key)).map(|key| format!("member {key}")));
    problems
}

/// Code, status and request id, which both forms have.
fn facts(answer: &TestResponse, members: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let code = members["code"].as_str().unwrap_or_default();
    match CATALOGUE.iter().find(|entry| entry.code == code) {
        None => problems.push(format!("code {code:?} is not in the catalogue")),
        Some(row) if row.status != answer.status && !row.also.contains(&answer.status) => {
            problems.push(format!("code {code} with status {}", answer.status));
        }
        Some(_) => {}
    }
    if members["request_id"] != answer.header("x-request-id") {
        problems.push("request id differs between header and body".to_owned());
    }
    problems
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_oracle_sees_what_it_is_for() {
    let answer = |head: &str, body: &str| {
        let bytes =
            format!("HTTP/1.1 404 x\r\nx-request-id: a\r\nx-process-time: 0.1\r\n{head}\r\n\r\n{body}");
        TestResponse::from_raw(bytes.as_bytes()).unwrap()
    };
    let json = "content-type: application/json";
    let good = r#"{"error":{"code":"not_found","message":"m","request_id":"a","details":null}}"#;
    assert_eq!(problems_of(&answer(json, good), Form::Envelope), Vec::<String>::new());
    for (head, body) in [
        ("content-type: text/plain", good.to_owned()),
        (json, String::new()),
        (json, good.replace("not_found", "lost")),
        (json, good.replace("not_found", "conflict")),
        (json, good.replace(r#""a""#, r#""b""#)),
        (json, good.replace(r#""m""#, r#""sqlx failed""#)),
        (json, good.replace(r#","details":null"#, "")),
    ] {
        assert!(!problems_of(&answer(head, &body), Form::Envelope).is_empty(), "{head} {body}");
    }
    assert!(!problems_of(&answer(json, good), Form::Problem).is_empty());
}
