//! Units of work as a service, and `api events`: what has not reached those who hear of it.

use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use palisade_core::{Clock as _, SystemClock};
use palisade_events::{Outbox, Units, Waiting};
use uuid::Uuid;

use crate::{
    domain::{Command, CommandContext},
    exit::Exit,
    failure::Failure,
    foundation::Foundation,
    print::print,
};

/// Opens units of work.
pub(crate) async fn units(foundation: Arc<Foundation>) -> Result<Units, Failure> {
    Ok(foundation.units().clone())
}

#[derive(Debug, Subcommand)]
enum EventsCommand {
    /// List the deliveries of events that wait, those that were given up first
    List,
    /// Try a delivery at once, or anew all that were given up; running servers make them
    Retry(Which),
    /// Remove a delivery, or all that were given up; their subscribers never hear of them
    Discard(Which),
}

#[derive(Debug, Args)]
#[group(required = true)]
struct Which {
    /// The delivery
    #[arg(value_name = "ID", group = "which")]
    id: Option<Uuid>,
    /// All that were given up
    #[arg(long, group = "which")]
    all: bool,
}

/// `api events`.
pub(crate) fn command() -> Command {
    Command::group::<EventsCommand>("events", "See and repeat what has not reached its subscribers", run)
}

fn run(context: CommandContext, command: EventsCommand) -> Result<Exit, Failure> {
    context.with_services(async |services| {
        let units = services.find::<Units>()?;
        let outbox = units.outbox().ok_or_else(|| anyhow!("events are kept nowhere"))?;
        answer(outbox, command).await.map_err(|error| anyhow::Error::from(error).into())
    })
}

async fn answer(outbox: &Outbox, command: EventsCommand) -> Result<Exit, palisade_database::Error> {
    match command {
        EventsCommand::List => {
            let counts = outbox.counts().await?;
            print(&format!("{} waiting, {} given up", counts.pending, counts.given_up));
            outbox.list().await?.iter().for_each(|delivery| print(&line(delivery)));
        }
        EventsCommand::Retry(which) => {
            let count = outbox.retry(which.id, SystemClock.now()).await?;
            return Ok(told(count, "will be tried anew", &which));
        }
        EventsCommand::Discard(which) => {
            let count = outbox.discard(which.id).await?;
            return Ok(told(count, "removed", &which));
        }
    }
    Ok(Exit::Clean)
}

fn told(count: u64, what: &str, which: &Which) -> Exit {
    print(&format!("{count} {what}"));
    match (count, which.id) {
        (0, Some(_)) => Exit::Failed,
        _ => Exit::Clean,
    }
}

fn line(delivery: &Waiting) -> String {
    let Waiting { id, event, subscriber, recorded_at, attempts, due_at, problem } = delivery;
    let when = due_at.map_or_else(|| "given up".to_owned(), |due| format!("due {}", due.format("%FT%TZ")));
    let problem = problem.as_deref().map(|problem| format!(": {problem}")).unwrap_or_default();
    format!(
        "{id} {event} → {subscriber}, recorded {}, tried {attempts} times, {when}{problem}",
        recorded_at.format("%FT%TZ")
    )
}
