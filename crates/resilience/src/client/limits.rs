//! How much an upstream may take.

use std::time::Duration;

/// How much a call to an upstream may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take to resolve the name, connect and agree on TLS.
    pub connect: Duration,
    /// How long one attempt may take, from the name to the last byte of the answer, redirects included.
    pub attempt: Duration,
    /// How long all attempts may take, with the waits between them.
    pub total: Duration,
    /// How long the body of an answer may be, in bytes.
    pub body: usize,
    /// How many redirects are followed; with 0 a redirect is an answer like others.
    pub redirects: u8,
    /// How many connections to one origin are kept for the next request.
    pub idle_connections: usize,
    /// How long they are kept.
    pub idle: Duration,
}

impl Default for Limits {
    /// 3 s to connect, 10 s for an attempt, 30 s in all; 1 MiB; 5 redirects; 16 connections kept for 30 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(10),
            total: Duration::from_secs(30),
            body: 1_024 * 1_024,
            redirects: 5,
            idle_connections: 16,
            idle: Duration::from_secs(30),
        }
    }
}
