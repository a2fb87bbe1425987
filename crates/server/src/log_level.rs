//! A change of what is logged, while the program runs.

use palisade_telemetry::{LevelError, LogHandle};
use tracing::Level;

/// Changes the level from the next event on, and logs that as `log.level_changed`, whichever of the two levels lets the
/// event through.
pub(crate) fn change(logs: &LogHandle, wanted: &str) -> Result<(), LevelError> {
    let before = logs.level();
    let is_heard = tracing::enabled!(Level::WARN);
    let tell = || tracing::warn!(before, after = wanted, "log.level_changed");
    if is_heard {
        tell();
    }
    logs.set_level(wanted)?;
    if !is_heard {
        tell();
    }
    Ok(())
}
