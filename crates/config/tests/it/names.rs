//! Which variables are ours.

use crate::sample::{Directory, Format, Mode, from_env, problem, settings};

#[test]
fn a_variable_is_section_and_field() {
    assert_eq!(settings(&[("RATE_LIMIT_REQUESTS", "5")]).rate_limit.requests, 5);
}

#[test]
fn a_setting_may_have_a_variable_of_its_own() {
    let settings = settings(&[("SENTRY_DSN", "https://key@sentry.example/1")]);
    assert_eq!(settings.telemetry.sentry_dsn.unwrap().expose(), "https://key@sentry.example/1");
}

#[test]
fn the_usual_name_of_such_a_setting_is_not_ignored_in_silence() {
    for name in ["TELEMETRY_SENTRY_DSN", "TELEMETRY_SENTRY_DSN_FILE"] {
        let loaded = from_env(&[(name, "https://key@sentry.example/1")]).unwrap();
        assert!(loaded.settings.telemetry.sentry_dsn.is_none());
        assert_eq!(loaded.notes, [format!("{name} is ignored: set SENTRY_DSN")]);
    }
}

#[test]
fn another_accepted_name_works_and_is_noted_once() {
    let loaded = from_env(&[("PORT", "81"), ("JWT_SECRET", "x")]).unwrap();
    assert_eq!(loaded.settings.server.port, 81);
    assert_eq!(loaded.notes, ["JWT_SECRET is read as AUTH_JWT_SECRET", "PORT is read as SERVER_PORT"]);
    assert_eq!(from_env(&[("SERVER_PORT", "81")]).unwrap().notes, [""; 0]);
}

#[test]
fn another_name_may_speak_another_language() {
    assert_eq!(settings(&[("LOG_JSON", "1")]).log.format, Some(Format::Json));
    assert_eq!(settings(&[("LOG_JSON", "off")]).log.format, Some(Format::Console));
    assert_eq!(settings(&[("PROMETHEUS_ENABLED", "true")]).telemetry.mode, [Mode::Prometheus]);
    assert_eq!(
        settings(&[("PROMETHEUS_ENABLED", "false")]).telemetry.mode,
        [Mode::Off],
        "false says nothing"
    );
    assert_eq!(problem(&[("LOG_JSON", "maybe")]).message, "must be `true` or `false`, not \"maybe\"");
}

#[test]
fn a_name_that_others_use_too_is_passed_over_when_it_cannot_be_meant_for_us() {
    assert!(settings(&[("DEBUG", "yes")]).app.debug);
    let loaded = from_env(&[("DEBUG", "express:*")]).unwrap();
    assert!(!loaded.settings.app.debug);
    assert!(loaded.notes.iter().any(|note| note.starts_with("DEBUG is ignored")), "{:?}", loaded.notes);
}

#[test]
fn a_settings_own_name_wins_over_a_short_one() {
    let loaded = from_env(&[("SERVER_PORT", "80"), ("PORT", "81"), ("HTTP_PORT", "82")]).unwrap();
    assert_eq!(loaded.settings.server.port, 80);
    let note = |name: &str| format!("{name} is ignored: SERVER_PORT is set too, and wins");
    assert_eq!(loaded.notes, [note("HTTP_PORT"), note("PORT")]);
    let loaded = from_env(&[("AUTH_JWT_SECRET", "hunter2"), ("JWT_SECRET", "hunter3")]).unwrap();
    assert_eq!(loaded.settings.auth.jwt_secret.unwrap().expose(), "hunter2");
    assert_eq!(loaded.notes, ["JWT_SECRET is ignored: AUTH_JWT_SECRET is set too, and wins"]);
    // Whatever the other one holds.
    assert_eq!(from_env(&[("SERVER_PORT", "80"), ("HTTP_PORT", "x")]).unwrap().settings.server.port, 80);
    let files = Directory::with(&[(".env", "SERVER_PORT=80\n")]);
    assert_eq!(files.settings(&[("PORT", "81")]).server.port, 80, "also from .env");
    let file = Directory::with(&[("palisade.toml", "[server]\nport = 80\n")]);
    assert_eq!(file.settings(&[("PORT", "81")]).server.port, 81, "a variable overrides a file by any name");
}

#[test]
fn two_short_names_with_different_values_are_a_problem_that_names_both() {
    let problem = problem(&[("HTTP_PORT", "80"), ("PORT", "81")]);
    assert_eq!(problem.key, "server.port");
    assert!(problem.message.contains("`HTTP_PORT` and `PORT`"), "{}", problem.message);
    let secret = self::problem(&[("JWT_SECRET", "hunter2"), ("SECRET_KEY", "hunter3")]);
    assert!(!format!("{secret:?}").contains("hunter"), "{secret:?}");
}

