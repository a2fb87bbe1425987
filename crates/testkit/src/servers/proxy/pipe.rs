//! One direction of a connection.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::Mode;

/// Chunks that may be on their way; then the reader waits, as a full pipe makes it.
const ON_THE_WAY: usize = 1_024;

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Questions,
    Answers,
}

/// Hands bytes on until either side closes. Chunks are late side by side: a latency does not lower the throughput.
pub(super) async fn pump(
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    mode: watch::Receiver<Mode>,
    direction: Direction,
) {
    let (chunks, due) = mpsc::channel(ON_THE_WAY);
    let taking = async {
        take(from, chunks, mode.clone(), direction).await;
        // What is on its way still arrives: the other half ends when it has handed on the last of it.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = taking => {}
        () = hand_on(to, due, mode.clone()) => {}
    }
}

async fn take(
    mut from: impl AsyncRead + Unpin,
    chunks: mpsc::Sender<(Instant, Vec<u8>)>,
    mode: watch::Receiver<Mode>,
    direction: Direction,
) {
    let mut buffer = vec![0; 16 * 1_024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let late = match *mode.borrow() {
            Mode::Latency(late) if direction == Direction::Answers => late,
            _ => Duration::ZERO,
        };
        let chunk = buffer.get(..length).unwrap_or_default().to_vec();
        if chunks.send((Instant::now() + late, chunk)).await.is_err() {
            return;
        }
    }
}

async fn hand_on(
    mut to: impl AsyncWrite + Unpin,
    mut due: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut mode: watch::Receiver<Mode>,
) {
    while let Some((at, chunk)) = due.recv().await {
        sleep_until(at).await;
        let open = mode.wait_for(|mode| *mode != Mode::BlackHole).await.is_ok();
        if !open || to.write_all(&chunk).await.is_err() {
            return;
        }
    }
}
