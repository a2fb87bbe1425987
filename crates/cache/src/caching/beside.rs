//! Work, and what goes on until it is done.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
};

/// Carries out `work`, and `meanwhile` as long as it takes. The work is pinned by the caller: passed by value, it would
/// be stored twice in the future that this returns.
pub(super) async fn beside<T>(
    work: Pin<&mut impl Future<Output = T>>,
    meanwhile: impl Future<Output = Infallible>,
) -> T {
    let meanwhile = pin!(meanwhile);
    tokio::select! {
        biased;
        outcome = work => outcome,
        never = meanwhile => match never {},
    }
}
