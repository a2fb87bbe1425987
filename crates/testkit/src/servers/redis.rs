//! A private Redis.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{
    binaries::find,
    ready,
    server::{Plan, Server, free_port, is_a_server},
};

/// How long one node needs at most to call itself a cluster.
const FORMED_WITHIN: Duration = Duration::from_secs(30);

/// A Redis server of this process, without a password and without persistence.
pub struct Redis(Server);

impl Redis {
    /// Starts an empty server.
    ///
    /// # Errors
    /// When Redis is not installed or does not start.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// Starts an empty cluster of one node, which has all slots. It refuses commands and scripts whose keys lie in
    /// different ones.
    ///
    /// # Errors
    /// When Redis (7 or newer) is not installed or does not start.
    pub fn start_cluster() -> Result<Self> {
        let bus = free_port()?.to_string();
        let server = Self::start_with(&["--cluster-enabled", "yes", "--cluster-port", &bus])?;
        ensure!(
            server.ask("CLUSTER ADDSLOTSRANGE 0 16383")?.starts_with("+OK"),
            "the slots are not given out"
        );
        let deadline = Instant::now() + FORMED_WITHIN;
        // A key can be asked for once the node serves its slots.
        while server.ask("EXISTS x")?.starts_with("-CLUSTERDOWN") {
            ensure!(Instant::now() < deadline, "the cluster does not form");
            std::thread::yield_now();
        }
        Ok(server)
    }

    fn start_with(options: &[&str]) -> Result<Self> {
        let redis = find(&["redis-server", "valkey-server"], "redis-server")?.display().to_string();
        let command = |folder: &Path, port: u16| {
            let (port, folder) = (port.to_string(), folder.display().to_string());
            let own = [&redis, "--port", &port, "--bind", "127.0.0.1", "--dir", &folder];
            let forgetful = ["--save", "", "--appendonly", "no"];
            own.iter().chain(&forgetful).chain(options).map(|word| (*word).to_owned()).collect()
        };
        let plan = Plan {
            name: "redis",
            user: None,
            prepare: &|_| Ok(()),
            command: &command,
            is_ready: ready::redis,
        };
        Server::start(&plan).map(Self)
    }

    /// The first line of the answer to a command, which is sent as a line of words.
    ///
    /// # Errors
    /// When the server gives none.
    pub fn ask(&self, command: &str) -> Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port()))?;
        connection.set_read_timeout(Some(FORMED_WITHIN))?;
        connection.write_all(format!("{command}\r\n").as_bytes())?;
        let mut answer = String::new();
        BufReader::new(connection).read_line(&mut answer)?;
        Ok(answer)
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }
}

is_a_server!(Redis);