#[test]
fn a_short_name_must_look_like_what_it_means() {
    for (name, value) in [
        ("PORT", "tcp://10.0.0.1:80"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("HOST", "build-box"),
        ("HOST", "x86_64-unknown-linux-gnu"),
    ] {
        let loaded = from_env(&[(name, value)]).unwrap_or_else(|report| panic!("{name}={value}: {report}"));
        assert_eq!((loaded.settings.server.port, loaded.settings.server.host.is_loopback()), (8000, true));
        assert_eq!(loaded.notes.len(), 1, "{:?}", loaded.notes);
        assert!(loaded.notes[0].starts_with(&format!("{name} is ignored: ")), "{:?}", loaded.notes);
    }
    assert!(settings(&[("HOST", "0.0.0.0")]).server.host.is_unspecified());
}

#[test]
fn a_name_in_another_unit_is_converted() {
    let loaded = from_env(&[("JWT_EXPIRY_MINUTES", "30")]).unwrap();
    assert_eq!(loaded.settings.auth.ttl_seconds, 1_800);
    assert_eq!(loaded.notes, ["JWT_EXPIRY_MINUTES, in minutes, is read as AUTH_TTL_SECONDS"]);
    let message = problem(&[("JWT_EXPIRY_MINUTES", "10080")]).message;
    assert_eq!(message, "must be a whole number from 0 to 86400, not \"10080\" minutes");
    assert_eq!(problem(&[("JWT_EXPIRY_MINUTES", "x")]).key, "auth.ttl_seconds");
}

#[test]
fn a_name_without_a_meaning_here_is_told_with_what_to_do_instead() {
    let loaded = from_env(&[("APP_RELEASE", "1.2.3"), ("APP_NAME", "shop")]).unwrap();
    assert_eq!(loaded.settings.app.name, "shop");
    assert_eq!(loaded.notes, ["APP_RELEASE is ignored: the program has its own"]);
    let explained = loaded.explain("APP_RELEASE").unwrap().to_string();
    assert!(explained.contains("  not       APP_RELEASE: the program has its own\n"), "{explained}");
    assert!(
        explained.contains("  note      APP_RELEASE is ignored: the program has its own\n"),
        "{explained}"
    );
    // It guards no other name from being somebody else's.
    assert_eq!(from_env(&[("APP_RELEASES", "x")]).unwrap().notes, [""; 0]);
}

#[test]
fn an_unknown_name_that_can_only_be_ours_is_told() {
    let loaded = from_env(&[("RATE_LIMIT_STORAGE_URI", "x"), ("CORS_STORAGE_URI", "x")]).unwrap();
    assert_eq!(loaded.notes, ["RATE_LIMIT_STORAGE_URI is ignored: there is no such setting"]);
}

#[test]
fn two_names_with_the_same_value_are_none() {
    assert_eq!(settings(&[("SERVER_PORT", "81"), ("PORT", " 81")]).server.port, 81);
    assert_eq!(settings(&[("LOG_FORMAT", "json"), ("LOG_JSON", "true")]).log.format, Some(Format::Json));
}

#[test]
fn a_misspelt_variable_is_a_problem_with_the_name_that_was_meant() {
    let cases = [
        ("DATABSE_URL", "DATABASE_URL"),
        ("SERVER_PROT", "SERVER_PORT"),
        ("RATE_LIMIT_REQEUSTS", "RATE_LIMIT_REQUESTS"),
        ("RATELIMIT_REQUESTS", "RATE_LIMIT_REQUESTS"),
        ("AUTH_JWT_SECRET_FIEL", "AUTH_JWT_SECRET_FILE"),
        ("LOG_FORMATT", "LOG_FORMAT"),
    ];
    for (name, meant) in cases {
        let problem = problem(&[(name, "x")]);
        assert_eq!(problem.key, name);
        assert_eq!(problem.meant.as_deref(), Some(meant));
        assert_eq!(problem.origin.to_string(), format!("environment variable {name}"));
    }
}

#[test]
fn variables_of_others_are_none_of_our_business() {
    let others = [
        "HOME",
        "PATH",
        "HOSTNAME",
        "PWD",
        "TERM",
        "LANG",
        "RUST_LOG",
        "CI",
        "DATABASE_HOST",
        "DATABASE_USER",
        "DATABASE_SSL",
        "REDIS_HOST",
        "REDIS_PASSWORD",
        "APP_VERSION",
        "APP_PORT",
        "SERVER_NAME",
        "LOG_DIR",
        "AUTH_TOKEN",
        "POSTGRES_URL",
        "npm_config_port",
        "OTEL_SERVICE_NAME",
        "CORS",
        "SERVER",
        "_",
        "",
    ];
    for name in others {
        let loaded = from_env(&[(name, "anything")]).unwrap_or_else(|report| panic!("{name}: {report}"));
        assert_eq!(loaded.notes, [""; 0], "{name}");
    }
}
