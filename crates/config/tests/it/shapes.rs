//! Settings of unusual shape.

use palisade_config::{Capture, Loaded, Problems, Report, Rules, Schema, Sources, docs, load};
use palisade_core::{Environment, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Odd {
    odd: Section,
    /// Not a section.
    #[serde(default)]
    lone: u8,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Section {
    /// Has no default.
    required: String,
    #[serde(default)]
    nested: Nested,
    #[serde(default)]
    size: Size,
    #[serde(default)]
    keys: Vec<Secret>,
    #[serde(default = "hidden")]
    hidden: Secret,
    #[serde(default)]
    #[schemars(length(min = 2, max = 4))]
    code: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Nested {
    user: String,
    password: Secret,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Size {
    Bytes(u64),
    Named(String),
}

impl Default for Size {
    fn default() -> Self {
        Self::Bytes(1)
    }
}

fn hidden() -> Secret {
    Secret::new("built-in")
}

impl Rules for Odd {
    fn check(&self, _: Environment, _: &mut Problems) {}
}

fn odd(variables: &[(&str, &str)]) -> Result<Loaded<Odd>, Report> {
    let given = [&[("ODD_REQUIRED", "x")], variables].concat();
    load(&Sources::new(Capture::new(given)))
}

#[test]
fn a_setting_without_a_default_must_be_given() {
    for sources in [Sources::default(), Sources::default().set("odd.code=ab")] {
        let report = load::<Odd>(&sources).unwrap_err();
        assert_eq!(report.problems().len(), 1, "{report}");
        assert_eq!(report.problems()[0].message, "must be set: it has no default");
    }
    assert_eq!(odd(&[]).unwrap().settings.odd.required, "x");
}

#[test]
fn a_struct_within_a_section_is_given_as_json_and_shown_as_secret_when_it_holds_one() {
    let loaded = odd(&[("ODD_NESTED", r#"{"user": "u", "password": "hunter2"}"#)]).unwrap();
    assert_eq!(loaded.settings.odd.nested.password.expose(), "hunter2");
    assert!(!format!("{}{:?}", loaded.dump(), loaded).contains("hunter2"));
    let report = odd(&[("ODD_NESTED", r#"{"pasword": "hunter2"}"#)]).unwrap_err();
    assert_eq!(report.problems()[0].key, "odd.nested");
    assert!(!report.to_string().contains("hunter2"), "{report}");
}

#[test]
fn of_several_shapes_the_first_that_fits_is_taken_and_text_last() {
    assert_eq!(odd(&[("ODD_SIZE", "12")]).unwrap().settings.odd.size, Size::Bytes(12));
    assert_eq!(odd(&[("ODD_SIZE", "large")]).unwrap().settings.odd.size, Size::Named("large".into()));
}

#[test]
fn a_list_of_secrets_is_secret() {
    let loaded = odd(&[("ODD_KEYS", "hunter2,hunter3")]).unwrap();
    assert_eq!(loaded.settings.odd.keys[1].expose(), "hunter3");
    assert_eq!(loaded.explain("ODD_KEYS").unwrap().value.as_deref(), Some("***,***"));
}

#[test]
fn a_secret_default_is_in_force_and_hidden() {
    let loaded = odd(&[]).unwrap();
    assert_eq!(loaded.settings.odd.hidden.expose(), "built-in");
    assert_eq!(loaded.explain("odd.hidden").unwrap().value.as_deref(), Some("***"));
    assert!(!docs::json_schema(&Schema::of::<Odd>()).contains("built-in"));
}

#[test]
fn the_length_of_a_text_is_checked() {
    assert_eq!(odd(&[("ODD_CODE", "äö")]).unwrap().settings.odd.code.as_deref(), Some("äö"));
    let report = odd(&[("ODD_CODE", "x")]).unwrap_err();
    assert_eq!(report.problems()[0].message, "must be text of 2 to 4 characters, not \"x\"");
}

#[test]
fn what_is_no_section_keeps_its_default() {
    assert_eq!(odd(&[("LONE", "7")]).unwrap().settings.lone, 0);
    assert!(Schema::of::<Odd>().find("lone").is_none());
}
