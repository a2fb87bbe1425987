//! One Rust file, seen as text, as code, and as the code that ships.

use crate::{
    lexer::{blank, is_name, test_items},
    workspace::Workspace,
};

/// A Rust file of the workspace.
pub(crate) struct Source {
    /// Where it is, from the workspace's root, with `/`.
    pub(crate) path: String,
    /// As written.
    pub(crate) text: String,
    /// Without comments and the contents of literals.
    pub(crate) code: String,
    /// The part of `code` that is not a test; empty for a file of tests.
    pub(crate) production: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = blank(text);
        let production = if is_test(path) { String::new() } else { cut_tests(&code) };
        Self { path: path.to_owned(), text: text.to_owned(), code, production }
    }

    /// Each Rust file of the workspace.
    pub(crate) fn all() -> Vec<Self> {
        let workspace = Workspace::get();
        let mut sources: Vec<Self> =
            workspace.files(&["rs"]).iter().map(|path| Self::new(path, &workspace.read(path))).collect();
        let tests: Vec<String> = sources.iter().flat_map(test_modules).collect();
        for source in &mut sources {
            let stem = source.path.trim_end_matches(".rs");
            if tests.iter().any(|module| stem == module || stem.starts_with(&format!("{module}/"))) {
                source.production.clear();
            }
        }
        sources
    }

    /// The folder of its package, such as `crates/core`.
    pub(crate) fn package(&self) -> &str {
        let depth = if self.path.starts_with("benches/") { 1 } else { 2 };
        let end = self.path.match_indices('/').nth(depth - 1).map_or(self.path.len(), |(at, _)| at);
        &self.path[..end]
    }

    /// The part of `code` that is a test: the whole of a file of tests.
    pub(crate) fn tests(&self) -> String {
        let mut tests = self.code.as_bytes().to_vec();
        for (byte, shipped) in tests.iter_mut().zip(self.production.bytes()) {
            if !shipped.is_ascii_whitespace() {
                *byte = b' ';
            }
        }
        String::from_utf8(tests).expect("whole characters were blanked")
    }

    /// How many lines are not tests, comments included.
    pub(crate) fn shipped_lines(&self) -> usize {
        let in_tests: usize =
            test_items(&self.code).into_iter().map(|item| self.code[item].lines().count()).sum();
        if self.production.is_empty() { 0 } else { self.text.lines().count() - in_tests }
    }
}

/// Whether the whole file tests: the tests of a package, and the suites it offers to those who write a backend.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.contains("/src/conformance.rs") || path.contains("/src/conformance/")
}

/// The modules this file declares as `#[cfg(test)] mod name;`: the paths of their files without `.rs`.
fn test_modules(source: &Source) -> impl Iterator<Item = String> {
    let folder = module_folder(&source.path);
    test_items(&source.code).into_iter().filter_map(move |item| {
        let name = source.code[item].strip_suffix(';')?.rsplit_once("mod ")?.1;
        Some(format!("{folder}/{name}"))
    })
}

/// Where the submodules of a file stand.
fn module_folder(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if matches!(name, "lib.rs" | "main.rs") { folder } else { path.trim_end_matches(".rs") }
}

fn cut_tests(code: &str) -> String {
    let mut kept = code.as_bytes().to_vec();
    for item in test_items(code) {
        for byte in &mut kept[item] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(kept).expect("whole characters were blanked")
}

/// The lines (from 1) on which `needle` stands in `code` as whole names: `env::var` is not in `env::vars`.
pub(crate) fn lines_of(code: &str, needle: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let edge =
        |inside: u8, outside: Option<&u8>| !(is_name(inside) && outside.is_some_and(|byte| is_name(*byte)));
    let (first, last) = (needle.as_bytes()[0], needle.as_bytes()[needle.len() - 1]);
    code.match_indices(needle)
        .filter(|(at, _)| edge(first, at.checked_sub(1).and_then(|before| bytes.get(before))))
        .filter(|(at, _)| edge(last, bytes.get(at + needle.len())))
        .map(|(at, _)| 1 + code[..at].matches('\n').count())
        .collect()
}

#[test]
fn whole_names_are_found_with_their_line() {
    assert_eq!(lines_of("x\nenv::var(a); env::vars()\nenv::var(b)", "env::var"), [2, 3]);
    assert_eq!(lines_of("my_println!()\nprintln!()", "println!"), [2]);
}

#[test]
fn what_ships_and_what_tests_part_without_rest() {
    let source = Source::new("crates/x/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\n");
    assert!(source.production.contains("fn a") && !source.production.contains("fn b"));
    assert!(source.tests().contains("fn b") && !source.tests().contains("fn a"));
    assert_eq!(source.shipped_lines(), 1);
    assert_eq!(source.package(), "crates/x");
}
