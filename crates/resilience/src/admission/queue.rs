//! Free permits, and callers in order, without waiting.

use std::collections::BTreeMap;

use tokio::{sync::oneshot, time::Instant};

use super::{AdmissionPermit, QueueBounds, QueueCounters, STANDING, Turn};

/// Callers by ticket, the oldest first.
type Callers = BTreeMap<u64, oneshot::Sender<AdmissionPermit>>;

/// State of an [`AdmissionQueue`](super::AdmissionQueue).
pub(super) struct Queue {
    bounds: QueueBounds,
    available: u32,
    next_ticket: u64,
    resumed: Callers,
    new: Callers,
    /// Since when callers have been waiting without a pause.
    standing_since: Option<Instant>,
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
    pub(super) const fn new(permits: u32, bounds: QueueBounds) -> Self {
        Self {
            bounds,
            available: permits,
            next_ticket: 0,
            resumed: BTreeMap::new(),
            new: BTreeMap::new(),
            standing_since: None,
        }
    }

    pub(super) fn is_overloaded(&self, now: Instant) -> bool {
        self.standing_since.is_some_and(|since| now.saturating_duration_since(since) >= STANDING)
    }

    /// Takes a permit if one is free and nobody waits for it; whether it did.
    pub(super) fn take(&mut self) -> bool {
        let free = self.available > 0 && self.is_empty();
        if free {
            self.available -= 1;
        }
        free
    }

    /// Takes a permit, or a place in the queue.
    pub(super) fn enter(&mut self, turn: Turn, now: Instant) -> Entry {
        if self.take() {
            return Entry::Admitted;
        }
        let mut evicted = None;
        if self.callers(turn).len() >= self.bounds.waiting as usize {
            if turn == Turn::Resumed || !self.serves_newest_first(now) {
                return Entry::Full;
            }
            match self.new.pop_first() {
                Some((_, oldest)) => evicted = Some(oldest),
                None => return Entry::Full,
            }
        }
        let (caller, granted) = oneshot::channel();
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.callers(turn).insert(ticket, caller);
        self.standing_since.get_or_insert(now);
        Entry::Queued { ticket, granted, evicted }
    }

    /// Adds a free permit.
    pub(super) const fn add(&mut self) {
        self.available = self.available.saturating_add(1);
    }

    /// The caller that gets a free permit now, which is taken from here on.
    pub(super) fn next(&mut self, now: Instant) -> Option<oneshot::Sender<AdmissionPermit>> {
        if self.available == 0 {
            return None;
        }
        let newest_first = self.serves_newest_first(now);
        let next = self.resumed.pop_first().or_else(|| match newest_first {
            true => self.new.pop_last(),
            false => self.new.pop_first(),
        });
        self.note_if_empty();
        let (_, caller) = next?;
        self.available -= 1;
        Some(caller)
    }

    /// Removes a caller that waits no longer.
    pub(super) fn leave(&mut self, turn: Turn, ticket: u64) {
        self.callers(turn).remove(&ticket);
        self.note_if_empty();
    }

    pub(super) fn counters(&self) -> QueueCounters {
        let waiting = u32::try_from(self.new.len() + self.resumed.len()).unwrap_or(u32::MAX);
        QueueCounters { available: self.available, waiting, refused: 0 }
    }

    fn serves_newest_first(&self, now: Instant) -> bool {
        self.bounds.overloaded_wait.is_some() && self.is_overloaded(now)
    }

    const fn callers(&mut self, turn: Turn) -> &mut Callers {
        match turn {
            Turn::New => &mut self.new,
            Turn::Resumed => &mut self.resumed,
        }
    }

    fn is_empty(&self) -> bool {
        self.new.is_empty() && self.resumed.is_empty()
    }

    fn note_if_empty(&mut self) {
        if self.is_empty() {
            self.standing_since = None;
        }
    }
}
