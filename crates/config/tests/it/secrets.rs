//! Secrets: also from files, and never shown.

use std::fs;

use crate::sample::{Directory, from_env, problem, settings};

fn with_secret(text: &[u8]) -> (Directory, String) {
    let directory = Directory::with(&[]);
    let path = directory.0.path().join("secret");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

#[test]
fn a_secret_is_read_from_a_file_without_its_last_line_end() {
    for (text, secret) in [("a b", "a b"), ("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x ")] {
        let (_directory, path) = with_secret(text.as_bytes());
        let settings = settings(&[("AUTH_JWT_SECRET_FILE", &path)]);
        assert_eq!(settings.auth.jwt_secret.unwrap().expose(), secret);
    }
}

#[test]
fn a_line_end_behind_a_secret_in_a_variable_is_no_part_of_it() {
    for (text, secret) in [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x "), ("a\nb", "a\nb")] {
        for name in ["AUTH_JWT_SECRET", "JWT_SECRET"] {
            assert_eq!(settings(&[(name, text)]).auth.jwt_secret.unwrap().expose(), secret, "{name}");
        }
        let quoted = format!("AUTH_JWT_SECRET='{text}'\n");
        if !text.contains('\r') {
            let settings = Directory::with(&[(".env", &quoted)]).settings(&[]);
            assert_eq!(settings.auth.jwt_secret.unwrap().expose(), secret);
        }
    }
    assert!(settings(&[("AUTH_JWT_SECRET", "\n")]).auth.jwt_secret.is_none());
    let toml = Directory::with(&[("palisade.toml", "[auth]\njwt_secret = \"x\\n\"\n")]);
    assert_eq!(toml.settings(&[]).auth.jwt_secret.unwrap().expose(), "x");
    assert_eq!(settings(&[("APP_NAME", "x\n")]).app.name, "x\n", "what is no secret is taken as it is");
}

#[test]
fn other_names_files_and_relative_paths_work_too() {
    let (directory, _) = with_secret(b"x");
    let secret = |variables| directory.settings(variables).auth.jwt_secret.unwrap().expose().to_owned();
    assert_eq!(secret(&[("SECRET_KEY_FILE", "secret")]), "x");
    fs::write(directory.0.path().join("palisade.toml"), "[auth]\njwt_secret_file = \"secret\"\n").unwrap();
    assert_eq!(secret(&[]), "x");
    assert_eq!(secret(&[("AUTH_JWT_SECRET", "stronger")]), "stronger");
}

#[test]
fn a_secret_and_its_file_together_are_a_problem() {
    let (_directory, path) = with_secret(b"x");
    let problem = problem(&[("AUTH_JWT_SECRET", "x"), ("AUTH_JWT_SECRET_FILE", &path)]);
    let both = ["`AUTH_JWT_SECRET`", "`AUTH_JWT_SECRET_FILE`"];
    assert!(both.iter().all(|name| problem.message.contains(name)), "{problem:?}");
}

#[test]
fn a_file_under_the_settings_own_name_wins_over_a_short_name() {
    let (_directory, path) = with_secret(b"x");
    let loaded = from_env(&[("JWT_SECRET", "y"), ("AUTH_JWT_SECRET_FILE", &path)]).unwrap();
    assert_eq!(loaded.settings.auth.jwt_secret.unwrap().expose(), "x");
    assert_eq!(loaded.notes, ["JWT_SECRET is ignored: AUTH_JWT_SECRET_FILE is set too, and wins"]);
}

#[test]
fn a_file_that_cannot_be_used_is_a_problem_naming_path_and_variable() {
    let (_directory, empty) = with_secret(b"\n");
    let (_second, binary) = with_secret(b"\xFF");
    let (_third, large) = with_secret(&[b'x'; 70_000]);
    for (path, reason) in [
        ("/nonexistent/secret", "cannot be read"),
        ("/", "cannot be read"),
        (empty.as_str(), "is empty"),
        (binary.as_str(), "is not UTF-8 text"),
        (large.as_str(), "is larger than 65536 bytes"),
    ] {
        let message = problem(&[("AUTH_JWT_SECRET_FILE", path)]).message;
        let expected = format!("the file {path} named by AUTH_JWT_SECRET_FILE {reason}");
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn a_setting_whose_own_name_ends_in_file_is_itself() {
    let settings =
        settings(&[("AUTH_JWT_PRIVATE_KEY_FILE", "/nonexistent"), ("SERVER_ACCESS_LOG_FILE", "log")]);
    assert_eq!(settings.auth.jwt_private_key_file.as_deref(), Some("/nonexistent"));
    assert_eq!(settings.server.access_log_file.as_deref(), Some("log"));
}

#[test]
fn what_is_no_secret_has_no_file() {
    assert_eq!(settings(&[("SERVER_PORT_FILE", "/nonexistent")]).server.port, 8000);
}

#[test]
fn no_secret_is_ever_shown() {
    let variables = [
        ("AUTH_JWT_SECRET", "hunter2-token"),
        ("DATABASE_URL", "postgres://app:hunter2@db:5432/app?sslpassword=hunter2"),
        ("SENTRY_DSN", "https://hunter2@sentry.example/1"),
        ("APP_NAME", "mysql://u:hunter2@h/d"),
    ];
    let loaded = from_env(&variables).unwrap();
    let explained: String =
        loaded.schema().settings().map(|setting| loaded.explain(&setting.key).unwrap().to_string()).collect();
    let shown = format!("{}{explained}{:?}", loaded.dump(), loaded.explain("DATABASE_URL"));
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres://app:***@db:5432/app"), "{shown}");
}

#[test]
fn no_problem_shows_a_secret() {
    let text =
        "[auth]\njwt_secret = [\"hunter2\"]\n[database]\nurl = 17\npool_size = \"postgres://u:hunter2@h\"\n";
    let directory = Directory::with(&[("palisade.toml", text), (".env", "AUTH_JWT_SECRET='hunter2\n")]);
    let sources = directory.sources(&[("JWT_SECRET", "hunter2"), ("SECRET_KEY", "hunter22")]);
    let report = palisade_config::load::<crate::sample::Settings>(&sources).unwrap_err();
    assert_eq!(report.problems().len(), 5, "{report}");
    assert!(!format!("{report}{report:?}{sources:?}").contains("hunter2"), "{report}");
}

#[test]
fn a_secret_that_has_changed_is_told_by_its_key_alone() {
    let load =
        |secret: &str, port: &str| from_env(&[("AUTH_JWT_SECRET", secret), ("SERVER_PORT", port)]).unwrap();
    let (first, same, other) = (load("x", "1"), load("x", "1"), load("y", "2"));
    assert_eq!(same.differences(&first).count(), 0);
    assert_eq!(other.differences(&first).collect::<Vec<_>>(), ["auth.jwt_secret", "server.port"]);
    let from_file = {
        let (_directory, path) = with_secret(b"x");
        from_env(&[("AUTH_JWT_SECRET_FILE", &path), ("SERVER_PORT", "1")]).unwrap()
    };
    assert_eq!(from_file.differences(&first).count(), 0, "the same value from elsewhere");
    let unset = from_env(&[("SERVER_PORT", "1")]).unwrap();
    assert_eq!(unset.differences(&first).collect::<Vec<_>>(), ["auth.jwt_secret"]);
}
