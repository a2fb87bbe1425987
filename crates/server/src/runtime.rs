//! The runtime of a command that is not the server.

use anyhow::Context as _;

use crate::failure::Failure;

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("the runtime does not start")?)
}
