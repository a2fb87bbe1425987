//! A secret that stands in a file of its own, as container platforms mount them.

use std::{fs::File, io::Read, path::Path};

use super::line_end;

/// The largest file that is taken for a secret, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// The text of the file without the one line end that editors put behind it.
///
/// # Errors
/// Why it cannot be used, following the path in a sentence.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(format!("is larger than {MAX_SIZE} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    let text = line_end::without(&text);
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
}
