//! The whole server from outside: through its listeners, its command line, its signals and its log.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a missing member fails the test, as it should")]

mod auth;
mod binary;
mod cache;
mod edge;
mod errors;
mod generated;
mod health;
mod limits;
mod load;
mod main_job;
mod monitoring;
mod openapi;
mod others_settings;
mod outage;
mod pages;
mod redis;
mod request_id;
mod scarce;
mod sign_ups;
mod support;
mod telemetry;
mod users;
