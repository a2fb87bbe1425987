//! A domain's settings, and sources of the program's own.

use palisade_config::{
    Capture, Sources,
    figment::{Profile, Provider as _, providers::Serialized},
};
use palisade_server::Program;
use serde_json::json;

use crate::notes;

fn program() -> std::sync::Arc<Program> {
    notes::server().build().unwrap()
}

fn report(variables: &[(&str, &str)]) -> String {
    let sources = Sources::new(Capture::new(variables.iter().copied()));
    program().settings_layout().load(&sources).unwrap_err().to_string()
}

#[test]
fn a_domain_s_section_is_read_checked_and_explained() {
    let sources = Sources::new(Capture::new([("NOTES_LIMIT", "7")]));
    let loaded = program().settings_layout().load(&sources).unwrap();
    assert_eq!(loaded.sections.get::<notes::Settings>().unwrap().limit, 7);
    let explained = loaded.explain("notes.limit").unwrap().to_string();
    assert!(explained.contains("How many notes there may be."), "{explained}");
    assert!(loaded.dump().contains("[notes]\nlimit = 7"), "{}", loaded.dump());
    let refused = report(&[("NOTES_LIMIT", "1000"), ("SERVER_PORT", "eighty"), ("NOTES_LIMITS", "3")]);
    for word in ["NOTES_LIMIT", "SERVER_PORT", "did you mean NOTES_LIMIT"] {
        assert!(refused.contains(word), "{word}: {refused}");
    }
}

#[test]
fn a_domain_s_rules_are_held_beside_the_server_s() {
    let production =
        [("APP_ENVIRONMENT", "production"), ("NOTES_LIMIT", "1"), ("AUTH_ACCESS_TOKEN_TTL_SECONDS", "900")];
    let refused = report(&production);
    assert!(
        refused.contains("notes.limit") && refused.contains("must be at least 2 in production"),
        "{refused}"
    );
    assert!(refused.contains("auth.jwt_secret"), "{refused}");
}

#[test]
fn an_unknown_section_names_those_of_domains() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("palisade.toml"), "[note]\nlimit = 3\n").unwrap();
    let sources = Sources::new(Capture::default()).in_directory(folder.path());
    let refused = program().settings_layout().load(&sources).unwrap_err().to_string();
    assert!(refused.contains("[notes]"), "{refused}");
}

#[test]
fn the_documents_have_a_domain_s_settings() {
    let documents = program().documents().unwrap();
    let text = |path: &str| documents.iter().find(|document| document.path == path).unwrap().text.clone();
    assert!(text(".env.example").contains("# NOTES_LIMIT=2"));
    assert!(text("docs/configuration.md").contains("| `limit` | `NOTES_LIMIT` |"));
    assert!(text("docs/palisade.schema.json").contains("How many notes there may be."));
    assert!(text("docs/metrics.md").contains("notes_written_total"));
    assert!(text("docs/errors.md").contains("notes.full"));
}

#[test]
fn a_source_of_the_program_is_stronger_than_files_and_weaker_than_variables() {
    let store = Serialized::from(json!({"notes": {"limit": 5}, "server": {"port": 7000}}), Profile::Default);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("palisade.toml"), "[notes]\nlimit = 3\n").unwrap();
    let sources = Sources::new(Capture::new([("SERVER_PORT", "9000")]))
        .in_directory(folder.path())
        .provider("the vault", store.data());
    let loaded = program().settings_layout().load(&sources).unwrap();
    assert_eq!(loaded.sections.get::<notes::Settings>().unwrap().limit, 5);
    assert_eq!(loaded.settings.server.port, 9000);
    assert_eq!(loaded.origin("notes.limit").unwrap().to_string(), "the vault");
}

#[test]
fn what_a_source_has_and_the_program_does_not_know_is_refused() {
    let store = Serialized::from(json!({"notes": {"limits": 5}}), Profile::Default);
    let sources = Sources::new(Capture::default()).provider("the vault", store.data());
    let refused = program().settings_layout().load(&sources).unwrap_err().to_string();
    assert!(refused.contains("the vault") && refused.contains("notes.limit"), "{refused}");
}

#[test]
fn a_section_that_is_no_object_is_refused() {
    for section in ["notes", "server", "unheard_of"] {
        let values = json!({ section: 3 });
        let refused = program().settings_from(values.as_object().unwrap()).unwrap_err().to_string();
        assert!(refused.contains(section) && refused.contains("is no section"), "{refused}");
    }
}
