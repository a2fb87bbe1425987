//! Rules beyond types.

use crate::sample::{Directory, problem, problems};

#[test]
fn a_broken_rule_is_named_with_the_origin_of_the_value() {
    let directory = Directory::with(&[("palisade.toml", "[auth]\njwt_secret = \"short\"\n")]);
    let found = directory.problems(&[("APP_ENVIRONMENT", "production"), ("DEBUG", "1")]);
    let places: Vec<_> = found.iter().map(|(key, origin, _)| (key.as_str(), origin.as_str())).collect();
    assert_eq!(places, [("app.debug", "environment variable DEBUG"), ("auth.jwt_secret", "palisade.toml:2")]);
    assert_eq!(problem(&[("APP_ENVIRONMENT", "production")]).origin.to_string(), "default");
}

#[test]
fn rules_are_checked_together_with_types() {
    let found = problems(&[("APP_ENVIRONMENT", "production"), ("SERVER_PORT", "x"), ("SERVER_HOST", "y")]);
    let keys: Vec<_> = found.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["auth.jwt_secret", "server.host", "server.port"]);
}

#[test]
fn a_setting_that_could_not_be_read_is_not_refused_again_for_its_default() {
    let found = problems(&[("APP_ENVIRONMENT", "production"), ("AUTH_JWT_SECRET_FILE", "/nonexistent")]);
    assert_eq!(found.len(), 1, "{found:?}");
}
