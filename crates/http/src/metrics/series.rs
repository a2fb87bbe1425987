//! The series that one kind of request is measured by.

use std::{fmt, hash::BuildHasher as _, rc::Rc};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use palisade_telemetry::metrics::{Counter, Histogram};

use super::{Metrics, labels};
use crate::logged::UNMATCHED;

/// Most kinds of requests that a worker keeps at hand. It is beyond what routes, methods and statuses there are.
const MOST: usize = 20_000;

/// The series of requests with the same method, route and status.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) requests: Counter,
    pub(super) duration: Histogram,
    pub(super) request_size: Histogram,
    pub(super) response_size: Histogram,
    pub(super) slow: Counter,
    pub(super) anonymous: Counter,
    pub(super) by_user: Counter,
}

impl Series {
    pub(super) fn new(metrics: &Metrics, method: &str, route: &str, status: u16) -> Self {
        let status = labels::status(status);
        // A route that is not there is called by nobody.
        let calls = |caller| match route {
            UNMATCHED => Counter::default(),
            _ => metrics.endpoint_calls.with([route, caller]),
        };
        Self {
            requests: metrics.requests.with([method, route, status.as_str()]),
            duration: metrics.duration.with([method, route, status.as_str()]),
            request_size: metrics.request_size.with([method, route]),
            response_size: metrics.response_size.with([method, route]),
            slow: metrics.slow.with([method, route]),
            anonymous: calls("anonymous"),
            by_user: calls("user"),
        }
    }
}

/// The series that a worker has used.
#[derive(Default)]
pub(super) struct Known {
    table: HashTable<Entry>,
    hasher: FixedState,
}

struct Entry {
    method: &'static str,
    route: Box<str>,
    status: u16,
    series: Rc<Series>,
}

impl Known {
    pub(super) fn find(
        &mut self,
        metrics: &Metrics,
        method: &'static str,
        route: &str,
        status: u16,
    ) -> Rc<Series> {
        let hash = self.hasher.hash_one((method, route, status));
        let same = |entry: &Entry| entry.status == status && entry.method == method && *entry.route == *route;
        if let Some(entry) = self.table.find(hash, same) {
            return Rc::clone(&entry.series);
        }
        if self.table.len() >= MOST {
            self.table.clear();
        }
        let series = Rc::new(Series::new(metrics, method, route, status));
        let entry = Entry { method, route: route.into(), status, series: Rc::clone(&series) };
        let hasher = &self.hasher;
        self.table
            .insert_unique(hash, entry, |entry| hasher.hash_one((entry.method, &*entry.route, entry.status)));
        series
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Known").field(&self.table.len()).finish()
    }
}
