//! How many workers still answer that the program is starting.

use tokio::sync::watch;

/// Counts the applications that are still to be made, over all workers.
#[derive(Clone)]
pub(super) struct Pending(watch::Sender<State>);

#[derive(Default)]
struct State {
    applications: usize,
    /// Why one of them could not be made.
    failure: Option<String>,
}

impl Default for Pending {
    fn default() -> Self {
        Self(watch::Sender::new(State::default()))
    }
}

impl Pending {
    /// Counts an application until its ticket says that it is made.
    pub(super) fn register(&self) -> Ticket {
        self.0.send_modify(|state| state.applications += 1);
        Ticket { pending: self.clone(), made: false }
    }

    /// Waits until every application is made.
    pub(super) async fn none_left(&self) -> Result<(), String> {
        let mut states = self.0.subscribe();
        let decided = |state: &State| state.applications == 0 || state.failure.is_some();
        // The sender cannot be gone: it is in `self`.
        let Ok(state) = states.wait_for(decided).await else { return Ok(()) };
        state.failure.clone().map_or(Ok(()), Err)
    }
}

/// An application that is counted.
pub(super) struct Ticket {
    pending: Pending,
    made: bool,
}

impl Ticket {
    pub(super) fn made(mut self) {
        self.made = true;
    }

    pub(super) fn failed(self, cause: String) {
        self.pending.0.send_modify(|state| state.failure = Some(cause));
    }
}

impl Drop for Ticket {
    /// A worker that ends, or panics, before its application is made must not be waited for.
    fn drop(&mut self) {
        self.pending.0.send_modify(|state| {
            state.applications = state.applications.saturating_sub(1);
            if !self.made {
                state.failure.get_or_insert_with(|| "its worker ended".to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_for_each_and_tells_of_a_failure() {
        let pending = Pending::default();
        assert_eq!(pending.none_left().await, Ok(()), "there is nothing to wait for");
        let (first, second) = (pending.register(), pending.register());
        first.made();
        let waiting = tokio::spawn({
            let pending = pending.clone();
            async move { pending.none_left().await }
        });
        second.made();
        assert_eq!(waiting.await.unwrap(), Ok(()));
        pending.register().failed("no threads".to_owned());
        assert_eq!(pending.none_left().await, Err("no threads".to_owned()));
    }

    #[tokio::test]
    async fn a_worker_that_ends_is_not_waited_for() {
        let pending = Pending::default();
        drop(pending.register());
        assert!(pending.none_left().await.is_err());
    }
}
