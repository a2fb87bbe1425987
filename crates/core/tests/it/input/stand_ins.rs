//! Types of other crates, and types that take no stand-in.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use palisade_core::{FieldError, input};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::problems;

#[derive(Debug, Deserialize, Validate)]
#[expect(dead_code, reason = "values of it are only refused here")]
struct Foreign {
    id: Uuid,
    at: DateTime<Utc>,
    day: NaiveDate,
    minute: NaiveDateTime,
    time: NaiveTime,
    address: IpAddr,
    six: Ipv6Addr,
    #[validate(length(min = 1))]
    name: String,
}

#[test]
fn types_of_other_crates_hide_no_problem_of_their_neighbours() {
    let wrong = json!({
        "id": "x", "at": "x", "day": "x", "minute": "x", "time": "x", "address": "x", "six": "1.2.3.4", "name": "",
    });
    let wanted =
        ["id", "at", "day", "minute", "time", "address", "six"].map(|name| format!("/{name} invalid_value"));
    let wanted: Vec<_> = wanted.into_iter().chain(["/name too_short".to_owned()]).collect();
    assert_eq!(problems::<Foreign>(wrong), wanted);
    let missing: Vec<_> = problems::<Foreign>(json!({"name": ""}));
    assert_eq!(missing.len(), 8, "{missing:?}");
    assert_eq!(missing.last().unwrap(), "/name too_short");
}

/// Only one text is right, and it is none that anybody would guess.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Password;

impl TryFrom<String> for Password {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        match text.as_str() {
            "swordfish" => Ok(Self),
            _ => Err(FieldError::unplaced("wrong_word", "is not the word")),
        }
    }
}

#[derive(Debug, Deserialize, Validate)]
struct Door {
    #[validate(length(min = 5))]
    first: String,
    inner: Inner,
    last: u8,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "values of it are only refused here")]
struct Inner {
    word: Password,
    after: u8,
}

#[test]
fn a_type_without_a_stand_in_hides_rules_alone() {
    let body = json!({"first": "", "inner": {"word": "x", "after": "y", "more": 1}, "last": "z", "none": 1});
    let mut found = problems::<Door>(body);
    found.sort();
    let wanted = [
        "/inner/after invalid_type",
        "/inner/more unknown_field",
        "/inner/word wrong_word",
        "/last invalid_type",
        "/none unknown_field",
    ];
    assert_eq!(found, wanted);
    let right = json!({"first": "right", "inner": {"word": "swordfish", "after": 1}, "last": 2});
    let door: Door = input::read(&right).unwrap();
    assert_eq!((door.first.len(), door.inner.after, door.last), (5, 1, 2));
}

#[derive(Debug, Deserialize, Validate)]
#[expect(dead_code, reason = "values of it are only refused here")]
struct Tree {
    name: Uuid,
    #[serde(default)]
    children: Vec<Tree>,
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!({"name": "x"}), |tree, _| json!({"name": 1, "children": [tree, {}, 5]}))
}

#[test]
fn problems_deep_within_are_named() {
    let found = problems::<Tree>(nested(2));
    let wanted = [
        "/name invalid_type",
        "/children/0/name invalid_type",
        "/children/0/children/0/name invalid_value",
        "/children/0/children/1/name missing",
        "/children/0/children/2 invalid_type",
        "/children/1/name missing",
        "/children/2 invalid_type",
    ];
    assert_eq!(found, wanted);
    assert_eq!(problems::<Tree>(nested(30)).len(), 91);
}

#[test]
fn of_very_many_problems_the_first_are_told() {
    let ids = |count: usize| json!({"name": "x", "children": vec![json!({"name": "y"}); count]});
    assert_eq!(problems::<Tree>(ids(1_000)).len(), FieldError::MOST);
    // What may be read again is bounded.
    let mut late = vec![json!({"name": "00000000-0000-0000-0000-000000000000"}); 30_000];
    late.extend(vec![json!({"name": "y"}); 50]);
    let found = problems::<Tree>(json!({"name": "x", "children": late}));
    assert!((2..50).contains(&found.len()), "{}", found.len());
    let unknown: serde_json::Map<_, _> = (0..5_000).map(|index| (format!("x{index}"), json!(1))).collect();
    assert_eq!(problems::<Tree>(unknown.into()).len(), FieldError::MOST);
}
