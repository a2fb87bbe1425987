//! Deliveries: at least once, by whichever program is there.

use std::{sync::Arc, time::Duration};

use palisade_core::ManualClock;
use palisade_events::{Delivery, MIGRATIONS, Subscriptions, Waiting};
use palisade_testkit::{TestDatabase, on_every_database};
use tokio::task::JoinSet;

use crate::world::{MINUTE, Placed, Warehouse, World};

on_every_database! {
    migrations: [&MIGRATIONS],

    /// The first order takes so long that no time is left for the second one in the same lease.
    async fn what_was_claimed_and_not_tried_is_no_attempt(test: TestDatabase) {
        let (clock, warehouse) = (Arc::<ManualClock>::default(), Arc::<Warehouse>::default());
        let (passing, hears) = (Arc::clone(&clock), Arc::clone(&warehouse));
        let subscriptions = Subscriptions::default().after_commit("slow", move |delivery: Delivery<Placed>| {
            passing.advance(Duration::from_secs(45));
            std::future::ready(hears.hear(&delivery))
        });
        let world = World::new(&test, &clock, subscriptions);
        world.place(1).await;
        world.place(2).await;
        assert_eq!(world.units.deliver_due().await.unwrap(), 2);
        assert_eq!(warehouse.sorted(), [(1, 1, false), (2, 1, false)]);
    }

    async fn a_failed_delivery_is_repeated_later_and_given_up_in_the_end(test: TestDatabase) {
        let (warehouse, clock) = (Arc::<Warehouse>::default(), Arc::<ManualClock>::default());
        let world = World::new(&test, &clock, warehouse.subscription());
        let outbox = world.units.outbox().unwrap();
        warehouse.fails(Some("no paper"));
        world.place(1).await;
        for wait in [0, 1, 2] {
            clock.advance(Duration::from_secs(wait));
            assert_eq!(world.units.deliver_due().await.unwrap(), 0);
            assert_eq!(world.units.deliver_due().await.unwrap(), 0, "it waits");
        }
        let counts = outbox.counts().await.unwrap();
        assert_eq!((counts.pending, counts.given_up), (0, 1));
        let listed = outbox.list().await.unwrap();
        assert_eq!(listed.len(), 1);
        let Waiting { id, attempts, due_at, problem, subscriber, .. } = &listed[0];
        assert_eq!((*attempts, *due_at, subscriber.as_str()), (3, None, "warehouse"));
        assert!(!problem.as_ref().unwrap().contains("paper"), "the cause is for the log alone");
        clock.advance(MINUTE * 600);
        warehouse.fails(None);
        assert_eq!(world.units.deliver_due().await.unwrap(), 0, "it was given up");

        assert_eq!(outbox.retry(Some(*id), palisade_core::Clock::now(&*clock)).await.unwrap(), 1);
        assert_eq!(world.units.deliver_due().await.unwrap(), 1);
        assert_eq!((warehouse.numbers(), outbox.list().await.unwrap()), (vec![1], vec![]));
    }

    async fn what_was_given_up_can_be_discarded_and_nothing_else(test: TestDatabase) {
        let (warehouse, clock) = (Arc::<Warehouse>::default(), Arc::<ManualClock>::default());
        let world = World::new(&test, &clock, warehouse.subscription());
        let outbox = world.units.outbox().unwrap();
        world.place(1).await;
        world.place(2).await;
        assert_eq!(outbox.discard(None).await.unwrap(), 0);
        let unwanted = outbox.list().await.unwrap()[0].id;
        assert_eq!(outbox.discard(Some(unwanted)).await.unwrap(), 1);
        warehouse.fails(Some("gone"));
        for wait in [0, 1, 2] {
            clock.advance(Duration::from_secs(wait));
            world.units.deliver_due().await.unwrap();
        }
        assert_eq!(outbox.discard(None).await.unwrap(), 1);
        assert_eq!(outbox.list().await.unwrap(), []);
    }

    async fn one_that_fails_delays_no_other(test: TestDatabase) {
        let (broken, well) = (Arc::<Warehouse>::default(), Arc::<Warehouse>::default());
        broken.fails(Some("closed"));
        let hears = Arc::clone(&well);
        let subscriptions = broken.subscription().after_commit("shop", move |delivery: Delivery<Placed>| {
            std::future::ready(hears.hear(&delivery))
        });
        let world = World::new(&test, &Arc::default(), subscriptions);
        world.place(1).await;
        world.place(2).await;
        assert_eq!(world.units.deliver_due().await.unwrap(), 2);
        assert_eq!((well.sorted().len(), world.pending().await), (2, 2));
    }

    async fn several_programs_deliver_each_event_once(test: TestDatabase) {
        let (warehouse, clock) = (Arc::<Warehouse>::default(), Arc::<ManualClock>::default());
        let first = World::new(&test, &clock, warehouse.subscription());
        for number in 0..100 {
            first.place(number).await;
        }
        let mut programs = JoinSet::new();
        for _ in 0..4 {
            let other = World::new(&test, &clock, warehouse.subscription());
            programs.spawn(async move { other.units.deliver_due().await.unwrap() });
        }
        assert_eq!(programs.join_all().await.iter().sum::<usize>(), 100);
        let heard: Vec<u32> = warehouse.sorted().iter().map(|(number, ..)| *number).collect();
        assert_eq!(heard, (0..100).collect::<Vec<_>>());
    }

    async fn a_clock_that_was_set_back_delays_nothing(test: TestDatabase) {
        let warehouse = Arc::<Warehouse>::default();
        let ahead = Arc::<ManualClock>::default();
        ahead.advance(MINUTE * 60 * 24 * 365);
        World::new(&test, &ahead, warehouse.subscription()).place(1).await;
        let world = World::new(&test, &Arc::default(), warehouse.subscription());
        assert_eq!(world.units.deliver_due().await.unwrap(), 1);
    }

    async fn a_subscriber_that_panics_or_hangs_has_failed(test: TestDatabase) {
        use palisade_events::{Settings, Subscriptions};
        let subscriptions = Subscriptions::default()
            .after_commit("hangs", |_: Delivery<Placed>| std::future::pending())
            .after_commit("panics", |delivery: Delivery<Placed>| async move {
                assert!(delivery.event.number > 1, "a bug");
                Ok(())
            });
        let settings = Settings { delivery_timeout_ms: 100, max_attempts: 1, ..Settings::default() };
        let world = World::with(&test, &Arc::default(), settings, subscriptions);
        world.place(1).await;
        assert_eq!(world.units.deliver_due().await.unwrap(), 0);
        assert_eq!(world.units.outbox().unwrap().counts().await.unwrap().given_up, 2);
    }
}
