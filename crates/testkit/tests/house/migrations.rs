//! A schema changes in three dialects at once.

use std::collections::BTreeMap;

use crate::{lexer::item_end, rule::report, source::Source, workspace::Workspace};

const DIALECTS: [&str; 3] = ["mysql", "postgres", "sqlite"];

/// For each crate with migrations: the names of its files, and the dialects each is written in.
fn files() -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let mut crates: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for path in Workspace::get().files(&["sql"]) {
        let packages = &Workspace::get().packages;
        let parts = path
            .split_once("/migrations/")
            .filter(|(folder, _)| packages.iter().any(|package| package.folder == *folder));
        if let Some((folder, rest)) = parts {
            let (dialect, name) = rest.split_once('/').unwrap_or_default();
            let names = crates.entry(folder.to_owned()).or_default();
            names.entry(name.trim_end_matches(".sql").to_owned()).or_default().push(dialect.to_owned());
        }
    }
    crates
}

/// The migrations that a crate's `migrations!` list names, as the names of their files.
fn listed(folder: &str) -> Vec<String> {
    let sources = Source::all();
    let lists = sources.iter().filter(|source| source.package() == folder).filter_map(|source| {
        let start = source.production.find("migrations!")?;
        Some(&source.text[start..item_end(&source.production, start)])
    });
    lists.flat_map(entries).collect()
}

/// `20261120000100, "create_users"` as `20261120000100_create_users`.
fn entries(call: &str) -> Vec<String> {
    let words: Vec<&str> = call
        .split(|char: char| !char.is_alphanumeric() && char != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words.windows(2).filter(|pair| {
        pair[0].len() >= 14 && pair[0].bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
    });
    pairs.map(|pair| format!("{}_{}", pair[0].replace('_', ""), pair[1])).collect()
}

#[test]
fn each_migration_is_written_in_three_dialects() {
    let mut problems = Vec::new();
    for (folder, names) in files() {
        let partial = names.into_iter().filter(|(_, dialects)| *dialects != DIALECTS);
        problems.extend(partial.map(|(name, dialects)| format!("{folder}: {name} only in {dialects:?}")));
    }
    report("a migration exists for SQLite, PostgreSQL and MySQL", &problems);
}

#[test]
fn each_migration_is_listed_by_its_crate() {
    let mut problems = Vec::new();
    let files = files();
    assert!(!files.is_empty(), "there must be migrations to look at");
    for (folder, names) in files {
        let listed = listed(&folder);
        problems.extend(
            names.keys().filter(|name| !listed.contains(name)).map(|name| format!("{folder}: {name}")),
        );
    }
    report("migrations! lists each file, or it never runs", &problems);
}

#[test]
fn no_two_migrations_share_a_version() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (folder, names) in files() {
        for name in names.into_keys() {
            let version = name.split('_').next().unwrap_or_default().to_owned();
            versions.entry(version).or_default().push(format!("{folder}: {name}"));
        }
    }
    let odd = versions.iter().filter(|(version, names)| names.len() > 1 || version.len() != 14);
    let odd: Vec<String> = odd.map(|(version, names)| format!("{version}: {names:?}")).collect();
    report("the migrations of all crates are one list, ordered by a timestamp of 14 digits", &odd);
}

#[test]
fn a_list_is_read_as_its_macro_reads_it() {
    let call = "migrations!(\"users\"; 20261120000100, \"create_users\"; 2026_1121_000100, \"add_name\")";
    assert_eq!(entries(call), ["20261120000100_create_users", "20261121000100_add_name"]);
}
