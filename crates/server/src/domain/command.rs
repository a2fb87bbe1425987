//! Commands that a domain adds to the command line.

use std::sync::Arc;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};

use crate::{exit::Exit, failure::Failure, program::Program, settings::Settings};

type Run = Arc<dyn Fn(&Arc<Program>, Settings, &ArgMatches) -> Result<Exit, Failure> + Send + Sync>;

/// A command: `api NAME …`.
#[derive(Clone)]
pub struct Command {
    pub(crate) name: &'static str,
    pub(crate) describe: fn(&'static str, &'static str) -> clap::Command,
    pub(crate) about: &'static str,
    pub(crate) run: Run,
}

impl Command {
    /// A command with arguments `A`, a `clap::Args`. It runs after the settings were read.
    #[must_use]
    pub fn new<A: Args>(
        name: &'static str,
        about: &'static str,
        run: impl Fn(&Arc<Program>, Settings, A) -> Result<Exit, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            about,
            describe: |name, about| A::augment_args(clap::Command::new(name).about(about)),
            run: Arc::new(move |program, settings, matches| run(program, settings, read::<A>(matches)?)),
        }
    }

    /// A command with commands of its own `C`, a `clap::Subcommand`.
    #[must_use]
    pub fn group<C: Subcommand>(
        name: &'static str,
        about: &'static str,
        run: impl Fn(&Arc<Program>, Settings, C) -> Result<Exit, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            about,
            describe: |name, about| {
                let command = clap::Command::new(name)
                    .about(about)
                    .subcommand_required(true)
                    .arg_required_else_help(true);
                C::augment_subcommands(command)
            },
            run: Arc::new(move |program, settings, matches| run(program, settings, read::<C>(matches)?)),
        }
    }
}

fn read<T: FromArgMatches>(matches: &ArgMatches) -> Result<T, Failure> {
    T::from_arg_matches(matches).map_err(|error| Failure::Configuration(error.to_string()))
}
