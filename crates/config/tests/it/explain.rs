//! `config explain` and `config dump`.

use crate::sample::{Directory, from_env};

#[test]
fn explains_a_setting_by_any_of_its_names() {
    let directory = Directory::with(&[("palisade.toml", "[server]\nport = 1\n")]);
    let loaded = directory.load(&[("PORT", "2")]).unwrap();
    for name in ["server.port", "SERVER_PORT", "PORT", "Server.Port"] {
        let explanation = loaded.explain(name).unwrap();
        assert_eq!(explanation.value.as_deref(), Some("2"));
        assert_eq!(explanation.origin.to_string(), "environment variable PORT");
        let layers: Vec<_> = explanation.layers.iter().map(|(o, v)| (o.to_string(), v.as_str())).collect();
        assert_eq!(layers, [("palisade.toml:2".into(), "1"), ("environment variable PORT".into(), "2")]);
    }
    assert!(loaded.explain("server.prot").is_none());
    assert_eq!(loaded.schema().suggest("server.prot"), Some("server.port"));
    let expected = "\
server.port
  The port to listen on; 0 picks a free one.

  value     2
  origin    environment variable PORT
  default   8000
  type      whole number from 0 to 65535
  variable  SERVER_PORT
  also      PORT
  also      HTTP_PORT
  given     1  by palisade.toml:2, overridden
  given     2  by environment variable PORT, wins
  note      PORT is read as SERVER_PORT
";
    assert_eq!(loaded.explain("PORT").unwrap().to_string(), expected);
}

#[test]
fn explains_defaults_unset_values_and_secrets() {
    let loaded = from_env(&[("AUTH_JWT_SECRET", "x")]).unwrap();
    let value = |name| loaded.explain(name).unwrap().value;
    assert_eq!(value("redis.url"), None);
    assert_eq!(value("database.url").as_deref(), Some("sqlite://data/sample.db"));
    assert_eq!(value("auth.jwt_secret").as_deref(), Some("***"));
    assert_eq!(value("telemetry.mode").as_deref(), Some("off"));
    assert_eq!(loaded.explain("app.docs_enabled").unwrap().default_text(), "off in production, else on");
    assert_eq!(loaded.origin("APP_NAME").unwrap().to_string(), "default");
}

#[test]
fn the_dump_is_toml_with_origins() {
    let variables = [
        ("SERVER_PORT", "9"),
        ("APP_NAME", "a \"b\"\n\u{1b}"),
        ("LOG_TARGETS", "a=debug"),
        ("CORS_PORTS", "1,2"),
    ];
    let loaded = from_env(&variables).unwrap();
    let dump = loaded.dump();
    let parsed: toml_edit::DocumentMut = dump.parse().unwrap_or_else(|error| panic!("{error}\n{dump}"));
    assert_eq!(parsed["app"]["name"].as_str(), Some("a \"b\"\n\u{1b}"));
    assert_eq!(parsed["log"]["targets"]["a"].as_str(), Some("debug"));
    assert_eq!(parsed["cors"]["ports"].as_array().unwrap().len(), 2);
    let line = |start: &str| dump.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert!(line("port = 9").ends_with("  # environment variable SERVER_PORT"), "{dump}");
    assert!(line("host = \"127.0.0.1\"").ends_with("  # default"), "{dump}");
    assert!(line("# workers is unset").ends_with("  # default"), "{dump}");
    assert!(line("# docs_enabled: off in production, else on").ends_with("  # default"), "{dump}");
    assert!(dump.starts_with("[app]\n") && dump.contains("\n\n[server]\n"), "{dump}");
}

#[test]
fn every_setting_has_an_origin() {
    let loaded = from_env(&[("SERVER_PORT", "9")]).unwrap();
    assert_eq!(loaded.origins().count(), loaded.schema().settings().count());
    assert_eq!(loaded.origins().filter(|(_, origin)| origin.to_string() != "default").count(), 1);
}
