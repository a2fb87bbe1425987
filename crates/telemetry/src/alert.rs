//! The lines that should wake someone.

/// Logs an event that someone must look at now: an error whose line says `"level":"CRITICAL"`. Takes what
/// [`tracing::error!`] takes.
#[macro_export]
macro_rules! critical {
    (target: $target:expr, $($rest:tt)+) => {
        $crate::tracing::error!(target: $target, critical = true, $($rest)+)
    };
    ($($rest:tt)+) => {
        $crate::tracing::error!(critical = true, $($rest)+)
    };
}
