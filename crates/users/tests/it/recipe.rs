//! The recipe in the header of `lib.rs`, held against this crate: what it tells others to copy must be so here.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use palisade_users::{MIGRATIONS, REASONS};

const DIALECTS: [&str; 3] = ["mysql", "postgres", "sqlite"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The part of the header of `lib.rs` under "How to add a domain".
fn recipe() -> String {
    let lib = read("src/lib.rs");
    let header = lib.lines().map_while(|line| line.strip_prefix("//!")).collect::<Vec<_>>().join("\n");
    header.split_once("# How to add a domain").expect("the header has the recipe").1.to_owned()
}

/// What stands between backquotes in the recipe.
fn quoted() -> Vec<String> {
    recipe().split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_steps_are_numbered_in_order() {
    let recipe = recipe();
    let numbers: Vec<usize> =
        recipe.lines().filter_map(|line| line.trim().split_once(". **")?.0.parse().ok()).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(numbers.len() > 10, "the steps are read at all");
}

#[test]
fn every_file_the_recipe_names_exists() {
    let is_ours =
        |path: &&String| ["src/", "tests/", "migrations/"].iter().any(|folder| path.starts_with(folder));
    let quoted = quoted();
    let named: Vec<&String> = quoted.iter().filter(is_ours).collect();
    assert!(named.len() >= 15, "the names are read at all: {named:?}");
    for path in named {
        assert!(root().join(path).exists(), "the recipe names {path}");
    }
}

#[test]
fn every_part_of_the_crate_has_its_step() {
    let quoted = quoted();
    for file in names_in("src").into_iter().filter(|name| name.ends_with(".rs") && name != "lib.rs") {
        assert!(quoted.contains(&format!("src/{file}")), "no step speaks of src/{file}");
        let folder = file.trim_end_matches(".rs");
        let step =
            recipe().split("**").skip(2).step_by(2).find(|step| step.contains(&file)).map(str::to_owned);
        if root().join("src").join(folder).is_dir() && folder != "store" {
            assert!(step.unwrap().contains("its folder"), "the step of src/{file} leaves out its folder");
        }
    }
    for dialect in DIALECTS {
        assert!(quoted.contains(&format!("migrations/{dialect}/")));
    }
}

#[test]
fn every_migration_is_written_in_three_dialects_and_listed() {
    let listed: BTreeSet<String> =
        MIGRATIONS.files.iter().map(|file| format!("{}_{}.sql", file.version, file.name)).collect();
    assert_eq!(MIGRATIONS.domain, "users");
    assert_eq!(names_in("migrations"), DIALECTS.map(str::to_owned).into());
    for dialect in DIALECTS {
        assert_eq!(names_in(&format!("migrations/{dialect}")), listed, "{dialect}");
    }
    assert!(listed.iter().all(|name| name.find('_') == Some(14)), "a version is YYYYMMDDhhmmss: {listed:?}");
    assert!(MIGRATIONS.files.is_sorted_by_key(|file| file.version));
}

#[test]
fn every_unique_constraint_is_named_after_its_table_and_column_and_has_its_fact() {
    let store = read("src/store/sql.rs");
    for dialect in DIALECTS {
        let mut seen = 0;
        for sql in names_in(&format!("migrations/{dialect}")) {
            let sql = read(&format!("migrations/{dialect}/{sql}"));
            for line in sql.lines().map(str::trim).filter(|line| line.contains(" UNIQUE (")) {
                let column = line.split(['(', ')']).nth(1).unwrap().replace(", ", "_");
                let name = format!("users_{column}_key");
                assert!(line.starts_with(&format!("CONSTRAINT {name} UNIQUE")), "{dialect}: {line}");
                assert!(store.contains(&format!("violates(\"{name}\")")), "no fact belongs to {name}");
                seen += 1;
            }
        }
        assert_eq!(seen, 2, "{dialect}");
    }
}

#[test]
fn the_errors_are_few_and_their_reasons_begin_with_the_domain() {
    let error = read("src/error.rs");
    let variants = error.matches("    #[error(").count();
    assert!((1..=8).contains(&variants), "{variants} facts");
    assert!(REASONS.iter().all(|reason| reason.name.starts_with("users.")));
    let names: BTreeSet<&str> = REASONS.iter().map(|reason| reason.name).collect();
    assert_eq!(names.len(), REASONS.len(), "each once");
}

#[test]
fn what_has_a_rule_parses_itself() {
    assert!(!read("src/user.rs").contains("Deserialize"));
    let mut parsed = 0;
    for file in names_in("src/user") {
        let text = read(&format!("src/user/{file}"));
        assert!(!text.contains("Deserialize"), "{file}");
        parsed += text.matches("palisade_core::parsed!").count();
    }
    assert_eq!(parsed, 4, "email, username, name and status");
    for path in ["src/input.rs", "src/listing.rs"] {
        let text = read(path);
        let derived =
            text.lines().filter(|line| line.starts_with("#[derive(") && line.contains("Deserialize"));
        assert!(
            derived.clone().count() > 0 && derived.clone().all(|line| line.contains("Validate")),
            "{path}"
        );
    }
}

#[test]
fn the_suite_runs_every_claim_on_every_store() {
    let suite = read("src/conformance.rs");
    for file in names_in("src/conformance") {
        let claims = read(&format!("src/conformance/{file}"));
        let names = claims.split("pub(super) async fn ").skip(1).map(|rest| rest.split('(').next().unwrap());
        let claims: Vec<&str> = names.filter(|name| *name != "all").collect();
        assert!(!claims.is_empty(), "{file}");
        for claim in claims {
            assert!(suite.contains(&format!("suite.{claim}().await")), "{claim} is never run");
        }
    }
    let stores = read("tests/it/stores.rs");
    for store in names_in("src/store").iter().filter_map(|file| file.strip_suffix(".rs")) {
        assert!(stores.to_lowercase().contains(&format!("{store}userstore")), "{store} is never tested");
    }
}

#[test]
fn every_route_says_who_may_use_it() {
    let mut routes = 0;
    for file in names_in("src/routes").into_iter().filter(|name| name.ends_with(".rs")) {
        let text = read(&format!("src/routes/{file}"));
        let (paths, securities) =
            (text.matches("#[utoipa::path(").count(), text.matches("security(").count());
        assert_eq!(paths, securities, "{file}");
        routes += paths;
    }
    assert!(routes >= 8, "the routes are read at all: {routes}");
    let mounted = read("src/routes.rs").matches(".service(").count();
    assert_eq!(mounted, routes, "each route is mounted");
}
