//! The API document as its readers see it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deprecation;
mod documents;
