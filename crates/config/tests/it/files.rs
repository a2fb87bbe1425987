//! `palisade.toml` and `.env`.

use std::fs;

use crate::sample::{Directory, Format};

fn toml(text: &str) -> Vec<(String, String, String)> {
    Directory::with(&[("palisade.toml", text)]).problems(&[])
}

#[test]
fn every_way_to_write_a_table_is_read() {
    for text in ["[server]\nport = 9\n", "server.port = 9\n", "server = { port = 9 }\n"] {
        assert_eq!(Directory::with(&[("palisade.toml", text)]).settings(&[]).server.port, 9, "{text}");
    }
}

#[test]
fn types_are_those_of_toml() {
    let text = "[server]\nport = 9\nrequest_timeout_seconds = 3\n[cors]\norigins = [\"a,b\"]\nports = [1]\n\
                [log]\nformat = \"Json\"\ntargets = { a = \"debug\" }\n[app]\nname = \"\"\n";
    let settings = Directory::with(&[("palisade.toml", text)]).settings(&[]);
    assert_eq!(settings.server.request_timeout_seconds, 3.0);
    assert_eq!(settings.cors.origins, ["a,b"]);
    assert_eq!(settings.log.format, Some(Format::Json));
    assert_eq!(settings.log.targets["a"], "debug");
    assert_eq!(settings.app.name, "", "in a file an empty text is a value");
}

#[test]
fn a_value_of_the_wrong_type_is_named_by_file_and_line() {
    let problems = toml(
        "# comment\n[server]\nhost = \"::1\"\nport = \"8000\"\nworkers = 1.5\n[cors]\norigins = \"a\"\n",
    );
    let expected = [
        ("cors.origins", "palisade.toml:7", "must be a list of text, not \"a\""),
        ("server.port", "palisade.toml:4", "must be a whole number from 0 to 65535, not \"8000\""),
        ("server.workers", "palisade.toml:5", "must be a whole number from 1 to 64, not 1.5"),
    ];
    assert_eq!(problems, expected.map(|(key, origin, message)| (key.into(), origin.into(), message.into())));
}

#[test]
fn an_unknown_key_stops_the_start_with_the_key_that_was_meant() {
    let text = "port = 1\n[server]\nprot = 9\npool_size = 3\nnonsense = 1\n[servr]\nport = 1\n";
    let directory = Directory::with(&[("palisade.toml", text)]);
    let report = directory.load(&[]).unwrap_err();
    let shown: Vec<_> = report
        .problems()
        .iter()
        .map(|p| (p.key.as_str(), p.origin.to_string(), p.meant.as_deref()))
        .collect();
    let line = |line| format!("palisade.toml:{line}");
    assert_eq!(
        shown,
        [
            ("port", line(1), Some("server.port")),
            ("server.nonsense", line(5), None),
            ("server.pool_size", line(4), Some("database.pool_size")),
            ("server.prot", line(3), Some("server.port")),
            ("servr", line(6), Some("[server]")),
        ]
    );
}

#[test]
fn a_section_must_be_a_table() {
    assert_eq!(toml("server = 1\n")[0].2, "must be a table");
    assert_eq!(toml("[[server]]\nport = 1\n")[0].2, "must be a table");
}

#[test]
fn broken_toml_is_named_by_line_and_never_quoted() {
    let problems = toml("[auth]\njwt_secret = \"hunter2\n");
    assert_eq!((problems[0].0.as_str(), problems[0].1.as_str()), ("palisade.toml", "palisade.toml:2"));
    assert!(!problems[0].2.contains("hunter2"), "{}", problems[0].2);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem() {
    let directory = Directory::with(&[]);
    fs::create_dir(directory.0.path().join("palisade.toml")).unwrap();
    fs::create_dir(directory.0.path().join(".env")).unwrap();
    let keys: Vec<_> = directory.problems(&[]).into_iter().map(|problem| problem.0).collect();
    assert_eq!(keys, [".env", "palisade.toml"]);
    let directory = Directory::with(&[]);
    fs::write(directory.0.path().join("palisade.toml"), b"[app]\nname = \"\xFF\"\n").unwrap();
    assert_eq!(directory.problems(&[])[0].0, "palisade.toml");
}

#[test]
fn values_in_dot_env_are_read_like_variables() {
    let text =
        "export SERVER_PORT=9 # comment\nCORS_ORIGINS=[\"a\", \"b\"]\nAPP_NAME='two words'\nUNRELATED=$x\n";
    let settings = Directory::with(&[(".env", text)]).settings(&[]);
    assert_eq!(settings.server.port, 9);
    assert_eq!(settings.cors.origins, ["a", "b"]);
    assert_eq!(settings.app.name, "two words");
}

#[test]
fn problems_in_dot_env_are_named_by_line() {
    let text = "SERVER_PORT=x\nnonsense\n\nDATABSE_URL=x\nAPP_NAME=\"open\n";
    let problems = Directory::with(&[(".env", text)]).problems(&[]);
    let places: Vec<_> = problems.iter().map(|(key, origin, _)| (key.as_str(), origin.as_str())).collect();
    assert_eq!(
        places,
        [
            (".env", ".env:2"),
            (".env", ".env:5"),
            ("DATABSE_URL", ".env:4 (DATABSE_URL)"),
            ("server.port", ".env:1 (SERVER_PORT)"),
        ]
    );
}

#[test]
fn of_a_variable_twice_in_dot_env_the_later_counts_with_a_note() {
    let loaded = Directory::with(&[(".env", "SERVER_PORT=1\nX=1\nSERVER_PORT=2\nX=2\n")]).load(&[]).unwrap();
    assert_eq!(loaded.settings.server.port, 2);
    assert_eq!(loaded.notes, ["SERVER_PORT stands twice in .env; line 3 counts, line 1 does not"]);
}

#[test]
fn of_two_names_across_dot_env_and_environment_the_settings_own_wins() {
    let loaded = Directory::with(&[(".env", "SERVER_PORT=1\n")]).load(&[("PORT", "2")]).unwrap();
    assert_eq!(loaded.settings.server.port, 1);
    assert_eq!(loaded.notes, ["PORT is ignored: SERVER_PORT is set too, and wins"]);
}

#[test]
fn two_short_names_that_disagree_across_dot_env_and_environment_are_a_problem() {
    let problems = Directory::with(&[(".env", "HTTP_PORT=1\n")]).problems(&[("PORT", "2")]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].2.contains("`HTTP_PORT` and `PORT`"), "{problems:?}");
    assert!(format!("{problems:?}").contains(".env:1"), "{problems:?}");
}

#[test]
fn a_file_and_a_variable_of_another_name_are_layers_like_any() {
    let directory = Directory::with(&[("palisade.toml", "[server]\nport = 1\n")]);
    assert_eq!(directory.settings(&[("PORT", "2")]).server.port, 2);
}
