//! Each store passes the suite, and the rules hold on each database.

use std::sync::Arc;

use palisade_testkit::{TestDatabase, on_every_database};
use palisade_users::{MIGRATIONS, MemoryUserStore, Registration, SqlUserStore, conformance};
use tokio::task::JoinSet;

use crate::world::{World, refusal, refused, sign_up};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite() {
    conformance::user_store(Arc::new(MemoryUserStore::default())).await;
}

fn world(test: &TestDatabase) -> World {
    World::with(Registration::Open, Arc::new(SqlUserStore::new(test.database().clone())))
}

on_every_database! {
    migrations: [&MIGRATIONS],

    async fn passes_the_suite(test: TestDatabase) {
        conformance::user_store(Arc::new(SqlUserStore::new(test.database().clone()))).await;
    }

    async fn of_fifty_who_sign_up_with_one_address_one_gets_it(test: TestDatabase) {
        let world = world(&test);
        let mut racers = JoinSet::new();
        for number in 0..50 {
            let (users, mut body) = (world.users.clone(), sign_up(&format!("racer{number}")));
            body.email = sign_up("wanted").email;
            racers.spawn(async move { users.register(body).await });
        }
        let (taken, refusals): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!((taken.len(), refusals.len()), (1, 49));
        assert!(refusals.into_iter().all(|result| refusal(result) == refused(409, "users.email_taken")));
    }

    async fn of_many_set_ups_at_once_one_succeeds(test: TestDatabase) {
        let world = world(&test);
        let mut racers = JoinSet::new();
        for number in 0..10 {
            let (users, body) = (world.users.clone(), sign_up(&format!("root{number}")));
            racers.spawn(async move { users.create_admin(body).await });
        }
        let (made, refusals): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!((made.len(), refusals.len()), (1, 9));
        assert!(refusals.into_iter().all(|result| refusal(result) == refused(409, "users.admin_exists")));
    }

    async fn what_another_program_writes_wrongly_is_refused(test: TestDatabase) {
        let ann = world(&test).sign_up("ann").await;
        for wrong in ["status = 'gone'", "version = 0", "name = ''", "email = 'a'", "username = 'ab'"] {
            let script = format!("UPDATE users SET {wrong}");
            assert!(test.database().execute_script(&script).await.is_err(), "{wrong}");
        }
        assert_eq!(world(&test).present(ann.id).await, ann);
    }

    async fn what_cannot_be_read_is_a_fault_of_ours_and_shows_nothing(test: TestDatabase) {
        let world = world(&test);
        let ann = world.sign_up("ann").await;
        test.database().execute_script("UPDATE users SET email = 'no address'").await.unwrap();
        let error = palisade_core::Error::from(world.store.find(ann.id).await.unwrap_err());
        assert_eq!(error.status(), 500);
        assert!(!error.message().contains("address"), "{}", error.message());
        assert!(error.causes().all(|cause| !cause.contains("no address")));
    }
}
