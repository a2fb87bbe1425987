//! Things on their way to a receiver.

use std::{
    io, mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use super::sender::{Receiver, Sender, Unsent};

/// How much waits, and when it is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The most that waits.
    pub(crate) capacity: usize,
    /// The most that is sent at once; as soon as so much waits, it is sent.
    pub(crate) batch: usize,
    /// How long what waits less than that waits.
    pub(crate) delay: Duration,
    /// Whether something is sent after each delay, even if nothing waits.
    pub(crate) always: bool,
}

/// How much was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Losses {
    /// Batches that were sent in vain.
    pub(crate) failures: u64,
    /// Things that were not taken.
    pub(crate) dropped: u64,
}

/// A bounded queue and the thread that sends what is in it.
pub(crate) struct Outbox<T> {
    pace: Pace,
    state: Mutex<State<T>>,
    changed: Condvar,
    dropped: AtomicU64,
    failures: AtomicU64,
}

struct State<T> {
    waiting: Vec<T>,
    ending: bool,
    ended: bool,
    thread: Option<ThreadId>,
}

impl<T: Send + 'static> Outbox<T> {
    /// Starts the thread. `encode` makes the body of a request.
    pub(crate) fn start<R: Receiver>(
        name: &str,
        pace: Pace,
        sender: Sender<R>,
        encode: impl FnMut(Vec<T>) -> Vec<u8> + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let outbox = Arc::new(Self {
            pace,
            state: Mutex::new(State { waiting: Vec::new(), ending: false, ended: false, thread: None }),
            changed: Condvar::new(),
            dropped: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        });
        let sending = Arc::clone(&outbox);
        let thread =
            thread::Builder::new().name(name.to_owned()).spawn(move || sending.run(sender, encode))?;
        outbox.lock().thread = Some(thread.thread().id());
        Ok(outbox)
    }

    /// Puts something in, or counts it as dropped where there is no room.
    pub(crate) fn push(&self, item: T) {
        let mut state = self.lock();
        if state.waiting.len() >= self.pace.capacity || state.ending {
            drop(state);
            return self.drop_more(1);
        }
        state.waiting.push(item);
        let is_batch = state.waiting.len() == self.pace.batch;
        drop(state);
        if is_batch {
            self.changed.notify_all();
        }
    }

    /// Whether whoever asks is the thread that sends.
    #[cfg(feature = "sentry")]
    pub(crate) fn is_own_thread(&self) -> bool {
        self.lock().thread == Some(thread::current().id())
    }

    /// Counts what is lost on its way into the queue or out of it.
    pub(crate) fn drop_more(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// How many batches failed, and how many things were dropped.
    pub(crate) fn losses(&self) -> Losses {
        Losses {
            failures: self.failures.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }

    /// Takes no more, and sends what waits at once.
    pub(crate) fn end(&self) {
        self.lock().ending = true;
        self.changed.notify_all();
    }

    /// Takes no more; whether everything is sent within `limit`.
    #[cfg(feature = "sentry")]
    pub(crate) fn close(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        self.end();
        self.ended(deadline)
    }

    /// Whether everything is sent by `deadline`.
    pub(crate) fn ended(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.changed.wait_timeout_while(self.lock(), left, |state| !state.ended);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if !state.ended {
            // Given up, so that the thread ends with what it is sending.
            self.drop_more(mem::take(&mut state.waiting).len() as u64);
        }
        state.ended
    }

    fn run<R: Receiver>(&self, mut sender: Sender<R>, mut encode: impl FnMut(Vec<T>) -> Vec<u8>) {
        loop {
            let (batch, is_last) = self.take();
            if !batch.is_empty() || self.pace.always {
                let count = batch.len().max(1) as u64;
                let patience = |wait| self.may_wait(wait);
                match sender.send(encode(batch), patience) {
                    Ok(sent) => self.drop_more(sent.rejected),
                    Err(Unsent::HeldBack) => self.drop_more(count),
                    Err(Unsent::Failed) => {
                        self.failures.fetch_add(1, Ordering::Relaxed);
                        self.drop_more(count);
                    }
                }
            }
            if is_last {
                self.lock().ended = true;
                self.changed.notify_all();
                return;
            }
        }
    }

    /// The next batch, and whether it is the last.
    fn take(&self) -> (Vec<T>, bool) {
        let unready = |state: &mut State<T>| !state.ending && state.waiting.len() < self.pace.batch;
        let waited = self.changed.wait_timeout_while(self.lock(), self.pace.delay, unready);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let rest = match state.waiting.len() > self.pace.batch {
            true => state.waiting.split_off(self.pace.batch),
            false => Vec::new(),
        };
        let batch = mem::replace(&mut state.waiting, rest);
        (batch, state.ending && state.waiting.is_empty())
    }

    /// Waits before an attempt is made again; `false` when the program ends and there is no time for that.
    fn may_wait(&self, wait: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), wait, |state| !state.ending);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.ending
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
