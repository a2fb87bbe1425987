//! The command line. Each command is a file under `cli/`; domains bring more.

mod cache;
mod config;
mod docs;
mod health;
mod migrate;
mod routes;
mod serve;

use std::{fmt::Write as _, process::ExitCode, sync::Arc};

use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::{commands, exit::Exit, failure::Failure, program::Program, server::Server, settings::Loaded};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What stands before or behind any command.
#[derive(Debug, Args)]
struct Shared {
    /// Sets one setting over every other source; may be repeated: `--set server.port=9000`
    #[arg(long, short, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the management listener (the default)
    Serve,
    /// Apply the pending database migrations, or show them
    Migrate(migrate::Arguments),
    /// Look into the cache that the servers share, and forget what it holds
    #[command(subcommand)]
    Cache(cache::Command),
    /// Check, show or explain the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// List the routes with who may call them
    Routes,
    /// Ask a running server for its health; exits 0 when it is ready
    Health,
    /// Write the generated documents, or check that they are fresh
    Docs(docs::Arguments),
}

impl Server {
    /// Runs the command line of this process.
    #[must_use]
    pub fn main(self) -> ExitCode {
        let ended = self.build().map_err(Failure::from).and_then(|program| {
            let matches = described(&program).get_matches();
            run(&program, &matches)
        });
        ended
            .unwrap_or_else(|failure| {
                failure.report();
                failure.exit()
            })
            .into()
    }
}

/// Every command, those of domains before those that are about the program itself.
fn described(program: &Program) -> clap::Command {
    let commands = program.commands().map(|command| (command.describe)(command.name, command.about));
    Arguments::command()
        .name(program.facts.name)
        .bin_name(program.facts.name)
        .version(program.facts.version)
        .about(program.about)
        .max_term_width(100)
        .subcommands(commands)
}

fn run(program: &Arc<Program>, matches: &ArgMatches) -> Result<Exit, Failure> {
    if let Some((name, theirs)) = matches.subcommand()
        && let Some(command) = program.commands().find(|command| command.name == name)
    {
        let overrides = parsed(Shared::from_arg_matches(matches))?.set;
        let loaded = program.load_settings(&overrides)?;
        let context = commands::context(program, loaded.settings.clone());
        let outcome = (command.run)(context, theirs);
        return outcome.map_err(|failure| with_origin(failure, &loaded));
    }
    let Arguments { shared, command } = parsed(Arguments::from_arg_matches(matches))?;
    let overrides = shared.set;
    match command {
        // The documents are made from the defaults alone: no configuration can spoil them.
        Some(Command::Docs(arguments)) => docs::run(program, &arguments),
        Some(Command::Config(command)) => config::run(program, &command, &overrides),
        command => with_settings(program, command.unwrap_or(Command::Serve), overrides),
    }
}

fn with_settings(program: &Arc<Program>, command: Command, overrides: Vec<String>) -> Result<Exit, Failure> {
    let loaded = program.load_settings(&overrides)?;
    let settings = loaded.settings.clone();
    let outcome = match command {
        Command::Serve => serve::run(program, &loaded, overrides),
        Command::Migrate(arguments) => migrate::run(program, &arguments, &settings),
        Command::Cache(command) => cache::run(program, &command, &settings),
        Command::Routes => routes::run(program, &settings),
        Command::Health => health::run(&settings),
        Command::Docs(_) | Command::Config(_) => Ok(Exit::Clean),
    };
    outcome.map_err(|failure| with_origin(failure, &loaded))
}

fn parsed<T>(read: Result<T, clap::Error>) -> Result<T, Failure> {
    read.map_err(|error| Failure::Configuration(error.to_string()))
}

/// The failure, in which a setting is named with where its value comes from.
fn with_origin(failure: Failure, loaded: &Loaded) -> Failure {
    match failure {
        Failure::Setting { key, message } => Failure::Configuration(loaded.reject(key, message).to_string()),
        Failure::NotThere { key, mut message } => {
            if let (Some(setting), Some(origin)) = (loaded.schema().find(key), loaded.origin(key)) {
                // Writing to a string cannot fail.
                let _ = write!(message, "\n  {} is set by: {origin}", setting.variable);
            }
            Failure::NotThere { key, message }
        }
        other => other,
    }
}
