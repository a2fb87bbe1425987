//! A private PostgreSQL.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{
    binaries::find_postgres,
    ready,
    server::{Plan, Server, is_a_server},
    supervisor::{run_as, server_user},
};

/// Nothing here must survive a power cut; much of it must be fast.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=64MB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
];

/// A PostgreSQL server of this process. User `postgres` needs no password.
pub struct Postgres(Server);

impl Postgres {
    /// Makes a new cluster and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// The same with further settings, such as `max_connections=20`.
    ///
    /// # Errors
    /// As of [`Self::start`].
    pub fn start_with(settings: &[&str]) -> Result<Self> {
        let (initdb, postgres) = (find_postgres("initdb")?, find_postgres("postgres")?);
        let user = server_user("postgres")?;
        let prepare = |folder: &Path| {
            let mut command = run_as(user.as_ref(), &initdb);
            command.args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
            ]);
            let output =
                command.arg(folder.join("data")).current_dir(folder).output().context("running initdb")?;
            ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
            Ok(())
        };
        let command = |folder: &Path, port: u16| {
            let mut command = vec![postgres.display().to_string()];
            command.extend(["-D".to_owned(), folder.join("data").display().to_string(), format!("-p{port}")]);
            command.extend(SETTINGS.iter().chain(settings).map(|setting| format!("-c{setting}")));
            command
        };
        let plan = Plan {
            name: "postgres",
            user: user.clone(),
            prepare: &prepare,
            command: &command,
            is_ready: ready::postgres,
        };
        Server::start(&plan).map(Self)
    }

    /// Where it is; the database is `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port())
    }
}

is_a_server!(Postgres);
