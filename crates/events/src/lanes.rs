//! What waits in this process to be delivered: a bounded queue for each subscriber, so that a slow one delays only itself.

use std::collections::HashMap;

use tokio::sync::mpsc::{self, OwnedPermit, Receiver, Sender};

use crate::delivery::Job;

/// How many deliveries wait for one subscriber. What finds no place waits in the database.
const WAITING: usize = 256;

/// The queues, by subscriber.
#[derive(Debug, Default)]
pub(crate) struct Lanes(HashMap<&'static str, Sender<Job>>);

/// A place in a queue, for a delivery that is not certain yet.
pub(crate) type Place = OwnedPermit<Job>;

impl Lanes {
    /// A queue for each of these, and the ends from which they are read.
    pub(crate) fn new(
        subscribers: impl Iterator<Item = &'static str>,
    ) -> (Self, Vec<(&'static str, Receiver<Job>)>) {
        let mut lanes = Self::default();
        let mut ends = Vec::new();
        for subscriber in subscribers {
            let (sender, receiver) = mpsc::channel(WAITING);
            lanes.0.insert(subscriber, sender);
            ends.push((subscriber, receiver));
        }
        (lanes, ends)
    }

    /// A place for one more delivery to a subscriber, if there is one.
    pub(crate) fn reserve(&self, subscriber: &str) -> Option<Place> {
        self.0.get(subscriber)?.clone().try_reserve_owned().ok()
    }

    /// Places for up to `most` deliveries to a subscriber.
    pub(crate) fn reserve_up_to(&self, subscriber: &str, most: usize) -> Vec<Place> {
        std::iter::from_fn(|| self.reserve(subscriber)).take(most).collect()
    }
}
