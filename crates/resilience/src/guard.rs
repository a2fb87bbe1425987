//! What `#[guarded]` is expanded to.

use std::future::Future;

use crate::{Error, Policy, Verdict};

/// What a guarded function returns.
#[diagnostic::on_unimplemented(
    message = "a guarded function returns a `Result`, not `{Self}`",
    label = "this is not a `Result`"
)]
pub trait Outcome {
    /// What it gives.
    type Value;
    /// What it fails with.
    type Failure;

    /// As it is.
    ///
    /// # Errors
    /// When it is an error.
    fn into_result(self) -> Result<Self::Value, Self::Failure>;
}

impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Failure = E;

    fn into_result(self) -> Self {
        self
    }
}

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
