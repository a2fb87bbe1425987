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

/// A body with nothing wrong but, perhaps, one member.
fn nearly_right() -> impl Strategy<Value = Value> {
    let right = serde_json::json!({
        "password": "long enough", "email": "a@b.co", "again": "a@b.co", "number": 5, "roles": ["user"],
        "owner": "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11", "kind": {"two": {"depth": 1}}, "extra": {"a": true}, "choice": 3,
    });
    let change = prop::option::of((prop::sample::select(&NAMES[..]), any_json()));
    change.prop_map(move |change| {
        let mut body = right.clone();
        if let (Some((name, value)), Some(members)) = (change, body.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
        body
    })
}

fn shows_a_value(error: &palisade_core::Error) -> bool {
    format!("{error} {error:#} {error:?} {:?}", error.causes().collect::<Vec<_>>()).contains(MARK)
}

proptest! {
    #[test]
    fn no_value_of_a_body_is_told(body in prop_oneof![form(), any_json(), nearly_right()]) {
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

    /// What is read at once is what is read by all passes, and nothing else is.
    #[test]
    fn both_ways_of_reading_agree(
        body in prop_oneof![form(), nearly_right()], pad in prop::sample::select(&["", " ", "x", ",", "\0"][..])
    ) {
        let text = format!("{body}{pad}");
        let value = serde_json::from_str::<Value>(&text).ok();
        let by_passes = value.and_then(|value| input::read::<Form>(&value).ok());
        let at_once = input::read_text::<Form>(&text, 32);
        prop_assert_eq!(format!("{at_once:?}"), format!("{by_passes:?}"));
    }

    /// What is refused here is what serde and validator refuse, besides unknown members and NUL.
    #[test]
    fn the_verdict_is_that_of_serde_and_validator(body in prop_oneof![form(), nearly_right()]) {
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

#[test]
fn what_is_read_at_once_is_read_strictly() {
    #[derive(Debug, Deserialize, Validate)]
    struct Strict {
        #[serde(alias = "title")]
        name: String,
        #[validate(range(max = 9))]
        number: Option<u8>,
        #[serde(default)]
        map: BTreeMap<u8, Vec<Option<Kind>>>,
        #[serde(default)]
        anything: Value,
        #[serde(default)]
        ignored: serde::de::IgnoredAny,
    }
    let read = |text: &str, depth: usize| input::read_text::<Strict>(text, depth);
    let text = r#"{"title":"a","number":9,"map":{"1":["one",null,{"two":{"depth":3}}]},"anything":[{}],"ignored":[1]}"#;
    let whole = read(text, 5).unwrap();
    assert_eq!((&*whole.name, whole.number, whole.map[&1].len()), ("a", Some(9), 3));
    assert_eq!((whole.anything, whole.ignored), (serde_json::json!([{}]), serde::de::IgnoredAny));
    assert!(
        read(text, 4).is_none()
            && read(r#"{"name":"a"}"#, 1).is_some()
            && read(r#"{"name":"a"}"#, 0).is_none()
    );
    for text in [
        r#"{"name":"a","more":1}"#,
        r#"{"name":"a","name":"a"}"#,
        r#"{"name":"a","title":"a"}"#,
        r#"{"name":"a\u0000"}"#,
        r#"{"name":"a\ud800"}"#,
        r#"{"name":"a","number":10}"#,
        r#"{"name":"a","number":1.0}"#,
        r#"{"name":"a","map":{"1":[],"1":[]}}"#,
        r#"{"name":"a","map":{"x":[]}}"#,
        r#"{"name":"a","anything":{"x":1,"x":2}}"#,
        r#"{"name":"a","anything":["\u0000"]}"#,
        r#"{"name":"a","ignored":{"x":1,"x":2}}"#,
        r#"{"name":"a","map":{"1":[{"two":{"depth":3,"more":1}}]}}"#,
        r#"{"name":"a"}{}"#,
        r#"["a"]"#,
        "",
    ] {
        assert!(read(text, 32).is_none(), "{text}");
    }
}
