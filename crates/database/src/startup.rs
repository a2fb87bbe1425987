//! A program that starts before its database.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{Error, Settings};

/// How long after an attempt the next one begins.
const PAUSE: Duration = Duration::from_millis(250);
/// How often the log says that the database is still not there.
const REMIND_EVERY: Duration = Duration::from_secs(10);

/// Waits, while the program starts, for a database that is not there yet: one that refuses connections, does not answer,
/// takes no more connections, or is starting itself.
///
/// ```
/// use std::sync::Arc;
/// use palisade_core::SystemClock;
/// use palisade_database::{Database, Settings, Startup};
/// use palisade_telemetry::metrics::Off;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), palisade_database::Error> {
/// let settings = Settings::for_url("sqlite::memory:");
/// let clock = Arc::new(SystemClock);
/// let mut startup = Startup::new(&settings);
/// let attempt = async || Database::connect(&settings, clock.clone(), &Off::shared()).await;
/// let database = startup.attempt(attempt).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Startup {
    patience: Duration,
    began: Instant,
    /// When the log last said that the database is not there.
    told: Option<Instant>,
}

impl Startup {
    /// A start that begins now and waits for `startup_timeout_seconds`.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let patience = Duration::from_secs(settings.startup_timeout_seconds);
        Self { patience, began: Instant::now(), told: None }
    }

    /// A start that tries once, for commands whose user waits for them.
    #[must_use]
    pub fn without_waiting() -> Self {
        Self { patience: Duration::ZERO, began: Instant::now(), told: None }
    }

    /// Does `work`, again and again while the database is not available and the start's time is not over. The log says
    /// `database.waiting` when the waiting begins and every ten seconds, and `database.available` when it is over.
    ///
    /// # Errors
    /// The last attempt's [`Error::Unavailable`] when the time is over, and any other error at once.
    pub async fn attempt<T>(&mut self, mut work: impl AsyncFnMut() -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match work().await {
                Err(Error::Unavailable { reason }) if self.began.elapsed() < self.patience => {
                    self.tell(&reason);
                    sleep(PAUSE).await;
                }
                Ok(outcome) => {
                    if self.told.take().is_some() {
                        let waited_seconds = self.began.elapsed().as_secs();
                        tracing::info!(waited_seconds, "database.available");
                    }
                    return Ok(outcome);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn tell(&mut self, reason: &str) {
        if self.told.is_some_and(|told| told.elapsed() < REMIND_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let waited_seconds = self.began.elapsed().as_secs();
        let limit_seconds = self.patience.as_secs();
        tracing::warn!(reason, waited_seconds, limit_seconds, "database.waiting");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting_for(seconds: u64) -> Startup {
        Startup::new(&Settings { startup_timeout_seconds: seconds, ..Settings::default() })
    }

    /// How often the work was tried, and what came of it.
    async fn tried(
        mut startup: Startup,
        outcome: impl Fn(u32) -> Result<(), Error>,
    ) -> (u32, Result<(), Error>) {
        let mut attempts = 0;
        let outcome = startup.attempt(async || {
            attempts += 1;
            outcome(attempts)
        });
        let outcome = outcome.await;
        (attempts, outcome)
    }

    #[tokio::test(start_paused = true)]
    async fn tries_until_the_database_is_there() {
        let comes = |attempt| if attempt < 9 { Err(Error::unavailable("refused")) } else { Ok(()) };
        let (attempts, outcome) = tried(waiting_for(60), comes).await;
        assert!(attempts == 9 && outcome.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_when_the_time_is_over() {
        let never = |_| Err(Error::unavailable("refused"));
        let (attempts, outcome) = tried(waiting_for(2), never).await;
        assert!(attempts > 2 && matches!(outcome, Err(Error::Unavailable { .. })), "{attempts} {outcome:?}");
        let (attempts, _) = tried(waiting_for(0), never).await;
        assert_eq!(attempts, 1, "0 does not wait");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_setting_is_told_at_once() {
        let (attempts, outcome) = tried(waiting_for(60), |_| Err(Error::Configuration("wrong".into()))).await;
        assert!(attempts == 1 && matches!(outcome, Err(Error::Configuration(_))));
    }
}
