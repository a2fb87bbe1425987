//! SQLite addresses: a file or memory.

use std::path::{Path, PathBuf};

use super::{Target, UrlError};

/// Reads what follows `sqlite:`, with a line for each option that has no effect. `like_sqlalchemy`: the first slash of
/// the path is only a separator.
pub(super) fn parse(rest: &str, like_sqlalchemy: bool) -> Result<(Target, Vec<String>), UrlError> {
    let (path, options) = match rest.split_once('?') {
        Some((path, options)) => (path, options),
        None => (rest, ""),
    };
    let (mut create, mut in_memory, mut notes) = (true, false, Vec::new());
    for (key, value) in url::form_urlencoded::parse(options.as_bytes()) {
        match (key.as_ref(), value.as_ref()) {
            ("mode", "memory") => in_memory = true,
            ("mode", "rwc") => create = true,
            ("mode", "rw") => create = false,
            ("mode", _) => return Err(UrlError::WrongOption("mode".to_owned())),
            ("timeout" | "busy_timeout", _) => {
                notes.push(format!("`{key}` has no effect: set DATABASE_STATEMENT_TIMEOUT_MS"));
            }
            ("connection_limit", _) => notes.push(format!("`{key}` has no effect: set DATABASE_POOL_SIZE")),
            ("cache" | "check_same_thread" | "journal_mode", _) => {
                notes.push(format!("`{key}` has no effect: the driver does not need it"));
            }
            _ => return Err(UrlError::UnknownOption(key.into_owned())),
        }
    }
    let path = path.strip_prefix("//").unwrap_or(path);
    let names_memory =
        matches!(path, ":memory:" | "/:memory:") || (like_sqlalchemy && matches!(path, "" | "/"));
    if in_memory || names_memory {
        return Ok((Target::SqliteMemory, notes));
    }
    // Nobody who writes `sqlite:///./data.db` means a file in the root folder.
    let separator = like_sqlalchemy || path.starts_with("/./") || path.starts_with("/../");
    let path = if separator { path.strip_prefix('/').unwrap_or(path) } else { path };
    let path = decode(path)?;
    if path.file_name().is_none() || path.as_os_str().to_string_lossy().ends_with('/') {
        return Err(UrlError::NoFile);
    }
    Ok((Target::SqliteFile { path: path.into_boxed_path(), create }, notes))
}

fn decode(path: &str) -> Result<PathBuf, UrlError> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => escaped(rest.next(), rest.next()).ok_or(UrlError::Malformed("bad percent-encoding"))?,
            byte => byte,
        };
        if byte == 0 {
            return Err(UrlError::Malformed("NUL in the path"));
        }
        bytes.push(byte);
    }
    let text = String::from_utf8(bytes).map_err(|_| UrlError::Malformed("path is not UTF-8"))?;
    Ok(Path::new(&text).to_path_buf())
}

fn escaped(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
