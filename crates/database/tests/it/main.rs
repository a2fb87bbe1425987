//! What holds on SQLite, PostgreSQL and MariaDB alike, with real servers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod budget;
mod connect;
mod constraints;
mod encodings;
mod faults;
mod library;
mod log;
mod migrations;
mod plans;
mod pooler;
mod read_only;
mod shortage;
mod slow;
mod sqlite;
mod transactions;
mod values;
