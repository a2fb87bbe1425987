//! Any order of events gives what a plain queue gives.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    pin::Pin,
};

use futures_util::FutureExt as _;
use palisade_http::load_shed::{Capacity, Permit};
use proptest::prelude::*;

use super::bounds;

#[derive(Debug, Clone, Copy)]
enum Event {
    /// A request comes, and is not ready to wait.
    Take,
    /// A request comes, and waits if it must.
    Wait,
    /// One of those who wait looks whether it is its turn.
    Look(usize),
    /// One of those who wait goes away, its turn or not.
    Leave(usize),
    /// One in flight is done.
    Finish(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let any = || any::<usize>();
    prop_oneof![
        Just(Event::Take),
        Just(Event::Wait),
        Just(Event::Wait),
        any().prop_map(Event::Look),
        any().prop_map(Event::Leave),
        any().prop_map(Event::Finish),
    ]
}

const IN_FLIGHT: usize = 2;
const QUEUED: usize = 3;

/// What should be.
#[derive(Debug, Default)]
struct Model {
    in_flight: usize,
    queue: VecDeque<usize>,
    granted: BTreeSet<usize>,
    shed: u64,
}

impl Model {
    fn finish(&mut self) {
        match self.queue.pop_front() {
            Some(next) => drop(self.granted.insert(next)),
            None => self.in_flight -= 1,
        }
    }
}

type Waiting<'a> = Pin<Box<dyn Future<Output = Option<Permit<'a>>> + 'a>>;

#[derive(Default)]
struct Real<'a> {
    permits: Vec<Permit<'a>>,
    waiting: BTreeMap<usize, Waiting<'a>>,
    arrived: usize,
}

fn happen<'a>(event: Event, capacity: &'a Capacity, real: &mut Real<'a>, model: &mut Model) {
    let chosen =
        |index: usize, real: &Real<'_>| real.waiting.keys().nth(index % real.waiting.len().max(1)).copied();
    match event {
        Event::Take => {
            let has_room = model.queue.is_empty() && model.in_flight < IN_FLIGHT;
            model.in_flight += usize::from(has_room);
            let permit = capacity.take();
            assert_eq!(permit.is_some(), has_room);
            real.permits.extend(permit);
        }
        Event::Wait => {
            let mut waiting: Waiting<'a> = Box::pin(capacity.wait());
            match (&mut waiting).now_or_never() {
                Some(Some(permit)) => {
                    assert!(model.queue.is_empty() && model.in_flight < IN_FLIGHT);
                    model.in_flight += 1;
                    real.permits.push(permit);
                }
                Some(None) => {
                    assert_eq!((model.in_flight, model.queue.len()), (IN_FLIGHT, QUEUED));
                    model.shed += 1;
                }
                None => {
                    assert!(model.in_flight == IN_FLIGHT && model.queue.len() < QUEUED);
                    model.queue.push_back(real.arrived);
                    real.waiting.insert(real.arrived, waiting);
                    real.arrived += 1;
                }
            }
        }
        Event::Look(index) => {
            let Some(id) = chosen(index, real) else { return };
            let outcome = real.waiting.get_mut(&id).unwrap().now_or_never();
            assert_eq!(outcome.is_some(), model.granted.remove(&id));
            if let Some(permit) = outcome {
                real.permits.push(permit.expect("patience has not run out"));
                real.waiting.remove(&id);
            }
        }
        Event::Leave(index) => {
            let Some(id) = chosen(index, real) else { return };
            real.waiting.remove(&id);
            if model.granted.remove(&id) {
                model.finish();
            }
            model.queue.retain(|present| *present != id);
        }
        Event::Finish(index) => {
            if !real.permits.is_empty() {
                drop(real.permits.swap_remove(index % real.permits.len()));
                model.finish();
            }
        }
    }
}

proptest! {
    #[test]
    fn any_order_of_events_gives_what_a_plain_queue_gives(events in prop::collection::vec(event(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _timers = runtime.enter();
        let capacity = Capacity::new(bounds(IN_FLIGHT as u32, QUEUED as u32));
        let (mut real, mut model) = (Real::default(), Model::default());
        for event in events {
            happen(event, &capacity, &mut real, &mut model);
            prop_assert_eq!(capacity.in_flight() as usize, model.in_flight);
            prop_assert_eq!(capacity.queued() as usize, model.queue.len());
            prop_assert_eq!(capacity.shed(), model.shed);
        }
        drop(real);
        prop_assert_eq!((capacity.in_flight(), capacity.queued()), (0, 0));
    }
}
