//! Lua scripts that the server keeps by their hash.

use redis::{Cmd, cmd};

/// A Lua script, run as `EVALSHA` so that only its hash travels. A server that does not know it (it restarted, or its
/// scripts were flushed) is given the text on the way.
#[derive(Debug, Clone)]
pub struct Script {
    code: String,
    hash: String,
}

impl Script {
    /// Takes the text. Nothing is sent.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), hash: redis::Script::new(code).get_hash().to_owned() }
    }

    /// A call on one key, to which the caller adds the arguments. A script that touches several keys of a cluster could
    /// not run, so none does.
    #[must_use]
    pub fn call(&self, key: &str) -> Cmd {
        let mut call = Cmd::with_capacity(8, 64 + self.hash.len() + key.len());
        call.arg("EVALSHA").arg(&self.hash).arg(1).arg(key);
        call
    }

    pub(crate) fn load(&self) -> Cmd {
        let mut load = cmd("SCRIPT");
        load.arg("LOAD").arg(&self.code);
        load
    }
}
