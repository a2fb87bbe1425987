//! Where deliveries are kept until they are made.

mod sql;

pub(crate) use sql::{Claimed, Due, Room, UNENDED};
pub use sql::{Counts, MIGRATIONS, Outbox, Waiting};
