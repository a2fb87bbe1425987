//! No circle of modules.

use std::collections::{BTreeMap, BTreeSet};

use crate::{rule::report, source::Source, workspace::Workspace};

/// The path of a module within its crate; empty for the root.
type Module = Vec<String>;

/// A path that a module names, and whether it re-exports what stands there.
struct Use {
    path: Vec<String>,
    public: bool,
}

/// The modules of one crate, with what each names of others.
#[derive(Default)]
struct Modules {
    uses: BTreeMap<Module, Vec<Use>>,
    /// Where a re-exported name stands, by the module and the name under which it is found.
    exports: BTreeMap<(Module, String), Module>,
}

impl Modules {
    /// The modules of files, by their paths within `src/`.
    fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let uses = files.into_iter().map(|(path, code)| (module(path), uses(code))).collect();
        let mut modules = Self { uses, exports: BTreeMap::new() };
        // A re-export may name another one.
        for _ in 0..4 {
            modules.exports = modules.find_exports();
        }
        modules
    }

    fn find_exports(&self) -> BTreeMap<(Module, String), Module> {
        let public = self.uses.iter().flat_map(|(module, uses)| {
            uses.iter().filter(|one| one.public).map(move |one| (module, &one.path))
        });
        let exports = public.filter_map(|(module, path)| {
            let target = self.resolve(path, module).filter(|target| target != module)?;
            Some(((module.clone(), path.last()?.clone()), target))
        });
        exports.collect()
    }

    /// The module in which the last name of a path stands; none outside of the crate.
    fn resolve(&self, path: &[String], from: &[String]) -> Option<Module> {
        let (mut module, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), path.get(1..)?),
            "self" => (from.to_vec(), path.get(1..)?),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                (from[..from.len().saturating_sub(ups)].to_vec(), path.get(ups..)?)
            }
            first if self.uses.contains_key(&below(from, first)) => (from.to_vec(), path),
            _ => return None,
        };
        while let Some(name) = rest.first().filter(|name| self.uses.contains_key(&below(&module, name))) {
            module.push(name.clone());
            rest = &rest[1..];
        }
        let exported = rest.first().and_then(|name| self.exports.get(&(module.clone(), name.clone())));
        Some(exported.cloned().unwrap_or(module))
    }

    /// The modules that each module uses, its own submodules and the root left out: a parent is made of its children.
    fn edges(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let edges = self.uses.iter().map(|(module, uses)| {
            let used = uses.iter().filter_map(|one| self.resolve(&one.path, module));
            (module, used.filter(|used| !used.is_empty() && !used.starts_with(module)).collect())
        });
        edges.collect()
    }

    /// The groups of modules of which each reaches each other.
    fn circles(&self) -> BTreeSet<BTreeSet<Module>> {
        let edges = self.edges();
        let reach: BTreeMap<&Module, BTreeSet<&Module>> =
            edges.keys().map(|module| (*module, reached(module, &edges))).collect();
        let circles =
            reach.iter().filter(|(module, reached)| reached.contains(*module)).map(|(module, reached)| {
                reached
                    .iter()
                    .filter(|other| reach[**other].contains(module))
                    .map(|other| (*other).clone())
                    .collect()
            });
        circles.collect()
    }
}

/// The modules that `from` uses, directly or by way of others.
fn reached<'a>(from: &Module, edges: &'a BTreeMap<&Module, BTreeSet<Module>>) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = edges[from].iter().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(edges.get(module).into_iter().flatten());
        }
    }
    reached
}

/// `["mask", "scan"]` for `mask/scan.rs`.
fn module(path: &str) -> Module {
    match path.trim_end_matches(".rs") {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

fn below(module: &[String], name: &str) -> Module {
    [module, &[name.to_owned()]].concat()
}

/// What code names of its crate: by `use`, and by paths that begin with `crate::`.
fn uses(code: &str) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        if let Some((visibility, _)) = line.split_once("use ").filter(|(before, _)| is_visibility(before)) {
            let tree = &code[start + visibility.len() + "use ".len()..];
            let tree = tree.split(';').next().unwrap_or_default();
            let public = !visibility.trim().is_empty();
            uses.extend(expand(&[], tree).into_iter().map(|path| Use { path, public }));
        }
        start += line.len();
    }
    let words = code.split(|char: char| !char.is_alphanumeric() && char != '_' && char != ':');
    let paths = words.filter(|word| word.starts_with("crate::"));
    uses.extend(paths.map(|path| Use { path: names(path), public: false }));
    uses
}

/// Whether this is all that stands before `use`: nothing, `pub`, `pub(crate)` or the like.
fn is_visibility(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before == "pub" || before.starts_with("pub(") && before.ends_with(')')
}

/// The paths of a tree such as `super::{a, b::{C, D as E}}`.
fn expand(prefix: &[String], tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((path, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![[prefix, &names(path)].concat()];
    };
    let prefix = [prefix, &names(path)].concat();
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    branches(inside).into_iter().flat_map(|branch| expand(&prefix, branch)).collect()
}

/// The parts between the commas outside of braces.
fn branches(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = list.split(|char| {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        char == ',' && depth == 0
    });
    parts.filter(|part| !part.trim().is_empty()).collect()
}

fn names(path: &str) -> Vec<String> {
    path.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let sources = Source::all();
    let mut problems = Vec::new();
    for package in &Workspace::get().packages {
        let folder = format!("{}/src/", package.folder);
        let files = sources
            .iter()
            .filter_map(|source| Some((source.path.strip_prefix(&folder)?, source.production.as_str())));
        for circle in Modules::new(files).circles() {
            let names: Vec<String> =
                circle.iter().map(|module| format!("{folder}{}.rs", module.join("/"))).collect();
            problems.push(names.join(", "));
        }
    }
    report("no circle of modules: what two need stands in a third, or they are one", &problems);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let circles = Modules::new(files.iter().copied()).circles();
        circles.iter().map(|circle| circle.iter().map(|module| module.join("::")).collect()).collect()
    }

    #[test]
    fn a_circle_is_found_however_it_is_written() {
        for (one, other) in [
            ("use crate::b::B;", "use crate::a::A;"),
            ("use crate::{\n    c::C,\n    b::{B, D as E},\n};", "use super::a;"),
            ("fn f() { crate::b::g() }", "pub(crate) use crate::a::A;"),
            ("use crate::B;", "use crate::A;"),
        ] {
            let root = "mod a;\nmod b;\nmod c;\npub use a::A;\npub use self::b::{B, X};";
            let files = [("lib.rs", root), ("a.rs", one), ("b.rs", other), ("c.rs", "")];
            assert_eq!(circles(&files), [["a", "b"]], "{one} {other}");
        }
    }

    #[test]
    fn a_circle_through_others_and_submodules_is_found() {
        let files = [
            ("lib.rs", ""),
            ("a.rs", "mod x;\nuse x::X;"),
            ("a/x.rs", "use super::y::Y;"),
            ("a/y.rs", "use crate::b;"),
            ("b.rs", "use crate::a::A;"),
        ];
        assert!(circles(&files).is_empty(), "a parent is made of its children");
        let files = [
            ("a.rs", "mod x;\nuse crate::b::B;"),
            ("a/x.rs", "use super::A;"),
            ("b.rs", "use crate::a::x::X;"),
        ];
        assert_eq!(circles(&files), [["a", "a::x", "b"]]);
    }

    #[test]
    fn what_is_outside_of_the_crate_is_no_module_of_it() {
        let files = [("a.rs", "use b::C;\nuse std::crate_b;"), ("b.rs", "use crate::a::A;")];
        assert!(circles(&files).is_empty());
    }
}
