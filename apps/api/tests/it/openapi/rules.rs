//! What must hold of everything in the API document, so that clients made from it work.

use std::collections::BTreeSet;

use palisade_core::{ErrorKind, error::CATALOGUE};
use palisade_testkit::TestApp;
use serde_json::{Map, Value, json};

use super::{document, operations};

/// The members of answers that are left out where there is nothing to say.
const SOMETIMES: [&str; 10] = [
    "ErrorFacts.causes",
    "ErrorFacts.reason",
    "HealthSummary.database",
    "Links.docs",
    "Links.openapi",
    "Links.redoc",
    "Problem.causes",
    "Problem.errors",
    "Problem.reason",
    "PublicKey.kid",
];

#[tokio::test]
async fn an_operation_for_anyone_asks_for_nothing() {
    let document = document(&TestApp::spawn().await).await;
    let open = |(name, operation): (String, Value)| (operation["security"] == json!([])).then_some(name);
    let open: Vec<String> = operations(&document).into_iter().filter_map(open).collect();
    assert!(open.iter().any(|name| name == "POST /api/v1/auth/login"), "{open:?}");
    assert!(!document.to_string().contains(r#""security":[{}"#));
}

#[tokio::test]
async fn names_are_short_and_groups_are_explained_and_in_order() {
    let document = document(&TestApp::spawn().await).await;
    let tags = document["tags"].as_array().unwrap();
    let explained: Vec<&str> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert!(tags.iter().all(|tag| tag["description"].as_str().is_some_and(|text| text.len() > 20)));
    assert_eq!(explained, ["users", "setup", "auth", "keys", "health", "service", "errors"]);
    // A link to an item of the code leads nowhere from here.
    assert!(!document.to_string().contains("[`"));
    for (name, operation) in operations(&document) {
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(explained.contains(&tag), "{name} is in the group {tag}, of which nothing is said");
        let summary = operation["summary"].as_str().unwrap();
        let is_short = summary.split(' ').count() <= 6 && summary.len() <= 40;
        assert!(is_short && !summary.contains(['\n', '.', '`']), "{name} is called {summary:?}");
        assert!(operation["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn each_refusal_shows_a_sample_of_its_own() {
    let document = document(&TestApp::spawn().await).await;
    let mut seen = 0;
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let status: u16 = status.parse().unwrap();
            let content = resolved(&document, response)["content"].as_object().cloned().unwrap_or_default();
            // A probe that fails answers like one that does not.
            if status < 400 || !content.contains_key("application/problem+json") {
                continue;
            }
            for (media_type, content) in content {
                let samples = content["examples"].as_object().cloned().unwrap_or_default();
                assert!(!samples.is_empty(), "{name} shows no {status} as {media_type}");
                for (sample, shown) in samples {
                    check_sample(status, &sample, &shown["value"]);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 500, "the samples are looked at at all: {seen}");
}

fn check_sample(status: u16, name: &str, shown: &Value) {
    let (body, text, reason) = match &shown["error"] {
        Value::Null => (shown, "detail", &shown["reason"]),
        error => (error, "message", &error["details"]["reason"]),
    };
    let entry = CATALOGUE.iter().find(|entry| body["code"] == entry.code).unwrap();
    assert!(entry.status == status || entry.also.contains(&status), "{status} shows {shown}");
    assert!(body[text].as_str().is_some_and(|text| !text.is_empty()), "{shown}");
    assert_eq!(name.contains('.'), *reason == name, "{name} shows {shown}");
    if shown["error"].is_null() {
        assert_eq!((&shown["status"], &shown["title"]), (&json!(status), &json!(entry.title)), "{shown}");
        assert_eq!(shown["type"], format!("/errors/{}", entry.kind.slug()));
    }
    assert_eq!(
        entry.kind == ErrorKind::Validation,
        !(shown["errors"].is_null() && body["details"][0].is_null())
    );
}

#[tokio::test]
async fn what_an_answer_always_holds_is_required() {
    let document = document(&TestApp::spawn().await).await;
    let mut answered = BTreeSet::new();
    for (_, operation) in operations(&document) {
        for response in operation["responses"].as_object().unwrap().values() {
            reach(&document, resolved(&document, response), &mut answered);
        }
    }
    // A body that is answered with and sent, too, could not be strict about both.
    assert!(!answered.contains("SignUp") && answered.contains("User"), "{answered:?}");
    let mut optional = BTreeSet::new();
    for name in &answered {
        let schema = &document["components"]["schemas"][name];
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let members = schema["properties"].as_object().cloned().unwrap_or_default();
        let left_out = members.keys().filter(|member| !required.contains(&json!(member)));
        optional.extend(left_out.map(|member| format!("{name}.{member}")));
    }
    assert_eq!(optional, SOMETIMES.map(str::to_owned).into());
}

/// The names of the schemas to which the value leads.
fn reach(document: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let Some(reference) = member.as_str().filter(|_| name == "$ref") else {
                    reach(document, member, found);
                    continue;
                };
                let name = reference.rsplit('/').next().unwrap();
                if reference.starts_with("#/components/schemas/") && found.insert(name.to_owned()) {
                    reach(document, document.pointer(&reference[1..]).unwrap(), found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| reach(document, item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn what_can_be_left_out_of_an_address_is_not_filled_in() {
    let document = document(&TestApp::spawn().await).await;
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            let filled = !parameter["example"].is_null() || !parameter["schema"]["examples"].is_null();
            assert!(parameter["required"] == true || !filled, "{name}: {parameter}");
        }
    }
}

#[tokio::test]
async fn a_page_points_to_its_items() {
    let document = document(&TestApp::spawn().await).await;
    let page = &document["components"]["schemas"]["UserPage"];
    assert_eq!(page["properties"]["items"]["items"], json!({"$ref": "#/components/schemas/User"}));
}

#[tokio::test]
async fn everything_has_its_bounds() {
    let document = document(&TestApp::spawn().await).await;
    let mut findings = Vec::new();
    each_schema(&document, "", &mut |place, schema| {
        let has = |name: &str| schema.contains_key(name);
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        for kind in kinds {
            let bound = match kind.as_str() {
                Some("string") => has("enum") || has("maxLength"),
                Some("integer") => has("minimum") && has("maximum") && has("format"),
                Some("array") => has("maxItems"),
                _ => true,
            };
            if !bound {
                findings.push(format!("{place} has no bounds: {schema:?}"));
            }
            // What comes in has a form, too.
            let asked = place.contains("/parameters/");
            if asked && kind == "string" && !(has("enum") || has("pattern")) {
                findings.push(format!("{place} has no pattern: {schema:?}"));
            }
        }
    });
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Calls it with each object that says of which type something is, and where it stands. Samples are none.
fn each_schema(value: &Value, place: &str, found: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            if members.get("type").is_some_and(|kind| kind.is_string() || kind.is_array()) {
                found(place, members);
            }
            for (name, member) in members {
                if !["example", "examples", "enum", "securitySchemes"].contains(&name.as_str()) {
                    each_schema(member, &format!("{place}/{name}"), found);
                }
            }
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(at, item)| each_schema(item, &format!("{place}/{at}"), found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_limited_operation_tells_what_is_left_in_each_answer() {
    let document = document(&TestApp::spawn().await).await;
    let login = &document["paths"]["/api/v1/auth/login"]["post"]["responses"];
    for status in ["200", "400", "401", "422", "429"] {
        let headers = &resolved(&document, &login[status])["headers"];
        assert!(headers["RateLimit"].is_object() && headers["X-RateLimit-Limit"].is_object(), "{status}");
    }
    assert!(resolved(&document, &login["429"])["headers"]["Retry-After"].is_object());
    assert!(resolved(&document, &login["401"])["headers"]["WWW-Authenticate"].is_object());
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}
