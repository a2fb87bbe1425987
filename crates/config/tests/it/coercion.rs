//! How the text of a variable becomes a value.

use palisade_core::Environment;
use proptest::prelude::*;

use crate::sample::{Format, Mode, from_env, problem, settings};

#[test]
fn text_stays_text() {
    for text in ["123", "true", "null", " padded ", "[1]", "{\"a\":1}", "a=b,c"] {
        assert_eq!(settings(&[("APP_NAME", text)]).app.name, text);
    }
}

#[test]
fn truth_has_eight_spellings_in_any_case() {
    for text in ["true", "1", "yes", "on", "TRUE", "Yes", "On"] {
        assert!(settings(&[("APP_DEBUG", text)]).app.debug, "{text}");
        assert_eq!(settings(&[("RATE_LIMIT_ENABLED", text)]).rate_limit.enabled, Some(true), "{text}");
    }
    for text in ["false", "0", "no", "off", "FALSE", "Off"] {
        assert_eq!(settings(&[("RATE_LIMIT_ENABLED", text)]).rate_limit.enabled, Some(false), "{text}");
    }
    for text in ["2", "truee", "y", "enabled"] {
        assert_eq!(problem(&[("APP_DEBUG", text)]).message, format!("must be true or false, not {text:?}"));
    }
}

#[test]
fn numbers_are_whole_and_within_their_limits() {
    assert_eq!(settings(&[("SERVER_PORT", " 65535 ")]).server.port, 65535);
    assert_eq!(settings(&[("RATE_LIMIT_BURST", "-3")]).rate_limit.burst, -3);
    assert_eq!(settings(&[("RATE_LIMIT_REQUESTS", "18446744073709551615")]).rate_limit.requests, u64::MAX);
    for text in
        ["65536", "-1", "80.5", "eighty", "0x50", "1e3", "99999999999999999999999999999999999999999999"]
    {
        let problem = problem(&[("SERVER_PORT", text)]);
        assert_eq!(problem.message, format!("must be a whole number from 0 to 65535, not {text:?}"));
    }
    let outside = problem(&[("SERVER_WORKERS", "65")]);
    assert_eq!(outside.message, "must be a whole number from 1 to 64, not \"65\"");
}

#[test]
fn fractions_are_finite() {
    assert_eq!(settings(&[("SERVER_REQUEST_TIMEOUT_SECONDS", "0.5")]).server.request_timeout_seconds, 0.5);
    assert_eq!(settings(&[("SERVER_REQUEST_TIMEOUT_SECONDS", "3")]).server.request_timeout_seconds, 3.0);
    for text in ["NaN", "inf", "1,5"] {
        assert_eq!(
            problem(&[("SERVER_REQUEST_TIMEOUT_SECONDS", text)]).message,
            format!("must be a number, not {text:?}")
        );
    }
}

#[test]
fn lists_are_json_or_have_commas() {
    let origins = |text| settings(&[("CORS_ORIGINS", text)]).cors.origins;
    assert_eq!(origins("https://a, https://b"), ["https://a", "https://b"]);
    assert_eq!(origins(r#"["https://a", "b,c"]"#), ["https://a", "b,c"]);
    assert_eq!(origins("*"), ["*"]);
    assert_eq!(origins("a,,b,"), ["a", "b"]);
    assert_eq!(settings(&[("CORS_PORTS", "1,2")]).cors.ports, [1, 2]);
    assert_eq!(settings(&[("CORS_PORTS", "[1, 2]")]).cors.ports, [1, 2]);
}

#[test]
fn a_bad_item_of_a_list_is_named() {
    assert_eq!(
        problem(&[("CORS_PORTS", "1,x")]).message,
        "item 2 must be a whole number from 0 to 65535, not \"1,x\""
    );
    let message = problem(&[("CORS_ORIGINS", "[\"a\"")]).message;
    assert!(
        message.starts_with("must be a list of text, as a JSON array or with commas between"),
        "{message}"
    );
}

#[test]
fn choices_are_taken_in_any_case_and_listed_when_wrong() {
    assert_eq!(settings(&[("LOG_FORMAT", "JSON")]).log.format, Some(Format::Json));
    assert_eq!(settings(&[("APP_ENVIRONMENT", "TEST")]).app.environment, Environment::Test);
    assert_eq!(
        settings(&[("TELEMETRY_MODE", "Log,prometheus")]).telemetry.mode,
        [Mode::Log, Mode::Prometheus]
    );
    let message = problem(&[("LOG_FORMAT", "jsno")]).message;
    assert_eq!(message, "must be `json` or `console`; did you mean `json`?, not \"jsno\"");
}

#[test]
fn maps_are_json_or_pairs() {
    for text in ["a=debug, b=info", r#"{"a": "debug", "b": "info"}"#] {
        let targets = settings(&[("LOG_TARGETS", text)]).log.targets;
        assert_eq!(
            targets.into_iter().collect::<Vec<_>>(),
            [("a".into(), "debug".into()), ("b".into(), "info".into())]
        );
    }
    assert!(problem(&[("LOG_TARGETS", "debug")]).message.contains("name=value"));
}

#[test]
fn an_empty_value_is_as_good_as_none_but_empties_a_list() {
    let variables =
        [("APP_NAME", ""), ("SERVER_PORT", ""), ("REDIS_URL", ""), ("LOG_FORMAT", ""), ("PORT", "")];
    let loaded = from_env(&variables).unwrap();
    assert_eq!(loaded.settings.app.name, "sample");
    assert!(loaded.settings.redis.url.is_none());
    assert_eq!(loaded.notes, [""; 0]);
    assert_eq!(settings(&[("TELEMETRY_MODE", "")]).telemetry.mode, []);
}

#[test]
fn what_only_the_type_knows_is_reported_with_its_origin_too() {
    let problem = problem(&[("SERVER_HOST", "nowhere")]);
    assert_eq!(problem.origin.to_string(), "environment variable SERVER_HOST");
    assert!(problem.message.starts_with("is not valid: "), "{}", problem.message);
}

proptest! {
    #[test]
    fn every_port_is_read_back(port: u16) {
        prop_assert_eq!(settings(&[("SERVER_PORT", &port.to_string())]).server.port, port);
    }

    #[test]
    fn every_list_survives_as_json(items in prop::collection::vec(".*", 0..5)) {
        let text = serde_json::to_string(&items).unwrap();
        prop_assert_eq!(settings(&[("CORS_ORIGINS", &text)]).cors.origins, items);
    }
}
