//! Counts the workers that have not built their second application yet.

use tokio::sync::watch;

/// The number of applications still to be built, over all workers.
#[derive(Clone)]
pub(super) struct Pending(watch::Sender<State>);

#[derive(Default)]
struct State {
    applications: usize,
    /// Why one of them could not be built.
    failure: Option<String>,
}

impl Default for Pending {
    fn default() -> Self {
        Self(watch::Sender::new(State::default()))
    }
}

impl Pending {
    /// Counts an application as pending until its ticket is dropped.
    pub(super) fn register(&self) -> Ticket {
        self.0.send_modify(|state| state.applications += 1);
        Ticket { pending: self.clone(), built: false }
    }

    /// Waits until every application is built, or one has failed.
    pub(super) async fn none_left(&self) -> Result<(), String> {
        let mut states = self.0.subscribe();
        let decided = |state: &State| state.applications == 0 || state.failure.is_some();
        // `self` holds the sender, so this cannot fail.
        let Ok(state) = states.wait_for(decided).await else { return Ok(()) };
        state.failure.clone().map_or(Ok(()), Err)
    }
}

/// One pending application.
pub(super) struct Ticket {
    pending: Pending,
    built: bool,
}

impl Ticket {
    pub(super) fn built(mut self) {
        self.built = true;
    }

    pub(super) fn failed(self, cause: String) {
        self.pending.0.send_modify(|state| state.failure = Some(cause));
    }
}

impl Drop for Ticket {
    /// Nobody must wait for a worker that ends, or panics, before its application is built.
    fn drop(&mut self) {
        self.pending.0.send_modify(|state| {
            state.applications = state.applications.saturating_sub(1);
            if !self.built {
                state.failure.get_or_insert_with(|| "its worker ended".to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_with_the_last_application_or_a_failure() {
        let pending = Pending::default();
        assert_eq!(pending.none_left().await, Ok(()), "there is nothing to wait for");
        let (first, second) = (pending.register(), pending.register());
        first.built();
        let waiting = tokio::spawn({
            let pending = pending.clone();
            async move { pending.none_left().await }
        });
        second.built();
        assert_eq!(waiting.await.unwrap(), Ok(()));
        pending.register().failed("no threads".to_owned());
        assert_eq!(pending.none_left().await, Err("no threads".to_owned()));
    }

    #[tokio::test]
    async fn waiting_ends_when_a_worker_ends() {
        let pending = Pending::default();
        drop(pending.register());
        assert!(pending.none_left().await.is_err());
    }
}
