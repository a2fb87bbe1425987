//! The steps that must not be torn apart, each on one key.

use std::time::Duration;

use palisade_redis::{
    Script,
    redis::{Cmd, cmd},
};

use super::millis;
use crate::{Key, Over, Tag, Token, Ttl};

/// What `claim.lua` says when there is no value.
pub(super) const GRANTED: i64 = 0;
pub(super) const TAKEN: i64 = 1;

/// A key holds `v1 …`, a value; `r1 {token}` and its tags, a line each, the claim of a reader; `w1 {token}`, that of a
/// writer; or `x1 {token}={until} …`, when several write. Scripts tell the four apart by three bytes.
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
            claim: Script::new(include_str!("claim.lua")),
            renew: Script::new(include_str!("renew.lua")),
            release: Script::new(include_str!("release.lua")),
            fill: Script::new(include_str!("fill.lua")),
            delete: Script::new(include_str!("delete.lua")),
            begin_write: Script::new(concat!(include_str!("writers.lua"), include_str!("begin_write.lua"))),
            end_write: Script::new(concat!(include_str!("writers.lua"), include_str!("end_write.lua"))),
        }
    }

    pub(super) fn claim(&self, name: &str, claim: Token, span: Duration, tags: &[Tag]) -> Cmd {
        // With its tags, so that who renews it renews them.
        let mark = tags.iter().fold(reading(claim), |mark, tag| mark + "\n" + tag.as_str());
        let mut call = self.claim.call(name);
        call.arg(mark).arg(millis(span));
        call
    }

    pub(super) fn renew(&self, name: &str, claim: Token, span: Duration) -> Cmd {
        let mut call = self.renew.call(name);
        call.arg(reading(claim)).arg(millis(span));
        call
    }

    pub(super) fn release(&self, name: &str, claim: Token) -> Cmd {
        let mut call = self.release.call(name);
        call.arg(reading(claim));
        call
    }

    pub(super) fn fill(
        &self,
        name: &str,
        over: Over,
        channel: &str,
        key: &Key,
        (frame, ttl): (Vec<u8>, Ttl),
    ) -> Cmd {
        let mut call = self.fill.call(name);
        match over {
            Over::Claim(claim) => call.arg(reading(claim)),
            Over::Value(version) => call.arg(format!("v1 {version:016x}")),
        };
        call.arg(frame).arg(millis(ttl.duration()));
        if let Over::Value(_) = over {
            call.arg(channel).arg(told(key));
        }
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
        call.arg(format!("{write:016x}")).arg(millis(span)).arg(channel).arg(told(key));
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
        call.arg(format!("{write:016x}")).arg(channel).arg(told(key));
        if let Some((frame, ttl)) = sealed {
            call.arg(frame).arg(millis(ttl.duration()));
        }
        call
    }
}

/// Whether the bytes are the claim of a reader or of writers, and not a value whose first byte somebody has changed.
pub(super) fn is_claim(bytes: &[u8]) -> bool {
    let Some((mark, rest)) = bytes.split_at_checked(3) else { return false };
    let is_token = |token: &[u8]| token.len() == 16 && token.iter().all(u8::is_ascii_hexdigit);
    match mark {
        b"r1 " => rest.split(|byte| *byte == b'\n').next().is_some_and(is_token),
        b"w1 " => is_token(rest),
        b"x1 " => rest.split(|byte| *byte == b' ').all(|writer| {
            writer.split(|byte| *byte == b'=').next().is_some_and(is_token) && writer.len() < 40
        }),
        _ => false,
    }
}

/// The tags of a reader's claim.
pub(super) fn tags_of(claim: &[u8]) -> Vec<Tag> {
    let claim = String::from_utf8_lossy(claim);
    claim.lines().skip(1).filter_map(|tag| Tag::new(tag).ok()).collect()
}

fn reading(claim: Token) -> String {
    format!("r1 {claim:016x}")
}

/// The message that a key is no longer what it was.
pub(super) fn told(key: &Key) -> String {
    format!("k{key}")
}
