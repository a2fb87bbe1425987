//! From the sources to the settings.

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Layout, Loaded, Report, Rules, Sources};

/// Reads the settings of `T` from the sources: its own defaults below, then the files, `.env`, the environment
/// and the command line. [`Layout::load`] does it for a program with more sections than `T` has.
///
/// # Errors
/// Everything that is wrong, in one report.
pub fn load<T>(sources: &Sources) -> Result<Loaded<T>, Report>
where
    T: JsonSchema + Serialize + DeserializeOwned + Rules,
{
    Layout::new().load(sources)
}
