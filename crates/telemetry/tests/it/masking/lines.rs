//! The log lines themselves.

use palisade_telemetry::{LogHandle, Logs, Settings};

use crate::capture::{console, text};

const CANARIES: [&str; 9] = [
    "ulla@example.com",
    "(555) 123-4567",
    "4111 1111 1111 1111",
    "123-45-6789",
    "sk_live_51Habcdefghijkl",
    "hunter2!",
    "dWxsYTpodW50ZXIy",
    "p4ssw0rd",
    "EMP-1234",
];

#[derive(Debug)]
#[expect(dead_code, reason = "it is shown by Debug")]
struct Login {
    note: String,
    password: Option<String>,
    inner: Vec<(String, String)>,
}

#[derive(Debug, thiserror::Error)]
#[error("no mail for {0}")]
struct NoMail(&'static str, #[source] std::io::Error);

/// Says every canary in every way.
fn speak(_: &LogHandle) {
    let all = CANARIES[..5].join(", ");
    let all = format!("{all}, EMP-1234, password=hunter2!, Basic dWxsYTpodW50ZXIy, redis://app:p4ssw0rd@db");
    let login = Login {
        note: serde_json::json!({"password": "hunter2!", "to": "ulla@example.com"}).to_string(),
        password: Some("hunter2!".to_owned()),
        inner: vec![("mail".to_owned(), all.clone())],
    };
    let span = tracing::info_span!("request", all, shown = %all, later = tracing::field::Empty, pin = 4711);
    span.record("later", tracing::field::debug(&login));
    let _entered = span.entered();
    let source = std::io::Error::other(all.clone());
    let error = NoMail("ulla@example.com", source);
    tracing::info!(value = all, shown = %all, debug = ?login, "message.of {all} {login:?}");
    tracing::info!(error = &error as &dyn std::error::Error, request_id = "4111 1111 1111 1111", "said");
    tracing::info!(new_password = "hunter2!", otp = 4711, "api-key" = %all, cvv = 4711_u64, pin = 4711.5, ssn = ?Some("123-45-6789"));
    let padding = "x ".repeat(4_090);
    for back in 0..24 {
        tracing::info!(
            long = format!("{}4111 1111 1111 1111", &padding[back..]),
            "{}ulla@example.com",
            &padding[back..]
        );
    }
}

#[test]
fn no_line_holds_a_canary() {
    let masking = |settings| Settings { mask_patterns: vec![r"EMP-\d{4}".to_owned()], ..settings };
    for settings in [masking(Settings::default()), masking(console())] {
        let written = text(&settings, speak);
        for canary in CANARIES.iter().chain(&["4711", "4111"]) {
            assert!(!written.contains(canary), "{canary} in {written}");
        }
        for kept in
            ["u***@example.com", "***-***-4567", "****-****-****-1111", "message.of", "said", "no mail for"]
        {
            assert!(written.contains(kept), "{kept} not in {written}");
        }
    }
}

#[test]
fn numbers_flags_and_what_is_known_stay() {
    let settings = Settings { mask_fields: vec!["badge".to_owned()], ..Settings::default() };
    let written = text(&settings, |_| {
        tracing::info!(
            bytes = 1_732_222_222_222_u64,
            has_password = true,
            oldBadge = "b-7",
            badge_no = "b-8",
            "m"
        );
    });
    let wanted =
        r#""message":"m","bytes":1732222222222,"has_password":true,"oldBadge":"***","badge_no":"b-8"}"#;
    assert!(written.ends_with(&format!("{wanted}\n")), "{written}");
}

#[test]
fn a_wrong_pattern_is_refused_at_the_start() {
    let settings = Settings { mask_patterns: vec!["(".to_owned()], ..Settings::default() };
    let refused =
        Logs::to_writer(&settings, palisade_core::Environment::Test, false, std::io::sink()).err().unwrap();
    assert_eq!(refused.to_string(), "the pattern `(` cannot be used: unclosed group");
    assert!(palisade_telemetry::mask::check(&settings.masking()).is_err());
    assert!(palisade_telemetry::mask::check(&Settings::default().masking()).is_ok());
}
