//! Each rule of `validator`: its code, its message, its place.

use std::sync::LazyLock;

use palisade_core::{Secret, input};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};
use validator::{Validate, ValidationError};

use super::{problems, shown};

pub(super) static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[0-9]+$").unwrap());

#[derive(Debug, Default, Deserialize, Validate)]
#[serde(default)]
struct Every {
    #[validate(length(min = 2, max = 3))]
    text: Option<String>,
    #[validate(length(equal = 2))]
    two: Option<String>,
    #[validate(length(min = 1, max = 2))]
    list: Option<Vec<u8>>,
    #[validate(length(min = 8, max = 128))]
    secret: Option<Secret>,
    #[validate(length(min = 8))]
    short_secret: Option<Secret>,
    #[validate(range(min = 1, max = 5))]
    stars: Option<u8>,
    #[validate(range(exclusive_min = 0.0))]
    ratio: Option<f64>,
    #[validate(email)]
    email: Option<String>,
    #[validate(url)]
    url: Option<String>,
    #[validate(ip(v4 = true))]
    ip: Option<String>,
    #[validate(regex(path = *DIGITS))]
    digits: Option<String>,
    #[validate(contains(pattern = "a"))]
    with: Option<String>,
    #[validate(does_not_contain(pattern = "a"))]
    without: Option<String>,
    #[validate(non_control_character)]
    line: Option<String>,
    #[validate(custom(function = "is_even"))]
    even: Option<u32>,
    #[validate(custom(function = "is_even", code = "odd", message = "must be even"))]
    named: Option<u32>,
    #[validate(custom(function = "shouting"))]
    quiet: Option<String>,
    #[validate(length(max = 1, code = "one_letter", message = "must be one letter"))]
    letter: Option<String>,
}

fn is_even(number: u32) -> Result<(), ValidationError> {
    if number.is_multiple_of(2) { Ok(()) } else { Err(ValidationError::new("uneven")) }
}

fn shouting(_: &str) -> Result<(), ValidationError> {
    Err(ValidationError::new("No code: \"x\""))
}

#[test]
fn each_rule_has_its_code_and_message() {
    for (body, code, message) in [
        (json!({"text": "é"}), "/text too_short", "must have at least 2 characters"),
        (json!({"text": "éééé"}), "/text too_long", "must have at most 3 characters"),
        (json!({"two": "a"}), "/two invalid_length", "must have exactly 2 characters"),
        (json!({"list": []}), "/list too_few", "must have at least 1 items"),
        (json!({"list": [1, 2, 3]}), "/list too_many", "must have at most 2 items"),
        (json!({"secret": "ab"}), "/secret invalid_length", "must have 8 to 128 characters"),
        (json!({"short_secret": "ab"}), "/short_secret too_short", "must have at least 8 characters"),
        (json!({"stars": 6}), "/stars out_of_range", "must be at least 1 and at most 5"),
        (json!({"ratio": 0}), "/ratio out_of_range", "must be more than 0.0"),
        (json!({"email": "a"}), "/email invalid_email", "must be an e-mail address"),
        (json!({"url": "a"}), "/url invalid_url", "must be a URL"),
        (json!({"ip": "::1"}), "/ip invalid_ip", "must be an IP address"),
        (json!({"digits": "a"}), "/digits invalid_format", "does not have the documented form"),
        (json!({"with": "b"}), "/with missing_text", "lacks a text that it must contain"),
        (json!({"without": "a"}), "/without forbidden_text", "contains a text that it must not contain"),
        (json!({"line": "a\nb"}), "/line invalid_character", "must not contain control characters"),
        (json!({"even": 1}), "/even uneven", "is not valid"),
        (json!({"named": 1}), "/named odd", "must be even"),
        (json!({"quiet": "a"}), "/quiet invalid_value", "is not valid"),
        (json!({"letter": "ab"}), "/letter one_letter", "must be one letter"),
    ] {
        let error = input::read::<Every>(&body).unwrap_err();
        assert_eq!(error.fields()[0].message, message, "{body}");
        assert_eq!(shown(Some(error)), [code], "{body}");
    }
    let right = json!({
        "text": "ab", "two": "ab", "list": [1], "secret": "long enough", "short_secret": "long enough", "stars": 5,
        "ratio": 0.1, "email": "a@b.co", "url": "http://a.b/", "ip": "1.2.3.4", "digits": "1", "with": "a", "without": "b",
        "line": "a", "even": 2, "named": 2, "letter": "a",
    });
    assert_eq!(problems::<Every>(right), [""; 0]);
}

