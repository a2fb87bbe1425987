//! What the application hands in to be read.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::Capture;

/// Where settings are looked for. Without [`in_directory`](Self::in_directory) no file is read.
#[derive(Clone, Default)]
pub struct Sources {
    pub(crate) capture: Capture,
    pub(crate) directory: Option<PathBuf>,
    pub(crate) overrides: Vec<Override>,
    pub(crate) providers: Vec<(String, Provided)>,
}

/// What a provider of figment gave.
type Provided = figment::Result<figment::value::Map<figment::Profile, figment::value::Dict>>;

/// A value from the command line.
#[derive(Clone)]
pub(crate) struct Override {
    pub(crate) flag: String,
    pub(crate) name: String,
    pub(crate) text: Option<String>,
}

impl Sources {
    /// The environment variables alone.
    #[must_use]
    pub fn new(capture: Capture) -> Self {
        Self { capture, ..Self::default() }
    }

    /// Also reads `palisade.toml`, `palisade.{environment}.toml` and `.env` in this directory, each if it is
    /// there. Relative paths of secret files start from it.
    #[must_use]
    pub fn in_directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Adds what a provider of figment gave (`Provider::data`): the tables of its default profile are sections. It is
    /// stronger than the files and weaker than the environment; `name` says in reports where a value comes from.
    #[must_use]
    pub fn provider(mut self, name: impl Into<String>, data: Provided) -> Self {
        self.providers.push((name.into(), data));
        self
    }

    /// Adds a `key=value` from the command line; the key may be `server.port` or `SERVER_PORT`. Of two for
    /// the same setting the later one counts.
    #[must_use]
    pub fn set(mut self, assignment: &str) -> Self {
        let (name, text) = match assignment.split_once('=') {
            Some((name, text)) => (name, Some(text.to_owned())),
            None => (assignment, None),
        };
        self.overrides.push(Override { flag: "--set".to_owned(), name: name.trim().to_owned(), text });
        self
    }

    /// Adds the value of a command line flag that stands for a setting: `("--port", "server.port", "9000")`.
    #[must_use]
    pub fn set_by_flag(mut self, flag: &str, key: &str, text: &str) -> Self {
        self.overrides.push(Override {
            flag: flag.to_owned(),
            name: key.to_owned(),
            text: Some(text.to_owned()),
        });
        self
    }
}

/// Shows no value: any may be a secret.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.overrides.iter().map(|given| &given.name).collect();
        f.debug_struct("Sources")
            .field("capture", &self.capture)
            .field("directory", &self.directory)
            .field("overrides", &names)
            .finish()
    }
}
