//! A private PgBouncer, a pooler before a PostgreSQL.

use std::{fs, os::unix::fs::chown, path::Path};

use anyhow::Result;

use super::{
    Postgres,
    binaries::find,
    ready,
    server::{Plan, Server, is_a_server},
    supervisor::server_user,
};

/// A PgBouncer of this process in transaction mode: between two transactions, a client's session is lent to others.
/// User `postgres` needs no password.
pub struct PgBouncer(Server);

impl PgBouncer {
    /// Starts one with at most `sessions` connections to the server. `settings` are further lines of its
    /// configuration, such as `max_client_conn = 5`.
    ///
    /// # Errors
    /// When PgBouncer is not installed or does not start.
    pub fn start(server: &Postgres, sessions: u32, settings: &str) -> Result<Self> {
        let pgbouncer = find(&["pgbouncer"], "pgbouncer")?.display().to_string();
        // It refuses to run as root, as the server does.
        let user = server_user("postgres")?;
        let server = server.port();
        // The configuration alone can name the port, and is written before the port is known.
        let script = "echo \"listen_port = $2\" >>\"$1/ini\" && exec \"$0\" -q \"$1/ini\"";
        let command = |folder: &Path, port: u16| {
            let (folder, port) = (folder.display().to_string(), port.to_string());
            vec!["sh".to_owned(), "-c".to_owned(), script.to_owned(), pgbouncer.clone(), folder, port]
        };
        let owner = user.clone();
        let prepare = |folder: &Path| {
            let (users, ini) = (folder.join("users"), folder.join("ini"));
            fs::write(&users, "\"postgres\" \"\"\n")?;
            let text = format!(
                "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = transaction\n\
                 default_pool_size = {sessions}\n{settings}\n",
                users.display()
            );
            fs::write(&ini, text)?;
            if let Some(owner) = &owner {
                for path in [&users, &ini] {
                    chown(path, Some(owner.uid.as_raw()), Some(owner.gid.as_raw()))?;
                }
            }
            Ok(())
        };
        let plan =
            Plan { name: "pgbouncer", user, prepare: &prepare, command: &command, is_ready: ready::postgres };
        Server::start(&plan).map(Self)
    }

    /// Where the server's database `name` is reached through it.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port())
    }
}

is_a_server!(PgBouncer);
