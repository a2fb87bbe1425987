//! What a network can do to a connection.

use std::time::Duration;

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Hands everything on.
    Pass,
    /// Closes what is open; new connections are refused.
    Refuse,
    /// Resets what is open (RST) and each new connection once it is there.
    Reset,
    /// Takes connections and bytes and hands nothing on. What it holds flows on when the mode changes.
    BlackHole,
    /// Hands everything on so much later.
    Latency(Duration),
    /// Hands each chunk on between `least` and `most` later, in order. The delays look random and repeat themselves:
    /// the third connection of a proxy meets the same ones in each run.
    Jitter {
        /// The shortest delay.
        least: Duration,
        /// The longest delay.
        most: Duration,
    },
    /// Hands so many bytes of each connection on, counted from the change to this mode, and closes it. With 0 it closes
    /// at the first byte, which is not handed on.
    Cut {
        /// How many bytes still arrive.
        after: usize,
    },
    /// Hands `bytes` on at a time and waits for `every` before the next.
    Drip {
        /// How many at a time, at least one.
        bytes: usize,
        /// How long it waits between.
        every: Duration,
    },
}

impl Mode {
    /// Whether it ends connections, whichever way their bytes go.
    pub(super) const fn ends_connections(self) -> bool {
        matches!(self, Self::Refuse | Self::Reset)
    }
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Questions,
    /// From the server to the client.
    Answers,
}

/// A mode, and which bytes it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) mode: Mode,
    /// The one direction it is limited to.
    only: Option<Direction>,
}

impl Network {
    /// A black hole swallows both directions; what delays, cuts or thins concerns the answers.
    pub(super) const fn usual(mode: Mode) -> Self {
        let only = match mode {
            Mode::Pass | Mode::Refuse | Mode::Reset | Mode::BlackHole => None,
            Mode::Latency(_) | Mode::Jitter { .. } | Mode::Cut { .. } | Mode::Drip { .. } => {
                Some(Direction::Answers)
            }
        };
        Self { mode, only }
    }

    pub(super) const fn one_way(mode: Mode, direction: Direction) -> Self {
        Self { mode, only: Some(direction) }
    }

    /// What happens to bytes that go this way.
    pub(super) fn towards(self, direction: Direction) -> Mode {
        if self.only.is_none_or(|only| only == direction) { self.mode } else { Mode::Pass }
    }
}
