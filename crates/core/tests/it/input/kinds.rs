//! Each kind of type that serde knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use palisade_core::{FieldError, Parse, Role, Secret, UserId, input};
use serde::Deserialize;
use serde_json::{Value, json};
use validator::Validate;

use super::{message, problems};

#[derive(Debug, Deserialize, Validate)]
struct Book {
    title: String,
    pages: Option<u32>,
    #[serde(default)]
    tags: Vec<String>,
    #[validate(nested)]
    author: Author,
    format: Format,
    #[serde(default, deserialize_with = "input::settable")]
    price: Option<f64>,
    #[serde(default, deserialize_with = "input::nullable")]
    note: Option<Option<String>>,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "values of it are only refused here")]
struct Author {
    full_name: String,
    #[validate(range(min = 0))]
    born_in: i16,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Paper,
    Audio(u32),
    File {
        bytes: u64,
        #[serde(default)]
        name: Option<String>,
    },
}

fn book() -> Value {
    json!({"title": "Emma", "author": {"fullName": "Jane Austen", "bornIn": 1775}, "format": "paper"})
}

fn with(changes: Value) -> Value {
    let mut body = book();
    let members = body.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    body
}

#[test]
fn what_is_right_is_read_as_serde_reads_it() {
    let body = with(json!({
        "pages": 3, "tags": ["a", "b"], "format": {"file": {"bytes": 7}}, "price": 2, "note": null,
    }));
    let book: Book = input::read(&body).unwrap();
    assert_eq!((&*book.title, book.pages, book.tags.len()), ("Emma", Some(3), 2));
    assert_eq!((book.price, book.note, book.author.born_in), (Some(2.0), Some(None), 1775));
    assert_eq!(book.format, Format::File { bytes: 7, name: None });
    let book: Book = input::read(&with(json!({"format": {"audio": 5}}))).unwrap();
    assert_eq!((book.format, book.note), (Format::Audio(5), None));
}

#[test]
fn every_kind_of_problem_is_told_at_once() {
    let body = json!({
        "pages": -1, "tags": ["a", 5, null], "author": {"bornIn": -4, "died": 1817, "fullName": null}, "format": "stone",
        "price": null, "note": {}, "colour": "red",
    });
    assert_eq!(
        problems::<Book>(body),
        [
            "/title missing",
            "/pages invalid_number",
            "/tags/1 invalid_type",
            "/tags/2 invalid_type",
            "/author/fullName missing",
            "/author/died unknown_field",
            "/format invalid_choice",
            "/price missing",
            "/note invalid_type",
            "/colour unknown_field",
            "/author/bornIn out_of_range",
        ]
    );
}

#[test]
fn each_value_of_another_type_is_named() {
    for (changes, wanted) in [
        (json!({"title": 1}), "/title invalid_type"),
        (json!({"title": null}), "/title missing"),
        (json!({"title": "a\0b"}), "/title invalid_character"),
        (json!({"pages": 1.5}), "/pages invalid_type"),
        (json!({"pages": "3"}), "/pages invalid_type"),
        (json!({"pages": 4_294_967_296_u64}), "/pages invalid_number"),
        (json!({"tags": "a"}), "/tags invalid_type"),
        (json!({"author": []}), "/author invalid_type"),
        (json!({"author": null}), "/author missing"),
        (json!({"format": 1}), "/format invalid_type"),
        (json!({"format": {}}), "/format invalid_type"),
        (json!({"format": {"paper": 1}}), "/format/paper invalid_type"),
        (json!({"format": "audio"}), "/format invalid_type"),
        (json!({"format": {"audio": "x"}}), "/format/audio invalid_type"),
        (json!({"format": {"file": {}}}), "/format/file/bytes missing"),
        (json!({"format": {"file": {"bytes": 1, "more": 2}}}), "/format/file/more unknown_field"),
        (json!({"price": "2"}), "/price invalid_type"),
    ] {
        assert_eq!(problems::<Book>(with(changes.clone())), [wanted], "{changes}");
    }
    assert_eq!(message::<Book>(with(json!({"format": "stone"}))), "must be one of paper, audio, file");
    let range = "must be a whole number between 0 and 4294967295";
    assert_eq!(message::<Book>(with(json!({"pages": -1}))), range);
    for body in [json!(null), json!([]), json!("text"), json!(1)] {
        assert_eq!(problems::<Book>(body), [" invalid_type"]);
    }
}

#[derive(Debug, Deserialize)]
struct Kinds {
    flag: bool,
    letter: char,
    pair: (u8, String),
    counts: BTreeMap<u16, Vec<i8>>,
    names: HashMap<String, Wrapped>,
    set: BTreeSet<i64>,
    nothing: (),
    small: std::num::NonZeroU8,
    bytes: Vec<u8>,
    large: i128,
    anything: Value,
}

#[derive(Debug, Deserialize)]
struct Wrapped(f32);

