//! Panics as log lines.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::PanicHookInfo,
};

use palisade_core::panic_message;

/// What the line of a panic is called.
#[cfg(feature = "sentry")]
pub(crate) const PANIC: &str = "process.panic";

/// From now on a panic is one line of the log instead of raw text on standard error. A back trace is added
/// when `RUST_BACKTRACE` asks for it.
pub fn log_panics() {
    std::panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let message = panic_message(panic.payload()).unwrap_or("a panic without text");
    let location = panic.location().map(ToString::to_string);
    let thread = std::thread::current();
    let backtrace = Backtrace::capture();
    let captured = backtrace.status() == BacktraceStatus::Captured;
    tracing::error!(
        location,
        thread = thread.name(),
        cause = message,
        backtrace = captured.then(|| tracing::field::display(&backtrace)),
        "process.panic"
    );
}
