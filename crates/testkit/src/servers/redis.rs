//! A private Redis.

use std::path::Path;

use anyhow::Result;

use super::{
    binaries::find,
    ready,
    server::{Plan, Server, is_a_server},
};

/// A Redis server of this process, without a password and without persistence.
pub struct Redis(Server);

impl Redis {
    /// Starts an empty server.
    ///
    /// # Errors
    /// When Redis is not installed or does not start.
    pub fn start() -> Result<Self> {
        let redis = find(&["redis-server", "valkey-server"], "redis-server")?;
        let command = |folder: &Path, port: u16| {
            let folder = folder.display().to_string();
            let redis = redis.display().to_string();
            [
                &redis,
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--dir",
                &folder,
                "--save",
                "",
                "--appendonly",
                "no",
            ]
            .map(str::to_owned)
            .to_vec()
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

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }
}

is_a_server!(Redis);
