//! A private MariaDB, which stands for MySQL.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{
    binaries::find,
    ready,
    server::{Plan, Server, is_a_server},
    supervisor::{run_as, server_user},
};

/// Nothing here must survive a power cut; much of it must be fast.
const OPTIONS: &[&str] = &[
    "skip-name-resolve",
    "skip-log-bin",
    "max-connections=300",
    "innodb-buffer-pool-size=64M",
    "innodb-log-file-size=16M",
    "innodb-flush-log-at-trx-commit=0",
    "innodb-flush-method=nosync",
    "performance-schema=off",
];

/// A MariaDB server of this process. User `root` needs no password.
pub struct MariaDb(Server);

impl MariaDb {
    /// Makes a new data folder and starts a server on it.
    ///
    /// # Errors
    /// When MariaDB is not installed or does not start.
    pub fn start() -> Result<Self> {
        let install = find(&["mariadb-install-db", "mysql_install_db"], "mariadb-server")?;
        let mariadbd = find(&["mariadbd", "mysqld"], "mariadb-server")?;
        let user = server_user("mysql")?;
        let prepare = |folder: &Path| {
            let mut command = run_as(user.as_ref(), &install);
            command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
            command.arg("--skip-name-resolve").arg(format!("--datadir={}", folder.join("data").display()));
            let output = command.current_dir(folder).output().context("running mariadb-install-db")?;
            ensure!(
                output.status.success(),
                "mariadb-install-db: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            Ok(())
        };
        let command = |folder: &Path, port: u16| {
            let place = |option: &str, name: &str| format!("--{option}={}", folder.join(name).display());
            let mut command = vec![mariadbd.display().to_string(), "--no-defaults".to_owned()];
            command.extend([place("datadir", "data"), place("socket", "socket"), place("pid-file", "pid")]);
            command.extend([format!("--port={port}"), "--bind-address=127.0.0.1".to_owned()]);
            command.extend(OPTIONS.iter().map(|option| format!("--{option}")));
            command
        };
        let plan = Plan {
            name: "mariadb",
            user: user.clone(),
            prepare: &prepare,
            command: &command,
            is_ready: ready::mariadb,
        };
        Server::start(&plan).map(Self)
    }

    /// Where it is; the database is `mysql`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/mysql", self.port())
    }
}

is_a_server!(MariaDb);
