//! The suite each `Cache` must pass.
