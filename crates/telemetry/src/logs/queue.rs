//! Brings lines to their reader without making the program wait.
//!
//! A full pipe or a stopped terminal makes `write` block for as long as its reader likes. So lines go into a
//! buffer of bounded size and a thread of their own writes them; when the buffer is full, lines are lost and
//! counted. Two buffers take turns, so a line costs a copy and no allocation.

use std::{
    io::{self, ErrorKind, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

/// Most bytes that wait for the reader.
const CAPACITY: usize = 4 * 1_024 * 1_024;
/// Most bytes a buffer keeps while it is empty.
const KEPT: usize = 64 * 1_024;
/// How long a reader that takes nothing, on a non-blocking descriptor, is tried again.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long lines gather before they are written. Waking the writing thread for each line costs more than the
/// line.
const GATHER: Duration = Duration::from_millis(2);
/// How often the writing thread looks whether its queue is still wanted.
const LOOK: Duration = Duration::from_secs(1);

/// Lines on their way to the reader.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Something to write.
    filled: Condvar,
    /// Something written.
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    lost: u64,
    lost_in_all: u64,
    /// How many bytes were taken since the start, and how many of them were written.
    taken: u64,
    written: u64,
    idle: bool,
}

impl Queue {
    /// A queue whose lines a thread writes to `writer`. The thread ends with the last handle of the queue.
    pub(super) fn start(writer: Box<dyn Write + Send>) -> io::Result<Arc<Self>> {
        let (filled, written) = (Condvar::new(), Condvar::new());
        let queue = Arc::new(Self { state: Mutex::default(), filled, written });
        let reader = Arc::downgrade(&queue);
        thread::Builder::new().name("logs".to_owned()).spawn(move || write_all(&reader, writer))?;
        Ok(queue)
    }

    /// Takes a line, or counts it as lost when there is no room. How many lines were lost since this was last
    /// told, once there is room to tell it.
    pub(super) fn push(&self, line: &[u8]) -> Option<u64> {
        let mut state = self.lock();
        if state.waiting.len() + line.len() > CAPACITY {
            state.lost += 1;
            state.lost_in_all += 1;
            return None;
        }
        state.waiting.extend_from_slice(line);
        state.taken += line.len() as u64;
        let tell = state.lost > 0 && state.waiting.len() < CAPACITY / 2;
        let lost = tell.then(|| mem::take(&mut state.lost));
        let wake = mem::take(&mut state.idle);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        lost
    }

    /// How many lines were lost since the start.
    pub(super) fn lost_in_all(&self) -> u64 {
        self.lock().lost_in_all
    }

    /// Waits until everything is written that was taken before, at most for `limit`. Whether it is.
    pub(super) fn flush(&self, limit: Duration) -> bool {
        let state = self.lock();
        let taken = state.taken;
        let waited = self.written.wait_timeout_while(state, limit, |state| state.written < taken);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Puts everything that waits into `buffer`; waits for a line, but not for ever.
    fn take(&self, buffer: &mut Vec<u8>) {
        let mut state = self.lock();
        state.written += buffer.len() as u64;
        self.written.notify_all();
        if state.waiting.is_empty() {
            state.idle = true;
            let waited = self.filled.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.idle = false;
        }
        if !state.waiting.is_empty() && state.waiting.len() < KEPT {
            drop(state);
            thread::sleep(GATHER);
            state = self.lock();
        }
        buffer.clear();
        buffer.shrink_to(KEPT);
        mem::swap(buffer, &mut state.waiting);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_all(queue: &Weak<Queue>, mut writer: Box<dyn Write + Send>) {
    let mut buffer = Vec::new();
    while let Some(queue) = queue.upgrade() {
        queue.take(&mut buffer);
        // A reader that is gone is no reason to stop serving; the lines are lost with it.
        let _ = write_patiently(&mut writer, &buffer);
    }
}

fn write_patiently(writer: &mut dyn Write, mut bytes: &[u8]) -> io::Result<()> {
    let mut since = None;
    while !bytes.is_empty() {
        match writer.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                since = None;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                    return Err(error);
                }
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error),
        }
    }
    writer.flush()
}
