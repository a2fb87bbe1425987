//! The secrets that Palisade issues are known to what masks.

use palisade_core::prefix;

use crate::{rule::report, source::Source};

/// Where prefixes stand that are not of our secrets, and what they are.
const FOREIGN: &[(&str, &str)] = &[
    ("crates/core/src/prefix.rs", "this is the list"),
    ("crates/telemetry/src/mask/", "the keys of others"),
];

/// A literal that has the form of a prefix: two to eight small letters, and a mark that keys are written with.
fn prefixes(source: &Source) -> Vec<String> {
    let shipped = source.text.lines().zip(source.production.lines());
    let literals = shipped.filter(|(_, code)| !code.trim().is_empty()).flat_map(|(text, code)| {
        let quotes: Vec<usize> = code.match_indices('"').map(|(at, _)| at).collect();
        let pairs: Vec<String> = quotes
            .chunks_exact(2)
            .filter_map(|pair| text.get(pair[0] + 1..pair[1]).map(str::to_owned))
            .collect();
        pairs
    });
    let is_prefix = |literal: &String| {
        // In a format string, what is filled in follows.
        let text = literal.split_once('{').map_or(literal.as_str(), |(before, _)| before);
        let name = text.strip_suffix('_').unwrap_or_default();
        (2..=8).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    literals.filter(is_prefix).collect()
}

#[test]
fn every_prefix_of_a_secret_stands_in_the_list_that_masking_reads() {
    let problems: Vec<String> = Source::all()
        .iter()
        .filter(|source| !source.path.starts_with("benches/") && source.package() != "crates/testkit")
        .filter(|source| !FOREIGN.iter().any(|(place, _)| source.path.starts_with(place)))
        .flat_map(|source| {
            let unknown = prefixes(source).into_iter().filter(|found| !prefix::ALL.contains(&found.as_str()));
            unknown.map(|found| format!("{}: {found:?}", source.path)).collect::<Vec<_>>()
        })
        .collect();
    report("a prefix of a secret of ours is named by palisade_core::prefix, which masking reads", &problems);
}

#[test]
fn no_other_file_writes_one_of_our_prefixes_by_hand() {
    let problems: Vec<String> = Source::all()
        .iter()
        .filter(|source| {
            source.path != "crates/core/src/prefix.rs"
                && source.path != "crates/telemetry/src/mask/forms/table.rs"
        })
        .flat_map(|source| {
            let by_hand = prefixes(source).into_iter().filter(|found| prefix::ALL.contains(&found.as_str()));
            by_hand.map(|found| format!("{}: {found:?}", source.path)).collect::<Vec<_>>()
        })
        .collect();
    report("a prefix of our own is written once, in palisade_core::prefix", &problems);
}

#[test]
fn prefixes_are_told_from_other_literals() {
    let source = Source::new(
        "crates/x/src/a.rs",
        "fn f() { g(\"prt_\", \"not a prefix_\", \"ABC_\", \"x\"); format!(\"new_{}\", 1); }\n#[cfg(test)]\nmod tests { fn t() { g(\"zzz_\") } }\n",
    );
    assert_eq!(prefixes(&source), ["prt_", "new_{}"]);
}
