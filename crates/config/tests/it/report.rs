//! How problems are told.

use crate::sample::from_env;

#[test]
fn all_problems_stand_in_one_sorted_report() {
    let report =
        from_env(&[("SERVER_PORT", "eighty"), ("DATABSE_URL", "x"), ("LOG_FORMAT", "xml")]).unwrap_err();
    let expected = "\
3 problems with the settings

  DATABSE_URL
    problem  is not a setting, but nearly one
    origin   environment variable DATABSE_URL
    hint     did you mean DATABASE_URL?

  log.format (LOG_FORMAT)
    problem  must be `json` or `console`, not \"xml\"
    origin   environment variable LOG_FORMAT

  server.port (SERVER_PORT)
    problem  must be a whole number from 0 to 65535, not \"eighty\"
    origin   environment variable SERVER_PORT
";
    assert_eq!(report.to_string(), expected);
}

#[test]
fn a_value_cannot_forge_the_report() {
    let report = from_env(&[("SERVER_PORT", "1\n  auth.ok\u{1b}[31m")]).unwrap_err().to_string();
    assert_eq!(report.lines().count(), 5, "{report}");
    assert!(!report.contains('\u{1b}'));
}

#[test]
fn a_long_value_is_cut() {
    let report = from_env(&[("SERVER_PORT", &"9".repeat(100_000))]).unwrap_err().to_string();
    assert!(report.len() < 400, "{}", report.len());
}
