//! Which variables are ours.

use crate::sample::{Format, Mode, from_env, problem, problems, settings};

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
fn two_names_with_different_values_are_a_problem_that_names_both() {
    let problem = problem(&[("SERVER_PORT", "80"), ("PORT", "81")]);
    assert_eq!(problem.key, "server.port");
    assert!(problem.message.contains("`PORT` and `SERVER_PORT`"), "{}", problem.message);
    assert_eq!(
        problems(&[("HTTP_PORT", "80"), ("PORT", "81")]).len(),
        1,
        "also without the setting's own name"
    );
    let secret = self::problem(&[("JWT_SECRET", "hunter2"), ("SECRET_KEY", "hunter3")]);
    assert!(!format!("{secret:?}").contains("hunter"), "{secret:?}");
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
