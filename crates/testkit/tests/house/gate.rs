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
