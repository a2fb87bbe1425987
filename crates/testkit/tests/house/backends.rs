//! A trait with several backends is proved by one public suite.

use std::collections::{BTreeMap, BTreeSet};

use crate::{rule::report, source::Source};

/// Traits with several implementations that are no backends of one another.
const NOT_BACKENDS: &[(&str, &str)] = &[("Check", "each check asks something else")];

/// Implementations that promise less than the trait's suite asks, by trait, with what they promise instead.
const WRAPPERS: &[(&str, &str, &str)] = &[
    (
        "RateLimiter",
        "LeasedRateLimiter",
        "takes slices of a window: never above the limit, which tests of its own hold; a slice may be lost",
    ),
    (
        "Cache",
        "Plain",
        "made of get, set and delete: what it promises across processes is less, as its documentation says",
    ),
];

/// The crate, the trait, and the types that implement it in shipped code.
type Backends = BTreeMap<(String, String), BTreeSet<String>>;

fn backends(sources: &[Source]) -> Backends {
    let mut found = Backends::new();
    let traits: Vec<(&str, &str)> = sources.iter().flat_map(async_traits).collect();
    for source in sources.iter().filter(|source| source.path.starts_with("crates/")) {
        for (name, implementor) in implementations(&source.production) {
            if let Some((package, _)) = traits.iter().find(|(_, declared)| *declared == name) {
                found.entry(((*package).to_owned(), name)).or_default().insert(implementor);
            }
        }
    }
    found.retain(|_, implementors| implementors.len() > 1);
    found
}

/// What the methods of a trait return that may have to wait for I/O, beside what an `async fn` does.
const ANSWERS: &[&str] = &["-> CacheFuture<", "-> Checking<"];

/// The public traits of a file that do I/O: those with an `async fn`, or with an answer that may be there at once.
fn async_traits(source: &Source) -> Vec<(&str, &str)> {
    let mut names = Vec::new();
    for (start, _) in source.production.match_indices("pub trait ") {
        let declaration = &source.production[start + "pub trait ".len()..];
        let body = &declaration[..declaration.find("\n}").unwrap_or(declaration.len())];
        let name = body.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
        if body.contains("async fn") || ANSWERS.iter().any(|answer| body.contains(answer)) {
            names.push((source.package(), name));
        }
    }
    names
}

/// Each `impl Trait for Type` as the two names without paths and parameters.
fn implementations(code: &str) -> Vec<(String, String)> {
    let lines = code.lines().map(str::trim).filter(|line| line.starts_with("impl"));
    let halves = lines.filter_map(|line| line.split_once(" for "));
    halves.map(|(before, after)| (last_name(before), first_name(after))).collect()
}

fn last_name(text: &str) -> String {
    let text = text.split_once(" where").map_or(text, |(before, _)| before).trim_end_matches('>');
    text.rsplit(|char: char| !char.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

fn first_name(text: &str) -> String {
    let path = text.split(['<', ' ', '{']).next().unwrap_or_default();
    path.rsplit("::").next().unwrap_or_default().to_owned()
}

#[test]
fn each_backend_passes_its_crates_public_suite() {
    let sources = Source::all();
    let mut problems = Vec::new();
    let listed = |name: &str| NOT_BACKENDS.iter().any(|(listed, _)| *listed == name);
    for ((package, name), implementors) in backends(&sources).iter().filter(|((_, name), _)| !listed(name)) {
        let suite = format!("{package}/src/conformance.rs");
        if !sources.iter().any(|source| source.path == suite && source.code.contains(name)) {
            problems.push(format!("{name} ({implementors:?}): {suite} does not speak of it"));
        }
        let tested = |kind: &str| {
            sources
                .iter()
                .map(Source::tests)
                .any(|tests| tests.contains("conformance") && tests.contains(kind))
        };
        let wraps =
            |kind: &str| WRAPPERS.iter().any(|wrapper| (wrapper.0, wrapper.1) == (name.as_str(), kind));
        let untested = implementors.iter().filter(|kind| !wraps(kind) && !tested(kind));
        problems.extend(untested.map(|kind| format!("{kind}: no test runs the suite of {name} on it")));
    }
    report("each backend of a trait is proved by the suite in its crate's conformance.rs", &problems);
}

#[test]
fn the_stores_are_seen_as_backends() {
    let seen: Vec<String> = backends(&Source::all()).into_keys().map(|(_, name)| name).collect();
    for name in ["Cache", "IdempotencyStore", "RateLimiter", "SessionStore", "UserStore"] {
        assert!(seen.iter().any(|seen| seen == name), "{name} is not among {seen:?}");
    }
}
