//! What must be forgotten of a user who is deleted.

use std::pin::Pin;

use crate::{Result, UserId};

/// Keeps something of users that must not outlive them, such as answers that were given to them.
///
/// Whoever deletes a user calls each of these afterwards.
pub trait ForgetUser: Send + Sync + 'static {
    /// Removes what is kept of the user. Calling it again, or for a user of whom nothing is kept, is no error.
    ///
    /// # Errors
    /// When the store fails.
    fn forget_user(&self, id: UserId) -> Forgetting<'_>;
}

/// A removal under way.
pub type Forgetting<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;
