//! Where deliveries are kept until they are made.

mod sql;

pub(crate) use sql::Due;
pub use sql::{Counts, MIGRATIONS, Outbox, Waiting};
