//! What a proxy has seen.

use std::sync::atomic::{AtomicU64, Ordering};

use super::mode::Direction;

/// What has reached a proxy since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Connections that were accepted.
    pub connections: u64,
    /// Bytes read from clients. What arrives on a new connection during a black hole is read only after it.
    pub questions: u64,
    /// Bytes read from the server.
    pub answers: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    connections: AtomicU64,
    questions: AtomicU64,
    answers: AtomicU64,
}

impl Counters {
    pub(super) fn accepted(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn read(&self, direction: Direction, bytes: usize) {
        let counter = match direction {
            Direction::Questions => &self.questions,
            Direction::Answers => &self.answers,
        };
        counter.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            connections: self.connections.load(Ordering::SeqCst),
            questions: self.questions.load(Ordering::SeqCst),
            answers: self.answers.load(Ordering::SeqCst),
        }
    }
}
