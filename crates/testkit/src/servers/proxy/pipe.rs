//! One direction of a connection.

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until},
};

use super::{
    delay::Delays,
    mode::{Direction, Mode, Network},
    traffic::Counters,
};

/// Chunks that may be on their way; then the reader waits, as a full pipe makes it.
const ON_THE_WAY: usize = 1_024;

/// Hands bytes on until either side closes. Chunks are late side by side: a latency does not lower the throughput.
pub(super) async fn pump(
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    network: watch::Receiver<Network>,
    direction: Direction,
    delays: Delays,
    counters: &Counters,
) {
    let (chunks, due) = mpsc::channel(ON_THE_WAY);
    let taking = async {
        take(from, chunks, network.clone(), direction, delays, counters).await;
        // What is on its way still arrives: the other half ends when it has handed on the last of it.
        std::future::pending::<()>().await;
    };
    let mut end = End { to, network: network.clone(), direction, handed_on: 0 };
    tokio::select! {
        () = taking => {}
        () = end.hand_on_all(due) => {}
    }
}

async fn take(
    mut from: impl AsyncRead + Unpin,
    chunks: mpsc::Sender<(Instant, Vec<u8>)>,
    network: watch::Receiver<Network>,
    direction: Direction,
    mut delays: Delays,
    counters: &Counters,
) {
    let mut buffer = vec![0; 16 * 1_024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        counters.read(direction, length);
        let late = delays.next(network.borrow().towards(direction));
        let chunk = buffer.get(..length).unwrap_or_default().to_vec();
        if chunks.send((Instant::now() + late, chunk)).await.is_err() {
            return;
        }
    }
}

/// Where the bytes come out.
struct End<W> {
    to: W,
    network: watch::Receiver<Network>,
    direction: Direction,
    /// How many bytes since the last change of mode.
    handed_on: usize,
}

impl<W: AsyncWrite + Unpin> End<W> {
    async fn hand_on_all(&mut self, mut due: mpsc::Receiver<(Instant, Vec<u8>)>) {
        while let Some((at, chunk)) = due.recv().await {
            sleep_until(at).await;
            if self.hand_on(&chunk).await.is_none() {
                // The other side reads what it got, and then the end.
                let _closed_already = self.to.shutdown().await;
                return;
            }
        }
    }

    /// `None` when the connection is to end.
    async fn hand_on(&mut self, mut rest: &[u8]) -> Option<()> {
        while !rest.is_empty() {
            let mode = self.mode();
            let piece = match mode {
                Mode::BlackHole => 0,
                Mode::Cut { after } => after.checked_sub(self.handed_on).filter(|left| *left > 0)?,
                Mode::Drip { bytes, .. } => bytes.max(1),
                _ => rest.len(),
            };
            let (now, later) = rest.split_at(piece.min(rest.len()));
            self.to.write_all(now).await.ok()?;
            self.handed_on += now.len();
            rest = later;
            match mode {
                Mode::BlackHole => self.network.changed().await.ok()?,
                Mode::Cut { after } if self.handed_on >= after => return None,
                Mode::Drip { every, .. } => tokio::select! {
                    () = sleep(every) => {}
                    changed = self.network.changed() => {
                        changed.ok()?;
                        self.handed_on = 0;
                    }
                },
                _ => {}
            }
        }
        Some(())
    }

    /// What happens to bytes now. A change of mode counts anew.
    fn mode(&mut self) -> Mode {
        if self.network.has_changed().unwrap_or(false) {
            self.handed_on = 0;
        }
        self.network.borrow_and_update().towards(self.direction)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn chunks_are_late_side_by_side() {
        let late = Duration::from_millis(300);
        let (_network, changes) = watch::channel(Network::usual(Mode::Latency(late)));
        let (mut server, from) = tokio::io::duplex(64);
        let (to, mut client) = tokio::io::duplex(64);
        let counters = Counters::default();
        let begin = Instant::now();
        let asking = async {
            for _ in 0..8 {
                server.write_all(b"x").await.unwrap();
                tokio::task::yield_now().await;
            }
            client.read_exact(&mut [0; 8]).await.unwrap();
        };
        tokio::select! {
            () = asking => {}
            () = pump(from, to, changes, Direction::Answers, Delays::of(1), &counters) => {}
        }
        assert_eq!(begin + late, Instant::now());
        assert_eq!(counters.traffic().answers, 8);
    }
}
