//! Which refusals have been logged.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// A kind of refusal is logged again after this.
const QUIET: Duration = Duration::from_secs(600);
/// Kinds that are told apart. Redis has fewer codes; a script may raise others.
const MOST_KINDS: usize = 32;

/// The kinds of refusal that were logged lately, by the server's error code.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Vec<(String, Instant)>>);

impl Refusals {
    /// Whether this kind should be logged now. What callers expect and handle never is.
    pub(crate) fn is_news(&self, code: &str) -> bool {
        if matches!(code, "NOSCRIPT" | "WRONGTYPE") {
            return false;
        }
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        logged.retain(|(_, since)| now.duration_since(*since) < QUIET);
        if logged.len() >= MOST_KINDS || logged.iter().any(|(known, _)| known == code) {
            return false;
        }
        logged.push((code.to_owned(), now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_kind_is_news_once_in_a_while() {
        let refusals = Refusals::default();
        assert!(refusals.is_news("OOM") && refusals.is_news("NOPERM") && !refusals.is_news("OOM"));
        assert!(!refusals.is_news("WRONGTYPE"));
        tokio::time::advance(QUIET).await;
        assert!(refusals.is_news("OOM"));
        let told = (0..100).filter(|kind| refusals.is_news(&kind.to_string())).count();
        assert_eq!(told, MOST_KINDS - 1);
        assert_eq!(refusals.0.lock().unwrap().len(), MOST_KINDS);
    }
}
