//! The form of files and manifests.

use crate::{
    rule::{Rule, report},
    source::{Source, lines_of},
    workspace::Workspace,
};

/// From here on a second idea has moved in.
const LONGEST_FILE: usize = 400;

#[test]
fn a_module_stands_beside_its_folder() {
    let files = Workspace::get().files(&["rs"]);
    let old: Vec<String> = files.into_iter().filter(|path| path.ends_with("/mod.rs")).collect();
    report("foo.rs beside foo/, no mod.rs", &old);
}

#[test]
fn no_file_holds_more_than_one_reads_at_a_time() {
    let lengths = Source::all().into_iter().map(|source| (source.shipped_lines(), source.path));
    let long = lengths.filter(|(length, _)| *length > LONGEST_FILE);
    let long: Vec<String> = long.map(|(length, path)| format!("{path}: {length} lines")).collect();
    report(&format!("a file has at most {LONGEST_FILE} lines besides its tests"), &long);
}

#[test]
fn every_library_opens_with_an_example_that_compiles() {
    let folders = Workspace::get().packages.iter().map(|package| format!("{}/src/lib.rs", package.folder));
    let poor = folders.filter(|path| Workspace::get().has(path)).filter_map(|path| {
        let text = Workspace::get().read(&path);
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let fences: Vec<&str> = header
            .iter()
            .filter_map(|line| line.trim_start_matches("//!").trim().strip_prefix("```"))
            .collect();
        let example = fences.iter().step_by(2).any(|kind| matches!(*kind, "" | "rust" | "no_run"));
        (!example).then(|| format!("{path}: {}", if header.is_empty() { "no header" } else { "no example" }))
    });
    report("the header of a crate says what it is for, with an example", &poor.collect::<Vec<_>>());
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    Rule {
        says: "#[expect(lint, reason = \"…\")] in place of allow",
        names: &["#[allow", "#![allow", ", allow("],
        except: &[(
            "crates/testkit/src/databases/every.rs",
            "within a macro, the expectation would fail wherever the import is used",
        )],
    }
    .check(&Source::all(), |source| Some(source.code.clone()));
}

#[test]
fn nothing_is_left_for_later() {
    // Put together, so that this file does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let workspace = Workspace::get();
    let mut problems = Vec::new();
    for path in workspace.files(&["rs", "md", "toml", "sql", "yml", "lua"]) {
        let text = workspace.read(&path);
        problems
            .extend(marks.iter().flat_map(|mark| lines_of(&text, mark)).map(|line| format!("{path}:{line}")));
    }
    report("what is to be done stands in an issue", &problems);
}

#[test]
fn versions_of_dependencies_stand_in_the_root_manifest() {
    let mut problems = Vec::new();
    for package in &Workspace::get().packages {
        let manifest = package.manifest();
        let dependencies =
            manifest.split("\n[").filter(|section| section.contains("dependencies")).collect::<String>();
        let pinned = dependencies.lines().filter(|line| {
            let value = line.split_once('=').map_or("", |(_, value)| value.trim());
            value.starts_with('"') || value.contains("version =") || value.contains("git =")
        });
        problems.extend(pinned.map(|line| format!("{}/Cargo.toml: {line}", package.folder)));
    }
    report("a member writes `name.workspace = true`", &problems);
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let free = Workspace::get()
        .packages
        .iter()
        .filter(|package| !package.manifest().contains("[lints]\nworkspace = true\n"));
    report("[lints] workspace = true", &free.map(|package| package.folder.clone()).collect::<Vec<_>>());
}
