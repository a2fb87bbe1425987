//! The workspace: its packages as cargo sees them, its files as they lie on the disk.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;

/// Folders that hold nothing of ours: built files, data of a local run, version control.
const FOREIGN: &[&str] = &["target", "data", ".git", "node_modules", "peers"];

/// The workspace this test belongs to.
pub(crate) struct Workspace {
    root: PathBuf,
    /// Its packages.
    pub(crate) packages: Vec<Package>,
}

/// One package.
pub(crate) struct Package {
    /// Where it is from the root: `crates/core`.
    pub(crate) folder: String,
    /// What it takes from this workspace.
    pub(crate) arrows: Vec<Arrow>,
}

/// A dependency on another package of the workspace, except of tests on the package itself.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    /// The folder it leads to: `crates/core`.
    pub(crate) to: String,
    /// Whether tests alone take it.
    pub(crate) dev: bool,
    /// Whether it stands behind a feature.
    pub(crate) optional: bool,
}

impl Workspace {
    /// The workspace, read once.
    pub(crate) fn get() -> &'static Self {
        static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
        WORKSPACE.get_or_init(Self::read_once)
    }

    fn read_once() -> Self {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/testkit is two deep");
        let output = cargo(root, &["metadata", "--format-version", "1", "--no-deps"]);
        let metadata: Value = serde_json::from_str(&output).expect("cargo metadata speaks JSON");
        let packages = metadata["packages"].as_array().expect("a list of packages");
        let packages = packages.iter().map(|package| Package::new(root, package)).collect();
        Self { root: root.to_owned(), packages }
    }

    /// The text of a file of ours.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether there is such a file or folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// What `cargo` prints when run with these arguments at the root, without going to the network.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> String {
        cargo(&self.root, arguments)
    }

    /// Each file of ours that ends in one of these, sorted, from the root.
    pub(crate) fn files(&self, extensions: &[&str]) -> Vec<String> {
        let mut files = Vec::new();
        self.walk(&self.root, &mut files);
        files.retain(|file| extensions.iter().any(|extension| file.ends_with(&format!(".{extension}"))));
        files.sort();
        files
    }

    fn walk(&self, folder: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a readable folder").map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if entry.is_dir() && !FOREIGN.contains(&name.as_ref()) {
                self.walk(&entry, files);
            } else if entry.is_file() {
                files.push(relative(&self.root, &entry));
            }
        }
    }
}

impl Package {
    fn new(root: &Path, package: &Value) -> Self {
        let manifest = Path::new(text(package, "manifest_path"));
        let folder = relative(root, manifest.parent().expect("a manifest stands in a folder"));
        let dependencies = package["dependencies"].as_array().expect("a list of dependencies");
        let mut arrows: Vec<Arrow> = dependencies
            .iter()
            .filter(|dependency| dependency["path"].is_string())
            .map(|dependency| Arrow {
                to: relative(root, Path::new(text(dependency, "path"))),
                dev: dependency["kind"] == "dev",
                optional: dependency["optional"] == true,
            })
            .filter(|arrow| arrow.to != folder)
            .collect();
        arrows.sort();
        Self { folder, arrows }
    }

    /// Whether it is a library for others, and neither a program nor part of the tests.
    pub(crate) fn is_library(&self) -> bool {
        self.folder.starts_with("crates/") && self.folder != "crates/testkit"
    }

    /// The text of its manifest.
    pub(crate) fn manifest(&self) -> String {
        Workspace::get().read(&format!("{}/Cargo.toml", self.folder))
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).arg("--offline").current_dir(root).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo speaks UTF-8")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is text"))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("within the workspace").to_string_lossy().replace('\\', "/")
}
