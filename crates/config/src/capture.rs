//! The environment of the process, read once.

use std::{ffi::OsString, fmt};

/// The environment variables that loading may look at. They are handed in, so that nothing in the program
/// depends on the environment by accident and a test can have its own.
#[derive(Clone, Default)]
pub struct Capture(Vec<(OsString, OsString)>);

impl Capture {
    /// These variables and no others.
    pub fn new<N: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The variables of this process. It is the one place in the house that reads them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn from_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The variables whose names are text, sorted by name: no name of ours is anything else.
    pub(crate) fn variables(&self) -> Vec<(&str, &OsString)> {
        let mut named: Vec<_> =
            self.0.iter().filter_map(|(name, value)| Some((name.to_str()?, value))).collect();
        named.sort_by_key(|(name, _)| *name);
        named
    }
}

/// Shows how many there are: values may be secrets.
impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capture({} variables)", self.0.len())
    }
}
