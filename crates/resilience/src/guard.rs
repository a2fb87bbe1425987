//! What `#[guarded]` is expanded to.

use std::future::Future;

use crate::{Error, Policy, Verdict, outcome::Outcome};

/// Makes the call under the policy.
///
/// # Errors
/// See [`Error`].
pub async fn guard<R, F>(
    policy: &Policy,
    call: impl FnMut() -> F,
    classify: impl Fn(&R::Failure) -> Verdict,
) -> Result<R::Value, Error<R::Failure>>
where
    R: Outcome,
    F: Future<Output = R>,
{
    policy.guard(call, classify).await
}
