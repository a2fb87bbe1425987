//! Collects what is logged.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use palisade_core::Environment;
use palisade_telemetry::{Format, LogHandle, Logs, Settings};
use serde_json::Value;

#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `log` logs, as text.
pub(crate) fn text(settings: &Settings, log: impl FnOnce(&LogHandle)) -> String {
    let capture = Capture::default();
    let (subscriber, handle) = Logs::to_writer(settings, Environment::Test, false, capture.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, || log(&handle));
    assert!(handle.flush(Duration::from_secs(10)));
    String::from_utf8(capture.0.lock().unwrap().clone()).unwrap()
}

/// What `log` logs, each line read as JSON.
pub(crate) fn lines(log: impl FnOnce(&LogHandle)) -> Vec<Value> {
    let text = text(&Settings::default(), log);
    text.split_terminator('\n').map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn console() -> Settings {
    Settings { format: Some(Format::Console), ..Settings::default() }
}
