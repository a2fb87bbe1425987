//! Commands that a domain adds to the command line.

use std::sync::Arc;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use futures_util::future::LocalBoxFuture;

use crate::{exit::Exit, failure::Failure, runtime::runtime, services::Services, settings::Settings};

type Run = Arc<dyn Fn(CommandContext, &ArgMatches) -> Result<Exit, Failure> + Send + Sync>;
/// Makes the services of the program.
type Open = Box<dyn FnOnce(Settings) -> LocalBoxFuture<'static, Result<Opened, Failure>>>;

/// The names of the server's own commands, which no domain can have.
pub(crate) const COMMANDS: [&str; 8] =
    ["serve", "migrate", "cache", "config", "routes", "health", "docs", "help"];

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
        run: impl Fn(CommandContext, A) -> Result<Exit, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            about,
            describe: |name, about| A::augment_args(clap::Command::new(name).about(about)),
            run: Arc::new(move |context, matches| run(context, read::<A>(matches)?)),
        }
    }

    /// A command with commands of its own `C`, a `clap::Subcommand`.
    #[must_use]
    pub fn group<C: Subcommand>(
        name: &'static str,
        about: &'static str,
        run: impl Fn(CommandContext, C) -> Result<Exit, Failure> + Send + Sync + 'static,
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
            run: Arc::new(move |context, matches| run(context, read::<C>(matches)?)),
        }
    }
}

fn read<T: FromArgMatches>(matches: &ArgMatches) -> Result<T, Failure> {
    T::from_arg_matches(matches).map_err(|error| Failure::Configuration(error.to_string()))
}

/// What a command can use.
pub struct CommandContext {
    settings: Settings,
    open: Open,
}

/// Services, and how to close what they stand on.
pub(crate) struct Opened {
    pub(crate) services: Services,
    pub(crate) close: LocalBoxFuture<'static, ()>,
}

impl CommandContext {
    pub(crate) fn new(settings: Settings, open: Open) -> Self {
        Self { settings, open }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs `command` with the program's services, on a database that has all migrations.
    ///
    /// # Errors
    /// When the services cannot be made, migrations are pending, or the command fails.
    pub fn with_services(
        self,
        command: impl AsyncFnOnce(&Services) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        runtime()?.block_on(async {
            let Opened { services, close } = (self.open)(self.settings).await?;
            let outcome = command(&services).await;
            close.await;
            outcome
        })
    }
}
