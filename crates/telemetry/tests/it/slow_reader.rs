//! A reader that stops reading stops nobody else.

use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, sync_channel},
    time::Duration,
};

use palisade_core::Environment;
use palisade_telemetry::{Logs, Settings};

/// Takes nothing until it is told to go on.
struct Stuck {
    go_on: Receiver<()>,
    written: std::sync::mpsc::Sender<Vec<u8>>,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.go_on.recv();
        self.written.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has gone away.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn lines_beyond_the_buffer_are_lost_counted_and_told() {
    let (release, go_on) = sync_channel(0);
    let (written, read) = std::sync::mpsc::channel();
    let (subscriber, logs) =
        Logs::to_writer(&Settings::default(), Environment::Test, false, Stuck { go_on, written }).unwrap();
    let filler = "x".repeat(8_000);
    tracing::subscriber::with_default(subscriber, || {
        (0..2_000).for_each(|_| tracing::info!(filler, "m"));
        assert!(!logs.flush(Duration::from_millis(1)), "nothing can have been written yet");
        drop(release);
        assert!(logs.flush(Duration::from_secs(10)));
        tracing::info!("after");
        assert!(logs.flush(Duration::from_secs(10)));
    });
    let text = String::from_utf8(read.try_iter().flatten().collect()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().filter(|line| line["message"] == "log.lines_lost").collect();
    assert_eq!(told.len(), 1);
    let kept = lines.iter().filter(|line| line["message"] == "m").count() as u64;
    assert_eq!(told[0]["lines"].as_u64().unwrap() + kept, 2_000);
    assert!(kept < 1_000, "{kept}");
}

#[test]
fn a_reader_that_is_gone_disturbs_nobody() {
    let (subscriber, logs) = Logs::to_writer(&Settings::default(), Environment::Test, false, Gone).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        (0..100).for_each(|_| tracing::info!("m"));
        assert!(logs.flush(Duration::from_secs(10)));
    });
}
