//! Free permits, and callers in order, without waiting.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

use super::{AdmissionPermit, QueueBounds, QueueCounters, Turn};

/// A caller that waits, as its number and where to send its permit.
type Caller = (u64, oneshot::Sender<AdmissionPermit>);

/// State of an [`AdmissionQueue`](super::AdmissionQueue).
pub(super) struct Queue {
    bounds: QueueBounds,
    available: u32,
    next_ticket: u64,
    resumed: VecDeque<Caller>,
    line: VecDeque<Caller>,
    served: Served,
    /// The oldest first. It is empty while the line has room.
    overflow: BTreeMap<u64, oneshot::Sender<AdmissionPermit>>,
}

/// What a caller gets at once.
pub(super) enum Entry {
    /// A permit.
    Admitted,
    /// A place in the queue.
    Queued {
        ticket: u64,
        granted: oneshot::Receiver<AdmissionPermit>,
        /// The caller that had to make room.
        evicted: Option<oneshot::Sender<AdmissionPermit>>,
    },
    /// Nothing: the queue is full.
    Full,
}

impl Queue {
    pub(super) fn new(permits: u32, bounds: QueueBounds) -> Self {
        Self {
            bounds,
            available: permits,
            next_ticket: 0,
            resumed: VecDeque::new(),
            line: VecDeque::new(),
            served: Served::new(bounds.line_wait),
            overflow: BTreeMap::new(),
        }
    }

    /// Takes a permit if one is free and nobody waits for it; whether it did.
    pub(super) fn take(&mut self) -> bool {
        let free = self.available > 0 && self.resumed.is_empty() && self.line.is_empty();
        if free {
            self.available -= 1;
        }
        free
    }

    /// Takes a permit, or a place in the queue.
    pub(super) fn enter(&mut self, turn: Turn) -> Entry {
        if self.take() {
            return Entry::Admitted;
        }
        let waiting = self.bounds.waiting as usize;
        let (ticket, (caller, granted)) = (self.next_ticket, oneshot::channel());
        let mut evicted = None;
        match turn {
            Turn::Resumed if self.resumed.len() < waiting => self.resumed.push_back((ticket, caller)),
            Turn::Resumed => return Entry::Full,
            Turn::New => {
                if self.line.len() + self.overflow.len() >= waiting {
                    let Some((_, oldest)) = self.overflow.pop_first() else { return Entry::Full };
                    evicted = Some(oldest);
                }
                match self.overflow.is_empty() && self.line_has_room() {
                    true => self.line.push_back((ticket, caller)),
                    false => drop(self.overflow.insert(ticket, caller)),
                }
            }
        }
        self.next_ticket += 1;
        Entry::Queued { ticket, granted, evicted }
    }

    /// Adds a free permit.
    pub(super) const fn add(&mut self) {
        self.available = self.available.saturating_add(1);
    }

    /// The caller that gets a free permit now, which is taken from here on.
    pub(super) fn next(&mut self) -> Option<oneshot::Sender<AdmissionPermit>> {
        if self.available == 0 {
            return None;
        }
        let (_, caller) = self.resumed.pop_front().or_else(|| self.line.pop_front())?;
        self.available -= 1;
        self.served.count(Instant::now());
        self.fill_line();
        Some(caller)
    }

    /// Removes a caller that waits no longer.
    pub(super) fn leave(&mut self, ticket: u64) {
        if !self.leave_overflow(ticket) {
            self.line.retain(|(waiting, _)| *waiting != ticket);
            self.resumed.retain(|(waiting, _)| *waiting != ticket);
            self.fill_line();
        }
    }

    /// Removes a caller that waits behind the line; whether it did.
    pub(super) fn leave_overflow(&mut self, ticket: u64) -> bool {
        self.overflow.remove(&ticket).is_some()
    }

    pub(super) fn counters(&self) -> QueueCounters {
        let waiting = self.resumed.len() + self.line.len() + self.overflow.len();
        QueueCounters {
            available: self.available,
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            overflowing: !self.overflow.is_empty(),
            refused: 0,
        }
    }

    /// The newest callers behind the line take the places that have become free in it.
    fn fill_line(&mut self) {
        while self.line_has_room()
            && let Some(newest) = self.overflow.pop_last()
        {
            self.line.push_back(newest);
        }
    }

    fn line_has_room(&self) -> bool {
        self.line.len() < self.served.recently().max(self.bounds.line as usize).max(1)
    }
}

/// How many callers are served in a span of time.
struct Served {
    span: Duration,
    since: Instant,
    now: usize,
    /// In the span before this one.
    before: usize,
}

impl Served {
    fn new(span: Duration) -> Self {
        Self { span, since: Instant::now(), now: 0, before: 0 }
    }

    fn count(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        if passed >= self.span {
            self.before = if passed >= self.span * 2 { 0 } else { self.now };
            (self.since, self.now) = (now, 0);
        }
        self.now += 1;
    }

    /// In the last whole span, or in this one already.
    fn recently(&self) -> usize {
        self.before.max(self.now)
    }
}
