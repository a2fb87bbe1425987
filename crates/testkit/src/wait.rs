//! Waiting for something outside the test: another process, a server, a socket, a task.
//!
//! A test never asserts how long something took. Where it must wait, it waits here: each helper polls until the condition
//! holds, and fails after [`PATIENCE`], saying what it waited for. The bound only ends a test that would hang; it is far
//! longer than anything takes, so that a busy machine does not reach it.
//!
//! ```
//! use palisade_testkit::wait;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
//! tokio::spawn(async move { sender.send(7).await });
//! let seven = wait::for_ok("the number", async || receiver.try_recv()).await;
//! assert_eq!(seven, 7);
//! wait::until("the sender is gone", async || receiver.is_closed()).await;
//! assert_eq!(wait::end_of("the channel", receiver.recv()).await, None);
//! # }
//! ```

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

/// How long each helper waits before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// How often a condition is looked at.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// Waits until `holds` is true.
///
/// # Panics
/// When it is still false after [`PATIENCE`].
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for_ok(what, async || if holds().await { Ok(()) } else { Err(NotYet) }).await;
}

/// Waits until `look` gives a value; a failure shows the last error it gave.
///
/// # Panics
/// When it still gives an error after [`PATIENCE`].
pub async fn for_ok<T, E: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let deadline = Deadline::new();
    loop {
        match look().await {
            Ok(value) => return value,
            Err(last) => deadline.check(what, &last),
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

/// Waits for the end of a future, and gives its output.
///
/// # Panics
/// When it has not ended after [`PATIENCE`].
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub async fn end_of<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("waited {PATIENCE:?} in vain for the end of: {what}"),
    }
}

/// [`until`] for a thread without a runtime.
///
/// # Panics
/// When it is still false after [`PATIENCE`].
pub fn until_blocking(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Deadline::new();
    while !holds() {
        deadline.check(what, &NotYet);
        std::thread::sleep(POLL_EVERY);
    }
}

/// The state of a condition that is false.
#[derive(Debug)]
struct NotYet;

/// The end of the patience, for a loop that cannot be a closure. It is the machine's own time: a test may have paused
/// that of the runtime.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// After [`PATIENCE`].
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it begins now; it is no default")]
    pub fn new() -> Self {
        Self(Instant::now() + PATIENCE)
    }

    /// Fails the test when the deadline is over, with what it waited for and what was seen last.
    ///
    /// # Panics
    /// After the deadline.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    pub fn check(&self, what: &str, last: &dyn Debug) {
        if Instant::now() > self.0 {
            panic!("waited {PATIENCE:?} in vain for: {what}; last seen: {last:?}");
        }
    }
}
