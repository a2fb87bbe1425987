//! The steps that must not be torn apart, each on one key.

use std::time::Duration;

use palisade_redis::{
    Script,
    redis::{Cmd, cmd},
};

use super::{
    claims::{LONGEST_CLAIM, reader_head},
    millis,
};
use crate::{CacheKey, Over, Token, Ttl};

/// The claim that `claim.lua` was asked for is granted.
pub(super) const GRANTED: i64 = 0;

/// A key holds `v1 …`, a value; `r1 …`, the claim of a reader; `w1 …`, that of a writer; or `x1 …`, when several write.
/// Scripts tell the four apart by three bytes, and leave it to the caller whether they are sealed.
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) renew: Script,
    pub(super) release: Script,
    pub(super) fill: Script,
    pub(super) delete: Script,
    pub(super) begin_write: Script,
    pub(super) end_write: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            claim: bounded(include_str!("claim.lua")),
            renew: Script::new(include_str!("renew.lua")),
            release: Script::new(include_str!("release.lua")),
            fill: Script::new(include_str!("fill.lua")),
            delete: Script::new(include_str!("delete.lua")),
            begin_write: bounded(concat!(include_str!("writers.lua"), include_str!("begin_write.lua"))),
            end_write: bounded(concat!(include_str!("writers.lua"), include_str!("end_write.lua"))),
        }
    }

    pub(super) fn claim(&self, name: &str, sealed: String, span: Duration) -> Cmd {
        let mut call = self.claim.call(name);
        call.arg(sealed).arg(claim_millis(span));
        call
    }

    pub(super) fn renew(&self, name: &str, claim: Token, span: Duration) -> Cmd {
        let mut call = self.renew.call(name);
        call.arg(reader_head(claim)).arg(claim_millis(span));
        call
    }

    pub(super) fn release(&self, name: &str, claim: Token) -> Cmd {
        let mut call = self.release.call(name);
        call.arg(reader_head(claim));
        call
    }

    pub(super) fn fill(
        &self,
        name: &str,
        over: Over,
        channel: &str,
        key: &CacheKey,
        (frame, ttl): (Vec<u8>, Ttl),
    ) -> Cmd {
        let mut call = self.fill.call(name);
        match over {
            Over::Claim(claim) => call.arg(reader_head(claim)),
            Over::Value(version) => call.arg(format!("v1 {version:016x}")),
        };
        call.arg(frame).arg(millis(ttl.duration()));
        if let Over::Value(_) = over {
            call.arg(channel).arg(told(key));
        }
        call
    }

    pub(super) fn delete(&self, name: &str, channel: &str, key: &CacheKey) -> Cmd {
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
        writer: String,
        span: Duration,
        channel: &str,
        key: &CacheKey,
    ) -> Cmd {
        let mut call = self.begin_write.call(name);
        call.arg(writer).arg(claim_millis(span)).arg(channel).arg(told(key));
        call
    }

    pub(super) fn end_write(
        &self,
        name: &str,
        writer: String,
        channel: &str,
        key: &CacheKey,
        sealed: Option<(Vec<u8>, Ttl)>,
    ) -> Cmd {
        let mut call = self.end_write.call(name);
        call.arg(writer).arg(channel).arg(told(key));
        if let Some((frame, ttl)) = sealed {
            call.arg(frame).arg(millis(ttl.duration()));
        }
        call
    }
}

/// A script that knows how long a claim lasts at most.
fn bounded(text: &str) -> Script {
    Script::new(&format!("local longest = {LONGEST_CLAIM}\n{text}"))
}

fn claim_millis(span: Duration) -> u64 {
    millis(span).min(LONGEST_CLAIM)
}

/// The message that a key is no longer what it was.
pub(super) fn told(key: &CacheKey) -> String {
    format!("k{key}")
}
