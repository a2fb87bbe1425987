//! The generated documents.

use palisade_config::{Schema, docs};
use serde_json::Value;

use crate::sample::{Directory, Settings};

fn schema() -> Schema {
    Schema::of::<Settings>()
}

#[test]
fn the_example_names_every_setting_with_doc_and_default() {
    let example = docs::env_example(&schema());
    for setting in schema().settings() {
        assert!(example.contains(&format!("\n# {}=", setting.variable)), "{}", setting.variable);
    }
    let port = "\
# The port to listen on; 0 picks a free one.
# Type: whole number from 0 to 65535.
# Also accepted: PORT, HTTP_PORT.
# SERVER_PORT=8000
";
    assert!(example.contains(port), "{example}");
    assert!(example.contains("AUTH_JWT_SECRET_FILE may name a file"), "{example}");
    assert!(example.contains("# DATABASE_URL=sqlite://data/sample.db\n"), "{example}");
    assert!(!example.contains("***"), "{example}");
}

#[test]
fn the_example_changes_nothing_copied_as_it_is_or_uncommented() {
    let example = docs::env_example(&schema());
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let uncommented: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.split_once('=').is_some_and(|(name, _)| schema().find(name).is_some()))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(uncommented.lines().count(), schema().settings().count());
    for text in [&example, &uncommented] {
        let settings = Directory::with(&[(".env", text)]).settings(&[]);
        assert_eq!(serde_json::to_value(&settings).unwrap(), defaults);
        assert_eq!(settings.database.url.expose(), "sqlite://data/sample.db");
    }
}

#[test]
fn the_reference_has_a_row_per_setting() {
    let reference = docs::markdown(&schema());
    let settings = reference.split("\n## Names of other programs").next().unwrap();
    let rows = settings.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, schema().settings().count());
    let port = "| `port` | `SERVER_PORT` | whole number from 0 to 65535 | `8000` | The port to listen on; 0 picks a free one. \
                Also accepted: `PORT`, `HTTP_PORT`. |";
    assert!(reference.contains(port), "{reference}");
    assert!(reference.contains("How long a request may take \\| in seconds."), "{reference}");
    assert!(reference.contains("| off in production, else on |"), "{reference}");
    assert!(reference.contains("Secret; also as `DATABASE_URL_FILE`."), "{reference}");
    assert!(reference.contains("\n## server\n\nThe public listener.\n"), "{reference}");
    assert!(!reference.contains("***"), "{reference}");
}

#[test]
fn the_reference_says_what_becomes_of_each_other_name() {
    let reference = docs::markdown(&schema());
    let rows = [
        "| `APP_RELEASE` | ignored: the program has its own |",
        "| `HTTP_PORT` | `SERVER_PORT` |",
        "| `JWT_EXPIRY_MINUTES` | `AUTH_TTL_SECONDS`, converted from minutes |",
        "| `LOG_JSON` | `true` is `LOG_FORMAT=json`, `false` is `LOG_FORMAT=console` |",
        "| `PORT` | `SERVER_PORT`; a value that cannot be meant for it is ignored |",
    ];
    for row in rows {
        assert!(reference.lines().any(|line| line == row), "no {row} in {reference}");
    }
    assert!(reference.contains("Also accepted: `JWT_EXPIRY_MINUTES` (in minutes)."), "{reference}");
    assert!(!reference.contains("Also accepted: `APP_RELEASE`"), "{reference}");
    assert!(reference.contains("`OTEL_…` are the variables of OpenTelemetry"), "{reference}");
    assert!(docs::env_example(&schema()).contains("# Also accepted: JWT_EXPIRY_MINUTES (in minutes).\n"));
}

#[test]
fn the_json_schema_describes_the_file_for_an_editor() {
    let text = docs::json_schema(&schema());
    let root: Value = serde_json::from_str(&text).unwrap();
    let server = &root["properties"]["server"];
    assert_eq!(server["properties"]["port"]["default"], 8000);
    assert_eq!(server["properties"]["port"]["maximum"], 65535);
    assert_eq!(server["additionalProperties"], false);
    assert_eq!(server["description"], "The public listener.");
    let auth = &root["properties"]["auth"]["properties"];
    assert!(auth["jwt_secret_file"].is_object() && auth["jwt_private_key_file_file"].is_null());
    assert_eq!(root["properties"]["database"]["properties"]["url"]["default"], "sqlite://data/sample.db");
    assert!(!text.contains("***") && !text.contains("\"x-"), "{text}");
    for reference in text.match_indices("\"#/$defs/").map(|(at, _)| text[at + 2..].split('"').next().unwrap())
    {
        assert!(root.pointer(reference).is_some(), "{reference}");
    }
}
