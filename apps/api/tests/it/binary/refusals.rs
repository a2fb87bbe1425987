//! What the program does not start with.

use std::net::TcpListener;

use palisade_testkit::servers::{MariaDb, Postgres};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::harness::{SECRET, Setup};

#[tokio::test]
async fn a_broken_database_url_is_named_with_its_origin_and_without_the_password() {
    for url in [
        "postgres://app:hunter2@",
        "oracle://app:hunter2@db/app",
        "postgres://app:hunter2@db:99999/app",
        "postgres://app:hun#ter2@db/app",
        "mysql://app:hunter2@db",
        "hunter2",
    ] {
        let ended = Setup::new().set("DATABASE_URL", url).run().await.expect(2);
        ended.says(&["DATABASE_URL", "environment variable"]).never_says(&["hunter2", "ter2"]);
    }
    let file = Setup::new().file("palisade.toml", "[database]\nurl = \"oracle://app:hunter2@db/app\"\n");
    file.run().await.expect(2).says(&["database.url", "palisade.toml:2"]).never_says(&["hunter2"]);
    let file = Setup::new().file(".env", "\nDATABASE_URL=oracle://app:hunter2@db/app\n");
    file.run().await.expect(2).says(&["DATABASE_URL", ".env:2"]).never_says(&["hunter2"]);
}

#[tokio::test]
async fn a_database_file_that_cannot_be_written_is_named() {
    let setup = Setup::new().file("blocker", "a file").set("DATABASE_URL", "sqlite://blocker/palisade.db");
    setup.run().await.expect(2).says(&["DATABASE_URL", "blocker/palisade.db"]);
    let setup = Setup::new().file("data", "a file");
    setup.run().await.expect(2).says(&["data"]).never_says(&["panicked"]);
}

#[tokio::test]
async fn a_database_file_of_another_kind_is_refused_and_kept() {
    let setup = Setup::new().file("other.db", &"no database at all ".repeat(100));
    let before = std::fs::read(setup.folder().join("other.db")).unwrap();
    let setup = setup.set("DATABASE_URL", "sqlite://other.db");
    let ended = setup.run().await;
    assert!(matches!(ended.status.code(), Some(1 | 2)), "{ended:?}");
    ended.never_says(&["panicked"]);
    assert_eq!(std::fs::read(setup.folder().join("other.db")).unwrap(), before);
}

#[tokio::test]
async fn limits_on_redis_need_a_redis() {
    let ended = Setup::new().set("RATE_LIMIT_BACKEND", "redis").run().await.expect(2);
    ended.says(&["RATE_LIMIT_BACKEND", "REDIS_URL"]);
}

#[tokio::test]
async fn a_lease_needs_one_fixed_window() {
    let leased = || Setup::new().set("RATE_LIMIT_LEASE", "10");
    let ended = leased().run().await.expect(2);
    ended.says(&["RATE_LIMIT_LEASE", "fixed_window", "per_hour"]);
    let ended = leased().set("RATE_LIMIT_ALGORITHM", "fixed_window").run().await.expect(2);
    ended.says(&["RATE_LIMIT_LEASE"]);
}

#[tokio::test]
async fn a_misspelt_variable_is_named_with_the_one_that_was_meant() {
    let ended = Setup::new().set("SERVER_PROT", "9000").run().await.expect(2);
    ended.says(&["SERVER_PROT", "did you mean", "SERVER_PORT"]);
}

#[tokio::test]
async fn all_problems_come_in_one_report() {
    let setup = Setup::new()
        .set("DATABASE_URL", "oracle://x:hunter2@y/z")
        .set("SERVER_PORT", "many")
        .set("LOG_LEVEL", "loud,")
        .set("AUTH_PASSWORD_MIN_LENGTH", "3")
        .set("SERVER_PROT", "1")
        .file("palisade.toml", "[server]\nprot = 1\n\n[nowhere]\nx = 1\n");
    let ended = setup.run().await.expect(2);
    let wanted = [
        "DATABASE_URL",
        "SERVER_PORT",
        "LOG_LEVEL",
        "AUTH_PASSWORD_MIN_LENGTH",
        "SERVER_PROT",
        "palisade.toml:2",
        "palisade.toml:4",
    ];
    ended.says(&wanted).never_says(&["hunter2"]);
}

