//! What a call gives that may fail.

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
