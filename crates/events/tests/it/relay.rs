//! Delivery in the background.

use std::{sync::Arc, time::Duration};

use palisade_core::{ManualClock, Parse, RequestContext, RequestId};
use palisade_events::{Delivery, MIGRATIONS, Settings, Subscriptions, Waiting};
use palisade_telemetry::correlation::{self, Correlated};
use palisade_testkit::{TestDatabase, on_every_database, wait};
use tokio::sync::Semaphore;

use crate::world::{MINUTE, Placed, Warehouse, World};

const LONG: Duration = Duration::from_secs(60);

on_every_database! {
    migrations: [&MIGRATIONS],

    async fn what_is_recorded_is_delivered_at_once_for_its_request(test: TestDatabase) {
        let warehouse = Arc::<Warehouse>::default();
        let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let subscriptions = warehouse.subscription().after_commit("log", move |delivery: Delivery<Placed>| {
            let present = correlation::present().map(|context| context.request_id);
            seen.lock().unwrap().push((delivery.request_id, present));
            std::future::ready(Ok(()))
        });
        let world = World::new(&test, &Arc::default(), subscriptions);
        let relay = world.units.start().unwrap().unwrap();
        let request_id = RequestId::parse("abc").unwrap();
        let context = RequestContext { request_id: request_id.clone(), trace: None, trace_state: None };
        Correlated::new(world.place(1), context, None).await;
        wait::until("both have heard of it", async || world.pending().await == 0).await;
        relay.stop(LONG).await;
        assert_eq!(*warehouse.heard.lock().unwrap(), [(1, 1, true)]);
        assert_eq!(*requests.lock().unwrap(), [(Some(request_id.clone()), Some(request_id))]);
    }

    /// The process ends while it delivers: the lease runs out, and another one hears of it.
    async fn an_end_between_commit_and_delivery_loses_nothing(test: TestDatabase) {
        let clock = Arc::<ManualClock>::default();
        let started = Arc::new(Semaphore::new(0));
        let starting = Arc::clone(&started);
        let subscriptions = Subscriptions::default().after_commit("warehouse", move |_: Delivery<Placed>| {
            starting.add_permits(1);
            std::future::pending()
        });
        let doomed = World::new(&test, &clock, subscriptions);
        let relay = doomed.units.start().unwrap().unwrap();
        for number in 1..=3 {
            doomed.place(number).await;
        }
        started.acquire().await.unwrap().forget();
        drop(relay);

        let warehouse = Arc::<Warehouse>::default();
        let next = World::new(&test, &clock, warehouse.subscription());
        assert_eq!(next.units.deliver_due().await.unwrap(), 0, "it may still be at it");
        clock.advance(MINUTE);
        assert_eq!(next.units.deliver_due().await.unwrap(), 3);
        assert_eq!(warehouse.sorted(), [(1, 2, false), (2, 2, false), (3, 2, false)]);
    }

    /// One order ends each process that hears of it: it is given up in the end, and no other is.
    async fn what_ends_its_process_is_given_up(test: TestDatabase) {
        let (clock, warehouse) = (Arc::<ManualClock>::default(), Arc::<Warehouse>::default());
        let started = Arc::new(Semaphore::new(0));
        let settings = Settings { max_attempts: 5, poll_interval_ms: 100, ..Settings::default() };
        let process = || {
            let (starting, hears) = (Arc::clone(&started), Arc::clone(&warehouse));
            let subscriptions = Subscriptions::default().after_commit("warehouse", move |delivery: Delivery<Placed>| {
                let (starting, hears) = (Arc::clone(&starting), Arc::clone(&hears));
                async move {
                    if delivery.event.number == 1 {
                        starting.add_permits(1);
                        return std::future::pending().await;
                    }
                    hears.hear(&delivery)
                }
            });
            World::with(&test, &clock, settings.clone(), subscriptions)
        };
        for number in 1..=3 {
            process().place(number).await;
            clock.advance(Duration::from_millis(1));
        }
        for attempt in 1..=5 {
            let relay = process().units.start().unwrap().unwrap();
            started.acquire().await.unwrap().forget();
            drop(relay);
            let others = process().units.deliver_due().await.unwrap();
            assert_eq!(others, if attempt == 4 { 2 } else { 0 }, "in attempt {attempt}");
            clock.advance(MINUTE);
        }
        let last = process();
        assert_eq!(last.units.deliver_due().await.unwrap(), 0);
        assert_eq!(warehouse.sorted(), [(2, 4, false), (3, 4, false)]);
        let left = last.units.outbox().unwrap().list().await.unwrap();
        let shown = left.iter().map(|Waiting { attempts, due_at, problem, .. }| (*attempts, *due_at, problem.as_deref()));
        assert_eq!(shown.collect::<Vec<_>>(), [(5, None, Some("the process ended in the last attempt"))]);
    }

    async fn what_finds_no_place_waits_in_the_database(test: TestDatabase) {
        let (open, warehouse) = (Arc::new(Semaphore::new(0)), Arc::<Warehouse>::default());
        let (door, hears) = (Arc::clone(&open), Arc::clone(&warehouse));
        let subscriptions = Subscriptions::default().after_commit("slow", move |delivery: Delivery<Placed>| {
            let (door, hears) = (Arc::clone(&door), Arc::clone(&hears));
            async move {
                door.acquire().await.unwrap().forget();
                hears.hear(&delivery)
            }
        });
        let world = World::new(&test, &Arc::default(), subscriptions);
        let relay = world.units.start().unwrap().unwrap();
        for number in 0..400 {
            world.place(number).await;
        }
        assert_eq!(world.pending().await, 400);
        open.add_permits(400);
        wait::until("all are delivered", async || world.pending().await == 0).await;
        relay.stop(LONG).await;
        let heard: Vec<u32> = warehouse.sorted().iter().map(|(number, ..)| *number).collect();
        assert_eq!(heard, (0..400).collect::<Vec<_>>());
    }

    async fn a_stop_delivers_what_waits_and_takes_nothing_more(test: TestDatabase) {
        let warehouse = Arc::<Warehouse>::default();
        let world = World::new(&test, &Arc::default(), warehouse.subscription());
        let relay = world.units.start().unwrap().unwrap();
        for number in 0..20 {
            world.place(number).await;
        }
        relay.stop(LONG).await;
        assert_eq!((warehouse.numbers().len(), world.pending().await), (20, 0));
        world.place(20).await;
        assert_eq!((warehouse.numbers().len(), world.pending().await), (20, 1));
    }

    async fn what_others_have_left_is_delivered(test: TestDatabase) {
        let warehouse = Arc::<Warehouse>::default();
        // A command of the command line delivers nothing itself.
        World::new(&test, &Arc::default(), warehouse.subscription()).place(1).await;
        let server = World::new(&test, &Arc::default(), warehouse.subscription());
        let relay = server.units.start().unwrap().unwrap();
        wait::until("it is delivered", async || server.pending().await == 0).await;
        relay.stop(LONG).await;
        assert_eq!(*warehouse.heard.lock().unwrap(), [(1, 1, false)]);
    }
}