#[tokio::test]
async fn an_unknown_key_in_a_file_is_named_with_file_and_line() {
    let text = "# settings\n[server]\nport = 0\nhots = \"127.0.0.1\"\n";
    let ended = Setup::new().file("palisade.toml", text).run().await.expect(2);
    ended.says(&["server.hots", "palisade.toml:4", "did you mean", "host"]);
    let ended = Setup::new().file("palisade.local.toml", "[severs]\nport = 1\n").run().await.expect(2);
    ended.says(&["severs", "palisade.local.toml:1"]);
    let ended = Setup::new().file("palisade.toml", "[server\n").run().await.expect(2);
    ended.says(&["palisade.toml:1"]);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for variable in ["SERVER_PORT", "MANAGEMENT_PORT"] {
        let ended = Setup::new().set(variable, address.port().to_string()).run().await.expect(4);
        ended.says(&[&address.to_string()]);
    }
    let ended = Setup::new().set("SERVER_HOST", "192.0.2.1").run().await.expect(4);
    ended.says(&["192.0.2.1"]);
}

#[tokio::test]
async fn production_refuses_missing_weak_and_revealing_settings() {
    let production = Setup::production;
    production().unset("AUTH_JWT_SECRET").run().await.expect(2).says(&["AUTH_JWT_SECRET", "required"]);
    for weak in ["short", "changeme-changeme-changeme-changeme", &"a".repeat(64)] {
        let ended = production().set("AUTH_JWT_SECRET", weak).run().await.expect(2);
        ended.says(&["AUTH_JWT_SECRET"]).never_says(&[weak]);
    }
    production().set("APP_DEBUG", "true").run().await.expect(2).says(&["APP_DEBUG"]);
    production().set("DEBUG", "1").run().await.expect(2).says(&["DEBUG"]);
    let all = production().unset("AUTH_JWT_SECRET").set("APP_DEBUG", "on").set("SERVER_PORT", "-1");
    all.run().await.expect(2).says(&["AUTH_JWT_SECRET", "APP_DEBUG", "SERVER_PORT"]);
}

#[tokio::test]
async fn placeholders_do_not_start_in_production_or_staging() {
    let placeholders = [
        "replace-with-a-long-random-string-here",
        "your-super-long-jwt-key-of-at-least-32-bytes",
        "${JWT_SIGNING_VALUE_FROM_THE_VAULT_PLEASE}",
        "0123456789012345678901234567890123456789",
    ];
    for environment in ["production", "staging"] {
        for placeholder in placeholders {
            let setup = Setup::production().set("APP_ENVIRONMENT", environment);
            let ended = setup.set("AUTH_JWT_SECRET", placeholder).run().await.expect(2);
            ended.says(&["AUTH_JWT_SECRET", "must be random"]).never_says(&[placeholder]);
        }
        let setup = Setup::production().set("APP_ENVIRONMENT", environment);
        let ended = setup.set("MANAGEMENT_TOKEN", "replace-with-a-random-token").run().await.expect(2);
        ended.says(&["MANAGEMENT_TOKEN", "must be random"]);
    }
}

#[tokio::test]
async fn staging_wants_a_secret_as_production_does_and_makes_none() {
    let setup = Setup::production().set("APP_ENVIRONMENT", "staging").unset("AUTH_JWT_SECRET");
    setup.run().await.expect(2).says(&["AUTH_JWT_SECRET", "is required in staging", "openssl rand"]);
    assert!(!setup.folder().join("data").join("jwt_secret").exists());
    let setup = setup.set("AUTH_JWT_SECRET", SECRET).command(&["config", "check"]);
    setup.run().await.expect(0);
}

#[tokio::test]
async fn two_names_of_one_setting_with_two_values_are_refused() {
    let setup = Setup::new().set("JWT_SECRET", "a".repeat(40)).set("SECRET_KEY", "b".repeat(40));
    setup.run().await.expect(2).says(&["JWT_SECRET", "SECRET_KEY"]).never_says(&["aaaa", "bbbb"]);
}

#[tokio::test]
async fn bad_usage_is_told_with_exit_2() {
    for arguments in [
        &["serv"][..],
        &["--nothing"],
        &["--set", "server.port"],
        &["--set", "server.prot=1"],
        &["config", "explain"],
    ] {
        let ended = Setup::new().command(arguments).run().await.expect(2);
        assert!(!ended.stderr.is_empty());
    }
}

