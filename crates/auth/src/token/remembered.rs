//! Tokens whose signature has been verified.
//!
//! A client shows the same token with every request, and verifying it costs more than the rest of admitting the
//! request. So what a token says is remembered once its signature was found right. Nothing else is: whether it is
//! in time and whether its session lives is asked each time.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::Claims;

/// How many tokens are remembered: about 8 MB when full.
const CAPACITY: usize = 10_000;

/// The claims of verified tokens, by the whole text of the token.
pub(super) struct Remembered(Cache<Box<str>, Arc<Claims>>);

impl Remembered {
    pub(super) fn new() -> Self {
        Self(Cache::new(CAPACITY))
    }

    /// What the token says, by `verify` unless it is remembered. A token that is refused is not remembered.
    pub(super) fn claims<E>(
        &self,
        token: &str,
        verify: impl FnOnce() -> Result<Claims, E>,
    ) -> Result<Arc<Claims>, E> {
        if let Some(claims) = self.0.get(token) {
            return Ok(claims);
        }
        let claims = Arc::new(verify()?);
        self.0.insert(token.into(), Arc::clone(&claims));
        Ok(claims)
    }
}
