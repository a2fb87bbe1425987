//! The gate, `.ci/run`, lets nothing pass unseen.

use crate::{rule::report, workspace::Workspace};

const GATE: &str = ".ci/run";

#[test]
fn the_gate_runs_each_check() {
    let gate = Workspace::get().read(GATE);
    let parts = [
        ("formatting", "cargo fmt --all --check"),
        ("lints, warnings denied", "clippy --workspace --all-targets --all-features -- -D warnings"),
        ("documentation, warnings denied", "RUSTDOCFLAGS=\"-D warnings\" cargo doc"),
        ("licences, banned crates and sources", "cargo deny"),
        ("the freshness of generated files", "docs --check"),
        ("the tests", "scripts/test"),
        ("the short form of each drill", "scripts/drills --short"),
    ];
    let missing = parts.iter().filter(|(_, command)| !gate.contains(command));
    let missing: Vec<String> = missing.map(|(what, command)| format!("{what}: no `{command}`")).collect();
    report("the gate runs each check", &missing);
    assert!(gate.contains("set -euo pipefail"), "a failed step must fail the gate");
}

#[test]
fn the_gate_builds_each_crate_alone_without_default_features() {
    let gate = Workspace::get().read(GATE);
    let alone =
        gate.lines().any(|line| line.contains("--no-default-features") && !line.trim().starts_with('#'));
    assert!(
        alone && gate.contains("for manifest in crates/*/Cargo.toml crates/*/macros/Cargo.toml"),
        "each crate must be built alone"
    );
    let elsewhere = Workspace::get().packages.iter().filter(|package| {
        let parts: Vec<&str> = package.folder.split('/').collect();
        parts.first() == Some(&"crates") && !matches!(*parts, [_, _] | [_, _, "macros"])
    });
    report(
        "crates/*/ and crates/*/macros/ cover each crate",
        &elsewhere.map(|package| package.folder.clone()).collect::<Vec<_>>(),
    );
}

/// The files beside the drills that are none.
const NO_DRILLS: [&str; 4] = ["__init__", "kit", "record", "tools"];

#[test]
fn every_drill_has_a_short_form_and_a_row_with_its_last_result() {
    let workspace = Workspace::get();
    let (runner, results) = (workspace.read("scripts/drills"), workspace.read("docs/drills.md"));
    let folder = "benches/harness/drills/";
    let files = workspace.files(&["py"]).into_iter().filter(|path| path.starts_with(folder));
    let mut problems = Vec::new();
    let mut drills = 0;
    for path in files {
        let stem = path.trim_start_matches(folder).trim_end_matches(".py");
        if NO_DRILLS.contains(&stem) {
            continue;
        }
        drills += 1;
        let (name, text) = (stem.replace('_', "-"), workspace.read(&path));
        let missing = ["\nSHORT = {", "\nFULL = {", "\nNEEDS = ", "\ndef run(drill):"];
        let missing = missing.into_iter().filter(|part| !text.contains(part));
        problems.extend(missing.map(|part| format!("{path}: no `{}`", part.trim())));
        if !text.starts_with("\"\"\"") {
            problems.push(format!("{path}: does not say what it shows"));
        }
        if !runner.contains(&format!("\"{name}\"")) {
            problems.push(format!("{path}: scripts/drills does not run it"));
        }
        if !results.contains(&format!("| `{name}` |")) {
            problems.push(format!("{path}: docs/drills.md has no row of it"));
        }
    }
    report("a drill has a short form, is run by scripts/drills and listed in docs/drills.md", &problems);
    assert!(drills > 0, "the drills are elsewhere");
}
