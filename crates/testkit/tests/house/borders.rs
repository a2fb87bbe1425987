//! Where a framework or a driver may be named.

use crate::{rule::report, source::Source, workspace::Workspace};

/// Names that begin so belong to actix.
const ACTIX: &[&str] = &["actix_", "utoipa_actix_web", "utoipa_swagger_ui"];
/// SQL: the driver and the builder of statements.
const SQL: &[&str] = &["sqlx", "sea_query"];
/// The clients of Redis.
const REDIS: &[&str] = &["redis::", "deadpool_redis"];

/// Each place where shipped code names one of `prefixes` outside the files that `may` lets.
fn strangers(prefixes: &[&str], may: impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for source in Source::all().iter().filter(|source| !may(&source.path)) {
        for (number, line) in source.production.lines().enumerate() {
            let words = line.split(|char: char| !char.is_alphanumeric() && !"_:".contains(char));
            if let Some(word) =
                words.into_iter().find(|word| prefixes.iter().any(|prefix| word.starts_with(prefix)))
            {
                problems.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    problems
}

/// Whether the path within its crate is `src/name.rs` or lies in `src/name/`.
fn is_module(path: &str, name: &str) -> bool {
    path.contains(&format!("/src/{name}.rs")) || path.contains(&format!("/src/{name}/"))
}

#[test]
fn actix_is_named_at_the_edge_only() {
    let edge = |path: &str| {
        ["crates/http/", "crates/listener/", "crates/openapi/", "crates/server/", "apps/", "benches/", "examples/"].iter().any(|folder| path.starts_with(folder))
            || is_module(path, "routes")
            || is_module(path, "http")
            // TestApp runs the server in a thread of its own.
            || path.starts_with("crates/testkit/src/app/")
    };
    let rule = "actix stands in crates/http, crates/listener, crates/openapi and crates/server, in a crate's routes or http module, and in programs";
    report(rule, &strangers(ACTIX, edge));
}

#[test]
fn sql_is_named_in_the_database_crate_and_in_sql_stores_only() {
    let stores = |path: &str| {
        path.starts_with("crates/database/")
            || is_module(path, "store/sql")
            // Makes and copies whole databases for tests.
            || path.starts_with("crates/testkit/src/databases/")
    };
    report("SQL stands in crates/database and in store/sql.rs or its folder", &strangers(SQL, stores));
}

#[test]
fn redis_is_named_in_files_called_redis_only() {
    // The testkit starts servers and speaks to none of them.
    let files = |path: &str| {
        path.ends_with("/redis.rs") || path.contains("/redis/") || path.starts_with("crates/testkit/")
    };
    report("a client of Redis stands in a file named redis.rs or in its folder", &strangers(REDIS, files));
}

#[test]
fn without_its_features_a_crate_needs_no_framework_and_no_driver() {
    let mut problems = Vec::new();
    // The crates whose subject is the framework or a driver.
    let own = |package: &str| {
        matches!(
            package,
            "crates/http"
                | "crates/listener"
                | "crates/openapi"
                | "crates/database"
                | "crates/redis"
                | "crates/server"
        )
    };
    for package in
        Workspace::get().packages.iter().filter(|package| package.is_library() && !own(&package.folder))
    {
        let name = package.folder.replace("crates/", "palisade-").replace('/', "-");
        let tree =
            ["tree", "--package", &name, "--edges", "normal", "--no-default-features", "--prefix", "none"];
        for line in Workspace::get().cargo(&tree).lines() {
            if ["actix-", "sqlx", "sea-query", "redis ", "deadpool"]
                .iter()
                .any(|heavy| line.starts_with(heavy))
            {
                problems.push(format!("{name}: {line}"));
            }
        }
    }
    report("a trait and its memory backend need neither actix nor SQL nor Redis", &problems);
}
