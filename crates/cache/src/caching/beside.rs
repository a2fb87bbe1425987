//! Work, and what goes on until it is done.

use std::{convert::Infallible, pin::pin};

/// Carries out `work`, and `meanwhile` as long as it takes.
pub(super) async fn beside<T>(
    work: impl Future<Output = T>,
    meanwhile: impl Future<Output = Infallible>,
) -> T {
    let (work, meanwhile) = (pin!(work), pin!(meanwhile));
    tokio::select! {
        biased;
        outcome = work => outcome,
        never = meanwhile => match never {},
    }
}
