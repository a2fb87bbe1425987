//! The signing secret of a machine that was given none.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use palisade_core::{Random, Secret};

/// Why the secret could be neither read nor made.
#[derive(Debug, thiserror::Error)]
#[error("the signing secret cannot be kept at {}: {source}", path.display())]
pub(crate) struct SecretError {
    path: PathBuf,
    source: io::Error,
}

/// Reads the secret kept in `data_dir`, or makes one of 32 random bytes and keeps it there, readable by this
/// user alone. Tokens so survive a restart of a development machine without anything being configured.
///
/// # Errors
/// When the file can be neither read nor made.
pub(crate) fn read_or_make(data_dir: &Path, random: &dyn Random) -> Result<Secret, SecretError> {
    let path = data_dir.join("jwt_secret");
    let failed = |source| SecretError { path: path.clone(), source };
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= 32 => Ok(Secret::new(text.trim())),
        Ok(_) => {
            Err(failed(io::Error::other("the file is too short to be a secret; delete it to get a new one")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(data_dir).map_err(failed)?;
            make(&path, random).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Two processes that start at once must end with one secret: each writes its own file, the first to link it
/// into place wins, and both read what is there.
fn make(path: &Path, random: &dyn Random) -> io::Result<Secret> {
    let text: String = random.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let draft = path.with_extension(format!("{}.draft", text.get(..16).unwrap_or_default()));
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?.write_all(text.as_bytes())?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(Secret::new(fs::read_to_string(path)?.trim())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use palisade_core::SystemRandom;

    use super::*;

    #[test]
    fn is_made_once_and_kept_for_this_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = read_or_make(&folder.path().join("data"), &SystemRandom).unwrap();
        let second = read_or_make(&folder.path().join("data"), &SystemRandom).unwrap();
        assert_eq!(first.expose(), second.expose());
        assert_eq!(first.expose().len(), 64);
        let mode = fs::metadata(folder.path().join("data/jwt_secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn two_starts_at_once_share_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let start = || read_or_make(folder.path(), &SystemRandom).unwrap().expose().to_owned();
        let secrets: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| secret == &secrets[0]));
    }

    #[test]
    fn a_damaged_file_is_reported_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("jwt_secret"), "short").unwrap();
        let error = read_or_make(folder.path(), &SystemRandom).unwrap_err().to_string();
        assert!(error.contains("jwt_secret") && !error.contains("short\n"), "{error}");
    }
}