#[derive(Debug, Deserialize, Validate)]
#[validate(schema(function = "in_order", skip_on_field_errors = false))]
#[serde(rename_all = "camelCase")]
struct Account {
    #[validate(length(min = 3))]
    pass_word: String,
    #[validate(must_match(other = "pass_word"))]
    repeated: String,
    #[validate(required)]
    accepted: Option<bool>,
    #[validate(range(max = 9))]
    r#type: u8,
    #[validate(nested)]
    lines: Vec<Line>,
    #[validate(nested)]
    main: Option<Line>,
    first: u8,
    last: u8,
}

#[derive(Debug, Deserialize, Validate)]
#[validate(schema(function = "not_empty"))]
struct Line {
    #[validate(length(max = 1))]
    text: String,
    count: u8,
}

fn in_order(account: &Account) -> Result<(), ValidationError> {
    if account.first <= account.last {
        return Ok(());
    }
    Err(input::broken(&["last", "first"], "out_of_order", "must not be before first"))
}

fn not_empty(line: &Line) -> Result<(), ValidationError> {
    if line.count > 0 { Ok(()) } else { Err(ValidationError::new("empty")) }
}

fn account() -> Value {
    json!({
        "passWord": "abc", "repeated": "abc", "accepted": true, "type": 1, "lines": [{"text": "a", "count": 1}],
        "first": 1, "last": 2,
    })
}

fn with(changes: Value) -> Value {
    let mut body = account();
    let members = body.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    body
}

#[test]
fn rules_are_placed_by_the_names_that_clients_know() {
    assert_eq!(problems::<Account>(account()), [""; 0]);
    let body = with(json!({
        "passWord": "ab", "repeated": "b", "accepted": null, "type": 10, "first": 3,
        "lines": [{"text": "a", "count": 1}, {"text": "aa", "count": 1}, {"text": "", "count": 0}],
        "main": {"text": "aa", "count": 0},
    }));
    assert_eq!(
        problems::<Account>(body),
        [
            "/passWord too_short",
            "/repeated unequal",
            "/accepted missing",
            "/type out_of_range",
            "/lines/1/text too_long",
            "/lines/2 empty",
            "/main/text too_long",
            "/last out_of_order",
        ]
    );
}

#[test]
fn a_rule_is_silent_where_a_part_could_not_be_read() {
    for (changes, wanted) in [
        (json!({"passWord": 5}), vec!["/passWord invalid_type"]),
        (json!({"repeated": 5, "first": 3}), vec!["/repeated invalid_type", "/last out_of_order"]),
        (json!({"last": "x", "first": 3}), vec!["/last invalid_type"]),
        (json!({"lines": [{"text": 5}]}), vec!["/lines/0/text invalid_type", "/lines/0/count missing"]),
        (
            json!({"lines": [5, {"text": "aa", "count": 0}]}),
            vec!["/lines/0 invalid_type", "/lines/1/text too_long"],
        ),
        (json!({"type": "x", "accepted": null}), vec!["/type invalid_type", "/accepted missing"]),
    ] {
        assert_eq!(problems::<Account>(with(changes.clone())), wanted, "{changes}");
    }
    #[derive(Debug, Deserialize, Validate)]
    struct Tags {
        #[validate(length(max = 1))]
        tags: Vec<u8>,
    }
    assert_eq!(problems::<Tags>(json!({"tags": [1, "x"]})), ["/tags/1 invalid_type", "/tags too_many"]);
    assert_eq!(problems::<Vec<Tags>>(json!([{"tags": [1]}, {"tags": [1, 2]}])), ["/1/tags too_many"]);
}

/// validator numbers the members of a map in the map's own order, which is not that of the request.
#[test]
fn a_rule_within_a_map_is_told_of_the_map() {
    #[derive(Debug, Deserialize, Validate)]
    struct Shelf {
        #[validate(nested)]
        lines: std::collections::HashMap<String, Line>,
    }
    let line = |text: &str| json!({"text": text, "count": 1});
    assert_eq!(
        problems::<Shelf>(json!({"lines": {"a": line("aa"), "b": line("bb")}})),
        ["/lines invalid_value"]
    );
    let unread = json!({"lines": {"a": line("aa"), "b": {"text": "a", "count": "x"}}});
    assert_eq!(problems::<Shelf>(unread), ["/lines/b/count invalid_type"]);
    assert_eq!(problems::<Shelf>(json!({"lines": {"a": line("a")}})), [""; 0]);
}
