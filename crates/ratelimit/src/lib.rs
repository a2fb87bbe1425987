//! Rate limits: how often something may happen, counted in memory or on Redis.
//!
//! A [`Policy`] has a name, an [`Algorithm`] and one to four [`Quota`]s; a [`RateLimiter`] says for a [`Key`] whether
//! one more request fits all of them, and what remains.
//!
//! What it deliberately does not do: know HTTP, decide who the client is, wait in place of refusing, spawn tasks.

mod algorithm;
mod checking;
mod decision;
mod error;
mod key;
mod limiter;
mod policy;
mod quota;

pub use algorithm::Algorithm;
pub use checking::Checking;
pub use decision::Decision;
pub use error::{Error, REASONS};
pub use key::Key;
pub use limiter::RateLimiter;
pub use policy::{InvalidPolicy, Policy};
pub use quota::{InvalidQuota, Quota};
