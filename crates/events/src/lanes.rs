//! What this process is to deliver: a bounded queue for each subscriber, so that a slow one delays only itself.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{self, Receiver, Sender},
};

use crate::delivery::Job;

/// How many deliveries one subscriber has in this process. What finds no place waits in the database.
const PLACES: usize = 256;

/// The queues, by subscriber.
#[derive(Debug, Default)]
pub(crate) struct Lanes(HashMap<&'static str, Lane>);

#[derive(Debug)]
struct Lane {
    places: Arc<Semaphore>,
    /// Each delivery in it has a place.
    queue: Sender<Placed>,
}

/// A place in a queue, for a delivery that is not certain yet.
pub(crate) struct Place {
    permit: OwnedSemaphorePermit,
    queue: Sender<Placed>,
}

/// A delivery that keeps its place until it was made.
pub(crate) struct Placed {
    pub(crate) job: Job,
    _permit: OwnedSemaphorePermit,
}

/// Where deliveries come out.
pub(crate) type Queue = Receiver<Placed>;

impl Lanes {
    /// A queue for each of these, and the ends from which they are read.
    pub(crate) fn new(subscribers: impl Iterator<Item = &'static str>) -> (Self, Vec<Queue>) {
        let mut lanes = Self::default();
        let mut ends = Vec::new();
        for subscriber in subscribers {
            let (queue, end) = mpsc::channel(PLACES);
            lanes.0.insert(subscriber, Lane { places: Arc::new(Semaphore::new(PLACES)), queue });
            ends.push(end);
        }
        (lanes, ends)
    }

    /// Whether a subscriber has nothing to hear of in this process.
    pub(crate) fn is_idle(&self, subscriber: &str) -> bool {
        self.0.get(subscriber).is_none_or(|lane| lane.places.available_permits() == PLACES)
    }

    /// A place for one more delivery to a subscriber, if there is one.
    pub(crate) fn reserve(&self, subscriber: &str) -> Option<Place> {
        let Lane { places, queue } = self.0.get(subscriber)?;
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        Some(Place { permit, queue: queue.clone() })
    }

    /// Places for up to `most` deliveries to a subscriber.
    pub(crate) fn reserve_up_to(&self, subscriber: &str, most: usize) -> Vec<Place> {
        std::iter::from_fn(|| self.reserve(subscriber)).take(most).collect()
    }
}

impl Place {
    /// Has it delivered. After a stop, it waits in the database.
    pub(crate) fn send(self, job: Job) {
        let _left_to_others = self.queue.try_send(Placed { job, _permit: self.permit });
    }
}
