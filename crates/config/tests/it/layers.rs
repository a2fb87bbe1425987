//! Which layer wins.

use palisade_config::{Capture, Sources, load};
use palisade_core::Environment;

use crate::sample::{Directory, Settings, from_env, settings};

const BASE: (&str, &str) = ("palisade.toml", "[app]\nenvironment = \"test\"\n[server]\nport = 1\n");
const OWN: (&str, &str) = ("palisade.test.toml", "[server]\nport = 2\n");
const DOT_ENV: (&str, &str) = (".env", "SERVER_PORT=3\n");

#[test]
fn nothing_given_means_the_defaults() {
    let settings = settings(&[]);
    assert_eq!(settings.server.port, 8000);
    assert_eq!(
        settings.database.url.expose(),
        "sqlite://data/sample.db",
        "a secret's default is the real one"
    );
}

#[test]
fn each_layer_overrides_the_one_below() {
    let port = |files: &[_], variables| Directory::with(files).settings(variables).server.port;
    assert_eq!(port(&[], &[]), 8000);
    assert_eq!(port(&[BASE], &[]), 1);
    assert_eq!(port(&[BASE, OWN], &[]), 2);
    assert_eq!(port(&[BASE, OWN, DOT_ENV], &[]), 3);
    assert_eq!(port(&[BASE, OWN, DOT_ENV], &[("SERVER_PORT", "4")]), 4);
    let directory = Directory::with(&[BASE, OWN, DOT_ENV]);
    let sources = directory.sources(&[("SERVER_PORT", "4")]).set("server.port=5");
    assert_eq!(load::<Settings>(&sources).unwrap().settings.server.port, 5);
}

#[test]
fn a_layer_changes_only_what_it_names() {
    let files = [("palisade.toml", "[server]\nport = 1\nworkers = 2\n[log]\nlevel = \"warn\"\n")];
    let settings = Directory::with(&files).settings(&[("SERVER_PORT", "9")]);
    assert_eq!((settings.server.port, settings.server.workers), (9, Some(2)));
    assert_eq!(settings.log.level, "warn");
}

#[test]
fn the_environment_is_chosen_by_the_strongest_layer() {
    let files = [
        ("palisade.toml", "[app]\nenvironment = \"test\"\n"),
        ("palisade.test.toml", "[app]\nname = \"from test\"\n"),
        ("palisade.staging.toml", "[app]\nname = \"from staging\"\n"),
    ];
    let directory = Directory::with(&files);
    assert_eq!(directory.settings(&[]).app.name, "from test");
    let staging = directory.load(&[("APP_ENVIRONMENT", "Staging")]).unwrap();
    assert_eq!(staging.settings.app.name, "from staging");
    assert_eq!(staging.environment, Environment::Staging);
    let sources = directory.sources(&[("APP_ENVIRONMENT", "staging")]).set("app.environment=local");
    assert_eq!(load::<Settings>(&sources).unwrap().settings.app.name, "sample");
    let directory = Directory::with(&[files[1], (".env", "APP_ENVIRONMENT=test")]);
    assert_eq!(directory.settings(&[]).app.name, "from test");
}

#[test]
fn an_unknown_environment_is_a_problem() {
    let report = from_env(&[("APP_ENVIRONMENT", "prod")]).unwrap_err().to_string();
    assert!(
        report.contains("`staging` or `production`; did you mean `production`?, not \"prod\""),
        "{report}"
    );
}

#[test]
fn the_file_of_an_environment_cannot_name_another() {
    let files = [BASE, ("palisade.test.toml", "[app]\nenvironment = \"production\"\n")];
    let problems = Directory::with(&files).problems(&[]);
    assert_eq!(problems[0].0, "app.environment");
    assert_eq!(problems[0].1, "palisade.test.toml:2");
}

#[test]
fn without_a_directory_no_file_is_read() {
    assert_eq!(load::<Settings>(&Sources::new(Capture::default())).unwrap().settings.server.port, 8000);
}

#[test]
fn the_command_line_takes_keys_variables_and_flags() {
    let sources = Sources::default().set("SERVER_WORKERS=4").set("log.level = debug").set("log.level=a=b");
    let settings = load::<Settings>(&sources.set_by_flag("--port", "server.port", "81")).unwrap().settings;
    assert_eq!((settings.server.port, settings.server.workers), (81, Some(4)));
    assert_eq!(settings.log.level, "a=b", "of two the later counts");
}

#[test]
fn the_command_line_is_checked_like_the_rest() {
    let sources =
        Sources::default().set("server.prot=1").set("server.port").set_by_flag("-p", "server.port", "x");
    let report = load::<Settings>(&sources).unwrap_err();
    let shown = report.to_string();
    assert_eq!(report.problems().len(), 3, "{shown}");
    assert!(shown.contains("did you mean server.port?"), "{shown}");
    assert!(shown.contains("is given without a value"), "{shown}");
    assert!(shown.contains("command line (-p)"), "{shown}");
}
