//! What documents name exists.

use std::collections::BTreeSet;

use crate::{rule::report, workspace::Workspace};

/// The folders whose paths a document may name.
const ROOTS: [&str; 8] = ["apps/", "benches/", "crates/", "deploy/", "docs/", "scripts/", ".ci/", ".config/"];

/// Each document: its path, its text outside fenced blocks, and its text as a whole.
fn documents() -> Vec<(String, String, String)> {
    let workspace = Workspace::get();
    let read = |path: String| {
        let text = workspace.read(&path);
        let prose = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
        (path, prose, text)
    };
    workspace.files(&["md"]).into_iter().map(read).collect()
}

/// The parts of `prose` in single backticks.
fn quoted(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2)
}

/// The anchors that a document's headings make, as the usual forges write them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings =
        text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings.map(|heading| heading.to_lowercase().chars().filter_map(anchor_char).collect()).collect()
}

fn anchor_char(char: char) -> Option<char> {
    match char {
        ' ' => Some('-'),
        char if char.is_alphanumeric() || "-_".contains(char) => Some(char),
        _ => None,
    }
}

/// The path that `link` leads to from the document at `path`; `None` for another site.
fn target(path: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let mut folder: Vec<&str> = path.split('/').collect();
    folder.pop();
    for part in link.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            folder.pop();
        } else {
            folder.push(part);
        }
    }
    Some(folder.join("/"))
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let workspace = Workspace::get();
    let mut problems = Vec::new();
    for (path, prose, _) in documents() {
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.is_empty()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let Some(file) = (if file.is_empty() { Some(path.clone()) } else { target(&path, file) }) else {
                continue;
            };
            if !workspace.has(&file) {
                problems.push(format!("{path}: {link}"));
            } else if !anchor.is_empty() && !anchors(&workspace.read(&file)).contains(anchor) {
                problems.push(format!("{path}: {link} (no such heading)"));
            }
        }
    }
    report("each link leads to a file and a heading that exist", &problems);
}

#[test]
fn every_path_that_a_document_names_exists() {
    let workspace = Workspace::get();
    let mut problems = Vec::new();
    for (path, prose, _) in documents() {
        let names = quoted(&prose).filter(|name| ROOTS.iter().any(|root| name.starts_with(root)));
        let plain = names.filter(|name| !name.contains(|char: char| "*{}<>…$ ".contains(char)));
        let lost = plain.filter(|name| !workspace.has(name.trim_end_matches('/')));
        problems.extend(lost.map(|name| format!("{path}: `{name}`")));
    }
    report("each path named in backticks exists", &problems);
}

#[test]
fn every_setting_that_a_document_names_exists() {
    let workspace = Workspace::get();
    let reference = workspace.read("docs/configuration.md");
    // Names of other programs that the documents speak of.
    let foreign = ["RUST_BACKTRACE", "CARGO_TARGET_DIR"];
    let is_setting = |name: &str| {
        name.contains('_')
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let mut problems = Vec::new();
    for (path, prose, _) in documents() {
        let names = quoted(&prose)
            .map(|name| name.split('=').next().unwrap_or_default())
            .filter(|name| is_setting(name));
        let known = |name: &str| {
            reference.contains(name) || foreign.contains(&name) || name.starts_with("PALISADE_TEST_")
        };
        problems.extend(names.filter(|name| !known(name)).map(|name| format!("{path}: `{name}`")));
    }
    report("each setting that a document names stands in docs/configuration.md", &problems);
}

#[test]
fn every_route_that_a_document_names_exists() {
    let routes = Workspace::get().read("docs/routes.md");
    let exists = |method: &str, path: &str| {
        ["", "/api/v1"].iter().any(|prefix| routes.contains(&format!("| {method} | `{prefix}{path}` |")))
    };
    let mut problems = Vec::new();
    for (path, prose, _) in documents() {
        let calls = quoted(&prose).filter_map(|name| name.split_once(' '));
        let calls = calls.filter(|(method, _)| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(method));
        let lost = calls.filter(|(method, route)| !exists(method, route));
        problems.extend(lost.map(|(method, route)| format!("{path}: `{method} {route}`")));
    }
    report("each route that a document names stands in docs/routes.md", &problems);
}

#[test]
fn every_recipe_that_a_document_names_exists() {
    let recipes = Workspace::get().read("justfile");
    let exists = |name: &str| {
        recipes.lines().any(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':') || rest.starts_with(' '))
        })
    };
    let mut problems = Vec::new();
    for (path, prose, _) in documents() {
        let called = quoted(&prose)
            .filter_map(|name| name.strip_prefix("just "))
            .filter_map(|rest| rest.split(' ').next());
        problems.extend(called.filter(|name| !exists(name)).map(|name| format!("{path}: `just {name}`")));
    }
    report("each recipe that a document names stands in the justfile", &problems);
}

#[test]
fn every_document_can_be_reached_from_the_index() {
    let index = Workspace::get().read("docs/README.md");
    let pages =
        documents().into_iter().filter_map(|(path, _, _)| path.strip_prefix("docs/").map(str::to_owned));
    let top = pages.filter(|page| page != "README.md" && !page.contains('/'));
    let lost: Vec<String> = top.filter(|page| !index.contains(&format!("({page})"))).collect();
    report("docs/README.md links each document", &lost);
}

#[test]
fn links_are_followed_from_the_folder_of_their_document() {
    assert_eq!(target("docs/decisions/README.md", "../auth.md").as_deref(), Some("docs/auth.md"));
    assert_eq!(target("README.md", "docs/").as_deref(), Some("docs"));
    assert_eq!(target("README.md", "https://example.com"), None);
    assert!(anchors("# A b\n## `c`: d-e!\n").contains("c-d-e"));
}
