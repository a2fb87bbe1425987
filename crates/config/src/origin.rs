//! Where a value comes from.

use std::fmt;

/// Where a value comes from. It shows as an operator would look for it: `palisade.toml:12`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// The built-in default.
    Default,
    /// A settings file.
    File {
        /// Its name.
        name: String,
        /// The line of the key, from 1.
        line: usize,
    },
    /// A source of the program's own.
    Source(String),
    /// A variable in `.env`.
    DotEnv {
        /// The line it starts on, from 1.
        line: usize,
        /// The variable.
        variable: String,
    },
    /// A variable of the process environment.
    Variable(String),
    /// The command line.
    CommandLine {
        /// The flag that gave it.
        flag: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Source(name) => f.write_str(name),
            Self::DotEnv { line, variable } if variable.is_empty() => write!(f, ".env:{line}"),
            Self::DotEnv { line, variable } => write!(f, ".env:{line} ({variable})"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::CommandLine { flag } => write!(f, "command line ({flag})"),
        }
    }
}
