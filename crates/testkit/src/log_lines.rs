//! Log lines in JSON form.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

/// Keeps the log lines that are written into it. Clones share them.
///
/// ```
/// use std::io::Write as _;
/// use palisade_testkit::LogLines;
///
/// let mut log = LogLines::default();
/// log.write_all(b"{\"message\":\"server.ready\",\"fields\":{\"port\":80}}\n")?;
/// assert_eq!(LogLines::field(&log.lines()[0], "port"), 80);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    /// The lines so far.
    ///
    /// # Panics
    /// When a line is no JSON.
    #[must_use]
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    pub fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let read = |line: &[u8]| match serde_json::from_slice(line) {
            Ok(line) => line,
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(line)),
        };
        bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read).collect()
    }

    /// A member of a line, or of its `fields`; null when there is none.
    #[must_use]
    pub fn field<'a>(line: &'a Value, name: &str) -> &'a Value {
        line.get(name).or_else(|| line.get("fields")?.get(name)).unwrap_or(&Value::Null)
    }
}

impl Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
