//! Who depends on whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    rule::report,
    workspace::{Arrow, Package, Workspace},
};

/// The document that draws the arrows.
const DOCUMENT: &str = "docs/architecture.md";

/// What each package takes, as drawn: `auth → core, database?` in the document's block marked `arrows`.
fn drawn() -> BTreeMap<String, BTreeSet<String>> {
    let text = Workspace::get().read(DOCUMENT);
    let (_, block) = text.split_once("```arrows\n").expect("a block marked `arrows`");
    let (block, _) = block.split_once("```").expect("the block ends");
    let lines = block.lines().filter_map(|line| line.split_once('→'));
    lines.map(|(from, to)| (from.trim().to_owned(), names(to))).collect()
}

fn names(list: &str) -> BTreeSet<String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// `core` for `crates/core`; a `?` marks what a feature brings.
fn short(arrow: &Arrow) -> String {
    let mark = if arrow.optional { "?" } else { "" };
    format!("{}{mark}", arrow.to.trim_start_matches("crates/"))
}

#[test]
fn the_arrows_are_those_that_the_document_draws() {
    let mut drawn = drawn();
    let mut problems = Vec::new();
    for package in &Workspace::get().packages {
        let name = package.folder.trim_start_matches("crates/");
        let real: BTreeSet<String> = package.arrows.iter().filter(|arrow| !arrow.dev).map(short).collect();
        let Some(drawn) = drawn.remove(name) else {
            problems.push(format!("{name}: is not drawn; it takes {real:?}"));
            continue;
        };
        problems.extend(real.difference(&drawn).map(|to| format!("{name} → {to}: is not drawn")));
        problems.extend(drawn.difference(&real).map(|to| format!("{name} → {to}: is drawn and not there")));
    }
    problems.extend(drawn.keys().map(|name| format!("{name}: is drawn and not there")));
    report(&format!("{DOCUMENT} draws each dependency between packages, and no other"), &problems);
}

#[test]
fn every_arrow_points_from_the_particular_to_the_general() {
    let rank = |folder: &str| match folder.trim_start_matches("crates/") {
        "core" | "cache/macros" | "resilience/macros" => 0,
        "config" | "telemetry" => 1,
        "resilience" => 2,
        "database" | "redis" => 3,
        "cache" | "events" | "idempotency" | "ratelimit" => 4,
        "http" | "listener" => 5,
        "health" | "openapi" => 6,
        "server" => 7,
        "auth" => 8,
        "testkit" | "benches" => 11,
        name if name.starts_with("apps/") => 10,
        name if name.starts_with("examples/") => 12,
        // The domains: none knows another.
        _ => 9,
    };
    let packages = &Workspace::get().packages;
    let wrong = packages.iter().flat_map(|package| {
        let arrows =
            package.arrows.iter().filter(|arrow| !arrow.dev && rank(&arrow.to) >= rank(&package.folder));
        arrows.map(|arrow| format!("{} → {}", package.folder, arrow.to))
    });
    report(
        "a crate knows only crates below it; no domain knows another, except auth",
        &wrong.collect::<Vec<_>>(),
    );
}

#[test]
fn only_tests_take_the_testkit() {
    let takers = Workspace::get()
        .packages
        .iter()
        .filter(|package| package.arrows.iter().any(|arrow| arrow.to == "crates/testkit" && !arrow.dev));
    report("testkit is a dev-dependency", &takers.map(|package| package.folder.clone()).collect::<Vec<_>>());
}

#[test]
fn the_settings_loader_is_known_to_the_server_and_to_sections_of_domains_alone() {
    let takes = |package: &Package, optional| {
        package
            .arrows
            .iter()
            .any(|arrow| arrow.to == "crates/config" && !arrow.dev && arrow.optional == optional)
    };
    let packages = Workspace::get().packages.iter();
    let takers = packages
        .filter(|package| package.is_library() && package.folder != "crates/server" && takes(package, false));
    report(
        "libraries have Settings and no loader; what a server takes stands behind the feature `domain`",
        &takers.map(|package| package.folder.clone()).collect::<Vec<_>>(),
    );
}
