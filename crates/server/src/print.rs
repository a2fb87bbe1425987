//! What commands print with.

use std::io::Write as _;

/// Writes a line to standard output. A reader that has gone away (`| head`) is no failure.
pub fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
