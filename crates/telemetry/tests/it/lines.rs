//! One clean line per event, whatever its values hold.

use proptest::prelude::*;
use serde_json::json;

use crate::capture::{console, lines, text};
use palisade_telemetry::{Masker, Settings};

#[test]
fn a_line_has_its_members_in_order_and_values_keep_their_types() {
    let text = text(&Settings::default(), |_| {
        tracing::info!(target: "users", count = 3, ratio = 1.5, done = true, name = "ann", none = None::<u8>, "user.created");
    });
    let (start, rest) = text.split_at(r#"{"timestamp":""#.len());
    let (time, rest) = rest.split_at("2026-11-20T14:00:00.000Z".len());
    assert_eq!(start, r#"{"timestamp":""#);
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.ends_with('Z'), "{time}");
    let wanted = r#"","level":"INFO","target":"users","message":"user.created","count":3,"ratio":1.5,"done":true,"name":"ann"}"#;
    assert_eq!(rest, format!("{wanted}\n"));
}

#[test]
fn an_error_shows_with_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("no pool")]
    struct NoPool(#[source] std::io::Error);
    let error = NoPool(std::io::Error::other("refused"));
    let lines = lines(|_| tracing::warn!(error = &error as &dyn std::error::Error, "database.lost"));
    assert_eq!(lines[0]["error"], "no pool: refused");
}

#[test]
fn a_field_cannot_pose_as_a_member_of_the_line() {
    let lines = lines(|_| tracing::info!(level = "low", target = 1, timestamp = 2, "m"));
    assert_eq!(lines[0]["level"], "INFO");
    assert_eq!(lines[0]["field.level"], "low");
    assert_eq!(lines[0]["field.timestamp"], 2);
}

#[test]
fn what_has_no_json_number_is_text() {
    let lines = lines(|_| tracing::info!(nan = f64::NAN, wide = u128::MAX, "m"));
    assert_eq!(lines[0]["nan"], "NaN");
    assert_eq!(lines[0]["wide"], u128::MAX.to_string());
}

#[test]
fn a_long_value_is_cut_and_the_line_stays_whole() {
    let long = "ü".repeat(100_000);
    let lines = lines(|_| tracing::info!(long, after = 1, "m"));
    let written = lines[0]["long"].as_str().unwrap();
    assert!(written.len() < 10_000 && written.ends_with("ü…"), "{}", written.len());
    assert_eq!(lines[0]["after"], 1);
}

#[test]
fn the_caller_is_told_when_asked_for() {
    let settings = Settings { include_caller: true, ..Settings::default() };
    let text = text(&settings, |_| tracing::info!("m"));
    assert!(text.contains(&format!(r#""caller":"{}:"#, file!())), "{text}");
}

#[test]
fn a_value_that_logs_while_it_is_shown_leaves_the_line_whole() {
    struct Loud;
    impl std::fmt::Display for Loud {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::info!("inner");
            f.write_str("loud")
        }
    }
    // Whether the inner event passes is up to `tracing`; that the outer line stays whole is up to us.
    let lines = lines(|_| tracing::info!(value = %Loud, "outer"));
    let outer = lines.last().unwrap();
    assert_eq!((&outer["message"], &outer["value"]), (&json!("outer"), &json!("loud")));
}

#[test]
fn console_lines_are_readable() {
    let text =
        text(&console(), |_| tracing::warn!(target: "users", id = 7, name = "ann lee", "it's \"late\""));
    let (_, rest) = text.split_once(' ').unwrap();
    assert_eq!(rest, "    WARN users: it's \"late\" id=7 name=\"ann lee\"\n");
}

proptest! {
    #[test]
    fn any_text_is_read_back_equal_but_masked_from_one_line(message in any::<String>(), value in ".{0,200}|[\\x00-\\x1f\\x7f-\\u{9f}\"\\\\]*") {
        let lines = lines(|_| tracing::info!(value, debug = ?value, "{message}"));
        prop_assert_eq!(lines.len(), 1);
        let masked = |text: &str| json!(Masker::default().text(text));
        prop_assert_eq!(&lines[0]["message"], &masked(&message));
        prop_assert_eq!(&lines[0]["value"], &masked(&value));
        prop_assert_eq!(&lines[0]["debug"], &masked(&format!("{value:?}")));
    }

    #[test]
    fn no_text_reaches_a_terminal_as_an_order(message in any::<String>(), value in "[\\x00-\\x1f\\x7f-\\u{9f}\u{2028}\u{202e}a\"]*") {
        for settings in [Settings::default(), console()] {
            let text = text(&settings, |_| tracing::info!(value, "{message}"));
            let body = text.strip_suffix('\n').unwrap();
            prop_assert!(!body.contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{202e}'), "{body:?}");
        }
    }
}