#[tokio::test]
async fn countries_that_make_no_sense_are_named() {
    let setup = Setup::new().set("GEOIP_ALLOWED_COUNTRIES", "DE,UK");
    setup.run().await.expect(2).says(&["GEOIP_ALLOWED_COUNTRIES", "`UK`", "the United Kingdom is GB"]);
    let setup = Setup::new().set("GEOIP_BLOCKED_COUNTRIES", "DE");
    setup.run().await.expect(2).says(&["GEOIP_BLOCKED_COUNTRIES", "needs geoip.database_path"]);
    let setup =
        Setup::new().set("SECURITY_ALLOWED_COUNTRIES", "DE,FR").set("SECURITY_BLOCKED_COUNTRIES", "fr");
    let setup = setup.set("SECURITY_GEOIP_DATABASE_PATH", "countries.mmdb");
    setup.run().await.expect(2).says(&["FR is both allowed and blocked"]);
    let setup = Setup::new().set("GEOIP_DATABASE_PATH", "countries.mmdb");
    setup.run().await.expect(2).says(&[
        "GEOIP_DATABASE_PATH",
        "environment variable",
        "countries.mmdb cannot be read",
    ]);
}

#[tokio::test]
async fn a_certificate_goes_with_its_key() {
    let ended = Setup::new().set("SERVER_TLS_CERT", "tls.crt").run().await.expect(2);
    ended.says(&["server.tls_key", "is required beside server.tls_cert"]);
    let ended = Setup::new().set("SERVER_TLS_KEY", "tls.key").run().await.expect(2);
    ended.says(&["server.tls_cert", "is required beside server.tls_key"]);
    let setup = Setup::new().set("SERVER_TLS_CERT", "tls.crt").set("SERVER_TLS_KEY", "tls.key");
    setup.run().await.expect(2).says(&["SERVER_TLS_CERT", "cannot be read", "tls.crt"]);
}

#[tokio::test]
async fn a_certificate_whose_time_is_over_may_be_renewed_so_a_restart_is_right() {
    for (from, until) in [(1999, 2001), (4000, 4001)] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        let certificate = params.self_signed(&key).unwrap();
        let setup = Setup::new().file("tls.crt", &certificate.pem()).file("tls.key", &key.serialize_pem());
        let setup = setup.set("SERVER_TLS_CERT", "tls.crt").set("SERVER_TLS_KEY", "tls.key");
        setup.run().await.expect(1).says(&["SERVER_TLS_CERT", "environment variable"]);
    }
}

#[tokio::test]
async fn a_database_that_can_never_work_is_told_at_once_with_exit_2() {
    let (postgres, mariadb) = (Postgres::start().unwrap(), MariaDb::start().unwrap());
    for url in [postgres.url(), mariadb.url()] {
        let (server, _) = url.rsplit_once('/').unwrap();
        let setup = Setup::new().set("DATABASE_URL", format!("{server}/nowhere"));
        for command in [&["serve"][..], &["migrate"]] {
            let ended = setup.command(command).run().await.expect(2);
            ended.says(&["DATABASE_URL", "no such database", "1 problem with the settings"]);
        }
    }
}

#[tokio::test]
async fn an_edge_that_would_be_open_or_shut_to_all_is_refused() {
    for (variable, value, says) in [
        ("SECURITY_TRUSTED_PROXIES", "10.0.0.0/8,nginx", "nginx"),
        ("SECURITY_ALLOWED_HOSTS", "https://example.com", "https://example.com"),
        ("SECURITY_ALLOWED_HOSTS", "[]", "must name a host"),
        ("SECURITY_CSP_POLICY", " ", "one line"),
        ("CORS_ORIGINS", "*", "credentials"),
        ("CORS_ORIGINS", "null", "null"),
        ("CORS_ORIGINS", "https://app.example.com/", "without a path"),
        ("APP_CORS_ALLOW_ORIGINS", "app.example.com", "app.example.com"),
        ("CORS_ALLOW_HEADERS", "*", "no name of a header"),
    ] {
        Setup::new().set(variable, value).run().await.expect(2).says(&[variable, says]);
    }
    let star = Setup::new().set("CORS_ORIGINS", "*").set("CORS_ALLOW_CREDENTIALS", "false");
    star.command(&["config", "check"]).run().await.expect(0);
}

#[tokio::test]
async fn production_trusts_no_network_that_clients_are_in() {
    for network in ["0.0.0.0/0", "::/0", "10.0.0.0/0", "::ffff:0:0/96", "10.0.0.1,128.0.0.0/1"] {
        let setup = Setup::production().set("SECURITY_TRUSTED_PROXIES", network);
        setup.run().await.expect(2).says(&["SECURITY_TRUSTED_PROXIES"]);
        let setup = Setup::new().set("SECURITY_TRUSTED_PROXIES", network).command(&["config", "check"]);
        setup.run().await.expect(0);
    }
}
