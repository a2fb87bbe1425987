//! Where the servers' programs are.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Folders that hold servers but are often not on an ordinary user's `PATH`.
const SYSTEM_FOLDERS: &[&str] = &["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin"];

/// The first of `names` on `PATH` or in a system folder.
///
/// # Errors
/// When there is none, with the package that brings it.
pub(super) fn find(names: &[&str], package: &str) -> Result<PathBuf> {
    find_in(&search_path(), names).with_context(|| missing(names, package))
}

/// A program of PostgreSQL, the newest version that is installed: Debian keeps each version in a folder of its own.
///
/// # Errors
/// When there is none, with the package that brings it.
pub(super) fn find_postgres(name: &str) -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    let mut folders: Vec<PathBuf> = versions.into_iter().map(|(_, folder)| folder).collect();
    folders.extend(search_path());
    find_in(&folders, &[name]).with_context(|| missing(&[name], "postgresql"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "PATH is how programs are found, and this is no library of the product"
)]
fn search_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(SYSTEM_FOLDERS.iter().map(PathBuf::from)).collect()
}

fn find_in(folders: &[PathBuf], names: &[&str]) -> Option<PathBuf> {
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

fn missing(names: &[&str], package: &str) -> String {
    format!("no {} on this machine: apt-get install {package} (scripts/test does it)", names.join(" or "))
}
