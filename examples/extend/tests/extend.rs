//! Settings with names that the operator chooses, through the program itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const FILE: &str = "[collections.plays]\ntitle = \"Plays\"\n[collections.old-songs]\ntitle = \"Old songs\"\n";

/// Sets the language of one collection and makes another.
const VARIABLES: [(&str, &str); 2] =
    [("COLLECTIONS_OLD_SONGS_LANGUAGE", "la"), ("COLLECTIONS_LETTERS_TITLE", "Letters")];

fn folder(file: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("palisade.toml"), file).unwrap();
    folder
}

fn program(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade-example-extend"));
    command.current_dir(folder.path()).env_clear().envs(VARIABLES);
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().unwrap()
}

fn printed(folder: &TempDir, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_collection_is_explained_with_the_origin_of_each_value() {
    let folder = folder(FILE);
    let set = ["--set", "collections.letters.language=fr"];
    let explained = printed(&folder, &[&["config", "explain", "collections"], &set[..]].concat());
    for expected in [
        "[collections.<name>], as variables COLLECTIONS_<NAME>_…",
        "collections.<name>.title  text, default none: it must be set",
        "[collections.letters]\n",
        "title = \"Letters\"  # environment variable COLLECTIONS_LETTERS_TITLE\n",
        "language = \"fr\"    # command line (--set)\n",
        "title = \"Old songs\"  # palisade.toml:4\n",
        "language = \"la\"      # environment variable COLLECTIONS_OLD_SONGS_LANGUAGE\n",
        "language = \"en\"  # default",
    ] {
        assert!(explained.contains(expected), "no {expected} in {explained}");
    }
    let one = printed(&folder, &["config", "explain", "COLLECTIONS_OLD_SONGS_LANGUAGE"]);
    assert!(one.starts_with("collections.old-songs.language\n"), "{one}");
    let any = printed(&folder, &["config", "explain", "collections.<name>.language"]);
    assert!(any.contains("The language of its quotations."), "{any}");
    assert!(printed(&folder, &["config", "dump"]).contains("\n[collections.old-songs]\n"));
}

#[test]
fn everything_wrong_with_collections_is_one_report() {
    let folder = folder(
        "[collections.plays]\ntitel = \"Plays\"\n[collections.Songs]\n[collections.x]\ntitle = \" \"\n",
    );
    let output = run(&folder, &["config", "check"]);
    assert_eq!(output.status.code(), Some(2));
    let report = String::from_utf8(output.stderr).unwrap();
    for expected in [
        "collections.plays.titel\n    problem  is not a setting: [collections.<name>] has `title`, `language`\n    \
         origin   palisade.toml:2\n    hint     did you mean collections.plays.title?",
        "collections.plays.title (COLLECTIONS_PLAYS_TITLE)\n    problem  must be set: it has no default",
        "collections.Songs\n    problem  is not a name",
    ] {
        assert!(report.contains(expected), "no {expected} in {report}");
    }
    let blank = run(&self::folder(&format!("{FILE}[collections.x]\ntitle = \" \"\n")), &["config", "check"]);
    let report = String::from_utf8(blank.stderr).unwrap();
    assert!(
        report.contains("collections.x.title (COLLECTIONS_X_TITLE)\n    problem  must not be empty"),
        "{report}"
    );
}

#[tokio::test]
async fn the_running_program_has_them_from_every_source() {
    let folder = folder(FILE);
    let mut child = program(&folder)
        .envs([("SERVER_PORT", "0"), ("MANAGEMENT_PORT", "0")])
        .args(["serve", "--set", "collections.plays.language=el"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap_or_default();
        if line["message"] == "server.listening" && line["listener"] == "api" {
            address = line["address"].as_str().map(str::to_owned);
        }
        if line["message"] == "server.ready" {
            break;
        }
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = match address {
        Some(address) => client.get(format!("http://{address}/api/v1/collections")).send().await,
        None => panic!("it ended before it was ready: {:?}", child.wait()),
    };
    let _ = child.kill();
    let _ = child.wait();
    let collections: Value = answer.unwrap().json().await.unwrap();
    let expected =
        json!({"letters": ["Letters", "en"], "old-songs": ["Old songs", "la"], "plays": ["Plays", "el"]});
    assert_eq!(collections, expected);
}
