//! The command line of `api`. Each command is a file under `cli/`.

mod cache;
mod config;
mod docs;
mod health;
mod migrate;
mod routes;
mod serve;
mod users;

use std::{io::Write as _, process::ExitCode};

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::{exit::Exit, failure::Failure, settings};

/// The Palisade server. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "api", version, about, max_term_width = 100)]
struct Arguments {
    /// Sets one setting over every other source; may be repeated: `--set server.port=9000`
    #[arg(long, short, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(subcommand)]
    command: Option<Command>,
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
    /// Manage users
    #[command(subcommand)]
    Users(users::Command),
    /// List the routes with who may call them
    Routes,
    /// Ask a running server for its health; exits 0 when it is ready
    Health,
    /// Write the generated documents, or check that they are fresh
    Docs(docs::Arguments),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report();
            failure.exit().into()
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Failure> {
    // The documents are made from the defaults alone: no configuration can spoil them.
    if let Some(Command::Docs(arguments)) = &arguments.command {
        return docs::run(arguments);
    }
    if let Some(Command::Config(command)) = &arguments.command {
        return config::run(command, &arguments.set);
    }
    let loaded = settings::load(&arguments.set)?;
    let settings = loaded.settings.clone();
    let outcome = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&loaded, arguments.set),
        Command::Migrate(arguments) => migrate::run(&arguments, settings),
        Command::Cache(command) => cache::run(&command, &settings),
        Command::Users(command) => users::run(&command, settings),
        Command::Routes => routes::run(&settings),
        Command::Health => health::run(&settings),
        Command::Docs(_) | Command::Config(_) => Ok(Exit::Clean),
    };
    outcome.map_err(|failure| failure.with_origin(&loaded))
}

/// The runtime of a command that is not the server.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("the runtime does not start")?)
}

/// Writes a line to standard output. A reader that has gone away (`| head`) is no failure.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
