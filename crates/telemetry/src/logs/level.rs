//! Which events pass.

use tracing_subscriber::EnvFilter;

/// What is not logged unless the level's directives name it: actix-server announces each of its threads, and
/// actix-http reports each malformed request as an error of ours, with the parser's words. The listener
/// logs such requests itself.
const QUIET: &str = "actix_server=warn,actix_http::h1::dispatcher=off";

const OF_TRACES: &str = ",palisade_trace=off";

/// The level is not understood.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{level}` is not a log level: use off, error, warn, info, debug or trace, or directives such as \
     `info,palisade_auth=debug`"
)]
pub struct LevelError {
    level: String,
}

impl LevelError {
    fn of(level: &str) -> Self {
        Self { level: level.to_owned() }
    }

    pub(super) fn gone() -> Self {
        Self::of("(no logs are installed)")
    }
}

/// Whether `level` is understood.
///
/// # Errors
/// When it is not.
pub fn check_level(level: &str) -> Result<(), LevelError> {
    filter(level).map(|_| ())
}

/// The filter that `level` stands for.
///
/// `EnvFilter` takes an unknown bare word for the name of a module, so that `LOG_LEVEL=inof` would silence
/// nearly everything without a word; here a bare word must be a level.
pub(super) fn filter(level: &str) -> Result<EnvFilter, LevelError> {
    let mut directives = QUIET.to_owned();
    for part in level.split(',').map(str::trim) {
        let directive =
            if part.contains('=') { part } else { bare(part).ok_or_else(|| LevelError::of(level))? };
        directives.push(',');
        directives.push_str(directive);
    }
    // Spans of traces are for the collector alone.
    directives.push_str(OF_TRACES);
    EnvFilter::builder().parse(directives).map_err(|_| LevelError::of(level))
}

/// The level a word stands for; the names of Python's logging are taken too.
fn bare(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "off" | "none" => "off",
        "error" | "critical" | "fatal" => "error",
        "warn" | "warning" => "warn",
        "info" => "info",
        "debug" => "debug",
        "trace" => "trace",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_levels_and_directives() {
        for level in
            ["info", "INFO", "warning", "off", "info,palisade_auth=debug", "palisade_http::log=trace"]
        {
            check_level(level).unwrap();
        }
    }

    #[test]
    fn refuses_what_the_filter_would_misread() {
        for level in ["", "inof", "info,", "palisade_auth", "info,a=loud", "7"] {
            let error = check_level(level).unwrap_err();
            assert!(error.to_string().contains(&format!("`{level}`")), "{error}");
        }
    }
}
