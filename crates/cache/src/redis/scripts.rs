//! The steps that must not be torn apart, each on one key.

use std::time::Duration;

use palisade_redis::{
    Script,
    redis::{Cmd, cmd},
};

use super::millis;
use crate::{Key, Over, Token, Ttl};

/// What `claim.lua` says when there is no value.
pub(super) const GRANTED: i64 = 0;
pub(super) const TAKEN: i64 = 1;

/// A key holds `v1 …`, a value; `r1 …`, the claim of a reader; `w1 …`, that of a writer; or `x1 `, when several write.
/// All four are as long, so that scripts tell them apart by three bytes.
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) renew: Script,
    pub(super) fill: Script,
    pub(super) delete: Script,
    pub(super) begin_write: Script,
    pub(super) end_write: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            claim: Script::new(include_str!("claim.lua")),
            renew: Script::new(include_str!("renew.lua")),
            fill: Script::new(include_str!("fill.lua")),
            delete: Script::new(include_str!("delete.lua")),
            begin_write: Script::new(include_str!("begin_write.lua")),
            end_write: Script::new(include_str!("end_write.lua")),
        }
    }

    pub(super) fn claim(&self, name: &str, claim: Token, span: Duration) -> Cmd {
        let mut call = self.claim.call(name);
        call.arg(reading(claim)).arg(millis(span));
        call
    }

    pub(super) fn renew(&self, name: &str, claim: Token, span: Duration) -> Cmd {
        let mut call = self.renew.call(name);
        call.arg(reading(claim)).arg(millis(span));
        call
    }

    pub(super) fn fill(&self, name: &str, over: Over, frame: &[u8], ttl: Ttl) -> Cmd {
        let wanted = match over {
            Over::Claim(claim) => reading(claim),
            Over::Value(version) => format!("v1 {version:016x}"),
        };
        let mut call = self.fill.call(name);
        call.arg(wanted).arg(frame).arg(millis(ttl.duration()));
        call
    }

    pub(super) fn delete(&self, name: &str, channel: &str, key: &Key) -> Cmd {
        let mut call = self.delete.call(name);
        call.arg(channel).arg(told(key));
        call
    }

    /// Removes exactly these bytes. By its text, because it is rarely needed.
    pub(super) fn delete_if(&self, name: &str, bytes: &[u8]) -> Cmd {
        let mut call = cmd("EVAL");
        call.arg(include_str!("delete_if.lua")).arg(1).arg(name).arg(bytes);
        call
    }

    pub(super) fn begin_write(
        &self,
        name: &str,
        write: Token,
        span: Duration,
        channel: &str,
        key: &Key,
    ) -> Cmd {
        let mut call = self.begin_write.call(name);
        call.arg(writing(write)).arg(millis(span)).arg(channel).arg(told(key));
        call
    }

    pub(super) fn end_write(
        &self,
        name: &str,
        write: Token,
        channel: &str,
        key: &Key,
        sealed: Option<(Vec<u8>, Ttl)>,
    ) -> Cmd {
        let mut call = self.end_write.call(name);
        call.arg(writing(write)).arg(channel).arg(told(key));
        if let Some((frame, ttl)) = sealed {
            call.arg(frame).arg(millis(ttl.duration()));
        }
        call
    }
}

/// Whether the bytes are the claim of a reader or a writer.
pub(super) fn is_claim(bytes: &[u8]) -> bool {
    [&b"r1 "[..], b"w1 ", b"x1 "].iter().any(|mark| bytes.starts_with(mark)) && bytes.len() <= 19
}

pub(super) fn reading(claim: Token) -> String {
    format!("r1 {claim:016x}")
}

fn writing(write: Token) -> String {
    format!("w1 {write:016x}")
}

/// The message that a key is no longer what it was.
pub(super) fn told(key: &Key) -> String {
    format!("k{key}")
}
