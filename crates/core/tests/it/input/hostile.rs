//! Whatever comes: a verdict, and no value in it.

use std::collections::BTreeMap;

use palisade_core::{Role, Secret, UserId, input};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use validator::{Validate, ValidationError};

#[derive(Debug, Deserialize, Validate)]
#[expect(dead_code, reason = "what is read is compared by its verdict")]
struct Form {
    #[validate(length(min = 8, max = 20))]
    password: Secret,
    #[validate(email, length(max = 10), must_match(other = "again"))]
    email: String,
    again: String,
    #[validate(regex(path = *super::rules::DIGITS), custom(function = "never"))]
    code: Option<String>,
    #[validate(range(min = 5))]
    number: i32,
    owner: UserId,
    roles: Vec<Role>,
    kind: Kind,
    extra: BTreeMap<String, bool>,
    #[serde(default)]
    choice: Choice,
}

fn never(_: &str) -> Result<(), ValidationError> {
    Err(ValidationError::new("never"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "what is read is compared by its verdict")]
enum Kind {
    One,
    Two { depth: u8 },
}

#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "what is read is compared by its verdict")]
enum Choice {
    #[default]
    Nothing,
    Number(u8),
    Text(uuid::Uuid),
}

const NAMES: [&str; 12] = [
    "password", "email", "again", "code", "number", "owner", "roles", "kind", "extra", "choice", "one", "two",
];

/// A text that stands nowhere else.
const MARK: &str = "q7Zx";

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z@.\0\"\\\\]{0,9}".prop_map(|text| Value::from(format!("{MARK}{text}{MARK}"))),
        Just(Value::from("01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11")),
        Just(Value::from("one")),
    ];
    let name = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..12)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn form() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(prop::sample::select(&NAMES[..]), any_json(), 0..12).prop_map(|members| {
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    })
}

fn shows_a_value(error: &palisade_core::Error) -> bool {
    format!("{error} {error:#} {error:?} {:?}", error.causes().collect::<Vec<_>>()).contains(MARK)
}

proptest! {
    #[test]
    fn no_value_of_a_body_is_told(body in prop_oneof![form(), any_json()]) {
        if let Err(error) = input::read::<Form>(&body) {
            prop_assert!(!error.fields().is_empty());
            prop_assert!(!shows_a_value(&error), "{error:?}");
        }
    }

    #[test]
    fn no_value_of_a_form_is_told(
        pairs in prop::collection::vec((prop::sample::select(&NAMES[..]), "[a-z0-9,\0]{0,5}"), 0..12)
    ) {
        let pairs = pairs.into_iter().map(|(name, text)| (name.to_owned(), format!("{MARK}{text}")));
        if let Err(error) = input::read_pairs::<Form>(pairs) {
            prop_assert!(!error.fields().is_empty());
            prop_assert!(!shows_a_value(&error), "{error:?}");
        }
    }

    /// What is refused here is what serde and validator refuse, besides unknown members and NUL.
    #[test]
    fn the_verdict_is_that_of_serde_and_validator(body in form()) {
        let usual = serde_json::from_value::<Form>(body.clone()).ok().filter(|form| form.validate().is_ok());
        let read = input::read::<Form>(&body);
        let only_ours = |error: &palisade_core::Error| {
            let ours = ["unknown_field", "invalid_character"];
            error.fields().iter().all(|field| ours.contains(&&*field.code))
        };
        prop_assert!(
            match &read { Ok(_) => usual.is_some(), Err(error) => usual.is_none() || only_ours(error) },
            "{body} {read:?}"
        );
    }
}
