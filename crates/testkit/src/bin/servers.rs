//! Runs a command with private PostgreSQL, MariaDB and Redis servers, and stops them when it ends:
//! `testkit-servers -- cargo nextest run`. A server that a variable already names is not started.

use std::{
    env,
    ffi::OsString,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode},
    thread,
};

use anyhow::{Context, Result, anyhow};
use palisade_testkit::servers::{
    MYSQL_VARIABLE, MariaDb, POSTGRES_VARIABLE, Postgres, REDIS_VARIABLE, Redis,
};

fn main() -> Result<ExitCode> {
    let mut words = env::args_os().skip(1).skip_while(|word| word == "--");
    let program = words.next().context("usage: testkit-servers -- command [arguments]")?;
    let (postgres, mariadb, redis) = thread::scope(|scope| {
        let postgres = scope.spawn(|| unless_named(POSTGRES_VARIABLE, Postgres::start));
        let mariadb = scope.spawn(|| unless_named(MYSQL_VARIABLE, MariaDb::start));
        let redis = scope.spawn(|| unless_named(REDIS_VARIABLE, Redis::start));
        (joined(postgres), joined(mariadb), joined(redis))
    });
    let (postgres, mariadb, redis) = (postgres?, mariadb?, redis?);
    let variables = [
        (POSTGRES_VARIABLE, postgres.as_ref().map(Postgres::url)),
        (MYSQL_VARIABLE, mariadb.as_ref().map(MariaDb::url)),
        (REDIS_VARIABLE, redis.as_ref().map(Redis::url)),
    ];
    let variables = variables.into_iter().filter_map(|(name, url)| Some((name, url?)));
    run(&program, words, variables)
}

/// Runs the command and takes over its exit code; ended by a signal, 128 and the signal's number, as shells do.
fn run(
    program: &OsString,
    words: impl Iterator<Item = OsString>,
    variables: impl Iterator<Item = (&'static str, String)>,
) -> Result<ExitCode> {
    let status = Command::new(program)
        .args(words)
        .envs(variables)
        .status()
        .with_context(|| format!("running {}", program.display()))?;
    let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "these variables are the tests' own, not settings of the product"
)]
fn unless_named<S>(variable: &str, start: fn() -> Result<S>) -> Result<Option<S>> {
    if env::var_os(variable).is_some() { Ok(None) } else { start().map(Some) }
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().map_err(|_| anyhow!("a server's starter panicked"))?
}