impl Validate for Kinds {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

#[test]
fn kinds_that_are_rare_are_read_and_refused_too() {
    let body = json!({
        "flag": true, "letter": "ß", "pair": [1, "a"], "counts": {"1": [-1]}, "names": {"a": 0.5}, "set": [3, 3],
        "nothing": null, "small": 1, "bytes": [1, 2], "large": -5, "anything": {"a": [1, null, "x"]},
    });
    let read: Kinds = input::read(&body).unwrap();
    assert_eq!((read.flag, read.letter, read.pair), (true, 'ß', (1, "a".to_owned())));
    assert_eq!((read.counts[&1][0], read.names["a"].0, read.set.len()), (-1, 0.5, 1));
    assert_eq!((read.small.get(), read.bytes.len(), read.large), (1, 2, -5));
    assert_eq!((read.nothing, read.anything), ((), json!({"a": [1, null, "x"]})));

    let body = json!({
        "flag": 1, "letter": "ab", "pair": [1], "counts": {"2": [200], "x": []}, "names": {"a/b": "x"}, "set": {},
        "nothing": 0, "small": 0, "bytes": [256], "large": "x", "anything": ["\0"],
    });
    assert_eq!(
        problems::<Kinds>(body),
        [
            "/flag invalid_type",
            "/letter invalid_length",
            "/pair invalid_length",
            "/counts/2/0 invalid_number",
            "/counts/x invalid_key",
            "/names/a~1b invalid_type",
            "/set invalid_type",
            "/nothing invalid_type",
            "/small invalid_value",
            "/bytes/0 invalid_number",
            "/large invalid_type",
            "/anything/0 invalid_character",
        ]
    );
}

#[derive(Debug, Deserialize, Validate)]
#[expect(dead_code, reason = "values of it are only refused here")]
struct Aliased {
    #[serde(alias = "mail")]
    email: String,
}

#[test]
fn a_member_under_two_names_is_given_twice() {
    assert!(problems::<Aliased>(json!({"mail": "a"})).is_empty());
    let both = json!({"email": "a", "mail": "a", "more": 1});
    assert_eq!(problems::<Aliased>(both), ["/mail duplicate", "/more unknown_field"]);
}

/// Whoever builds on serde alone says what is wrong by a `FieldError`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Isbn(String);

impl TryFrom<String> for Isbn {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        match text.len() {
            13 => Ok(Self(text)),
            _ => Err(FieldError::unplaced("invalid_isbn", "must be an ISBN")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Bounds")]
struct Range {
    least: u32,
    most: u32,
}

#[derive(Deserialize)]
struct Bounds {
    least: u32,
    most: u32,
}

impl TryFrom<Bounds> for Range {
    type Error = palisade_core::Error;

    fn try_from(Bounds { least, most }: Bounds) -> Result<Self, Self::Error> {
        match least < most {
            true => Ok(Self { least, most }),
            false => Err(FieldError::new("most", "too_small", "must be more than least").into()),
        }
    }
}

#[derive(Debug, Deserialize, Validate)]
struct Own {
    isbn: Isbn,
    range: Range,
    owner: UserId,
    roles: Vec<Role>,
    secret: Secret,
    limit: Level,
}

#[derive(Debug)]
struct Level(u8);

impl Parse for Level {
    const SHAPE: input::Shape = input::Shape::Integer;

    fn parse(text: &str) -> Result<Self, FieldError> {
        match text.parse() {
            Ok(level @ 1..=3) => Ok(Self(level)),
            _ => Err(FieldError::unplaced("invalid_level", "must be 1, 2 or 3")),
        }
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        input::deserialize(deserializer, "1")
    }
}

#[test]
fn a_type_s_own_code_and_message_reach_the_client() {
    let body = json!({
        "isbn": "12", "range": {"least": 3, "most": 2}, "owner": "x", "roles": ["user", "Ä", 5], "secret": 1, "limit": 4,
    });
    assert_eq!(
        problems::<Own>(body.clone()),
        [
            "/isbn invalid_isbn",
            "/owner invalid_id",
            "/roles/1 invalid_role",
            "/roles/2 invalid_type",
            "/secret invalid_type",
            "/limit invalid_level",
            // A range takes no stand-in, so it is read last.
            "/range/most too_small",
        ]
    );
    assert_eq!(message::<Own>(body), "must be an ISBN");
    let body = json!({
        "isbn": "9780141439518", "range": {"least": 1, "most": 2}, "owner": "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11",
        "roles": ["user"], "secret": "s", "limit": 3,
    });
    let own: Own = input::read(&body).unwrap();
    assert_eq!((own.isbn.0.len(), own.range.least, own.range.most, own.limit.0), (13, 1, 2, 3));
    assert_eq!((own.secret.expose(), own.roles.len(), own.owner.to_string().len()), ("s", 1, 36));
    // Other formats show the message.
    let error = serde_json::from_str::<Level>("9").unwrap_err();
    assert!(error.to_string().starts_with("must be 1, 2 or 3"), "{error}");
    assert!(serde_json::from_str::<Level>("null").is_err() && serde_json::from_str::<Level>("true").is_err());
}

#[derive(Debug, Deserialize, Validate)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    more: Inner,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Strict {
    id: u8,
    #[serde(flatten)]
    more: Inner,
}

#[derive(Debug, Deserialize)]
struct Inner {
    name: String,
    #[serde(default)]
    size: Size,
}

#[derive(Debug, Default, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case")]
enum Size {
    #[default]
    Unknown,
    Pages {
        count: u8,
    },
}

/// serde reads these from a copy without places: the pointer leads to the whole, and what is unknown is refused where
/// `deny_unknown_fields` says so.
#[test]
fn what_serde_copies_first_is_still_read_and_refused() {
    let read: Flat =
        input::read(&json!({"id": 1, "name": "a", "size": {"unit": "pages", "count": 3}})).unwrap();
    assert!(matches!((read.id, &*read.more.name, &read.more.size), (1, "a", Size::Pages { count: 3 })));
    let strict: Strict = input::read(&json!({"id": 1, "name": "a"})).unwrap();
    assert!(matches!((strict.id, &*strict.more.name, &strict.more.size), (1, "a", Size::Unknown)));
    assert_eq!(problems::<Flat>(json!({"id": "x"})), ["/id invalid_type", "/name missing"]);
    let unknown = json!({"id": 1, "name": "a", "x": 1, "y": 2});
    assert_eq!(problems::<Strict>(unknown), ["/x unknown_field", "/y unknown_field"]);
    assert_eq!(problems::<Flat>(json!({"id": 1, "name": 5})), [" invalid_type"]);
}
