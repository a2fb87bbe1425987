//! What a unit of work holds together.

use std::sync::Arc;

use async_trait::async_trait;
use palisade_core::{Error, ManualClock, Result};
use palisade_database::Database;
use palisade_events::{Event, InTransaction, MIGRATIONS, MemoryTable, Subscriptions, UnitOfWork, Units};
use palisade_testkit::{TestDatabase, on_every_database};
use sea_query::Query;

use crate::world::{OrderPlaced, Placed, Warehouse, World};

/// Writes each order into a table of its own, and refuses the thirteenth.
struct Ledger(Database);

#[async_trait]
impl InTransaction<Placed> for Ledger {
    async fn handle(&self, event: &Placed, unit: &mut UnitOfWork) -> Result<()> {
        if event.number == 13 {
            return Err(Error::conflict("The ledger has no page 13"));
        }
        let insert = Query::insert()
            .into_table("ledger")
            .columns(["number"])
            .values_panic([i64::from(event.number).into()])
            .to_owned();
        unit.sql(&self.0).await?.execute(&insert).await?;
        Ok(())
    }
}

async fn place_in(unit: &mut UnitOfWork, database: &Database, number: u32) -> Result<()> {
    let insert = Query::insert()
        .into_table("orders")
        .columns(["number"])
        .values_panic([i64::from(number).into()])
        .to_owned();
    unit.sql(database).await?.execute(&insert).await?;
    unit.record(&OrderPlaced { number, item: "lamp".to_owned() }).await
}

async fn count(database: &Database, table: &'static str) -> usize {
    let select = Query::select().column("number").from(table).to_owned();
    database.fetch_all(&select).await.unwrap().len()
}

on_every_database! {
    migrations: [&MIGRATIONS],

    async fn stores_subscribers_and_deliveries_happen_together_or_not_at_all(test: TestDatabase) {
        let database = test.database();
        for table in ["orders", "ledger"] {
            database.execute_script(&format!("CREATE TABLE {table} (number BIGINT NOT NULL)")).await.unwrap();
        }
        let warehouse = Arc::<Warehouse>::default();
        let subscriptions = warehouse.subscription().in_transaction(Ledger(database.clone()));
        let world = World::new(&test, &Arc::default(), subscriptions);

        let mut unit = world.units.begin();
        place_in(&mut unit, database, 1).await.unwrap();
        drop(unit);
        let mut unit = world.units.begin();
        assert_eq!(place_in(&mut unit, database, 13).await.unwrap_err().status(), 409);
        drop(unit);
        let all = async || (count(database, "orders").await, count(database, "ledger").await, world.pending().await);
        assert_eq!(all().await, (0, 0, 0));

        let mut unit = world.units.begin();
        place_in(&mut unit, database, 2).await.unwrap();
        place_in(&mut unit, database, 3).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(all().await, (2, 2, 2));
        assert_eq!(world.units.deliver_due().await.unwrap(), 2);
        assert_eq!((warehouse.numbers(), world.pending().await), (vec![2, 3], 0));
    }

    async fn one_unit_writes_to_one_database(test: TestDatabase) {
        let other = TestDatabase::sqlite(&[&MIGRATIONS]).await;
        let units = Units::in_memory();
        let mut unit = units.begin();
        unit.sql(test.database()).await.unwrap();
        unit.sql(test.database()).await.unwrap();
        assert_eq!(unit.sql(other.database()).await.unwrap_err().status(), 500);
    }

    async fn what_follows_a_commit_follows_no_rollback(test: TestDatabase) {
        let done = Arc::new(std::sync::Mutex::new(Vec::new()));
        let world = World::new(&test, &Arc::<ManualClock>::default(), Subscriptions::default());
        for (name, is_committed) in [("dropped", false), ("committed", true)] {
            let (mut unit, done) = (world.units.begin(), Arc::clone(&done));
            unit.sql(test.database()).await.unwrap();
            unit.after_commit(move || async move { done.lock().unwrap().push(name) });
            if is_committed {
                unit.commit().await.unwrap();
            }
        }
        assert_eq!(*done.lock().unwrap(), ["committed"]);
    }
}

#[tokio::test]
async fn two_units_that_wait_for_each_other_are_run_again() {
    let (left, right) = (MemoryTable::<u32>::default(), MemoryTable::<u32>::default());
    tokio::time::pause();
    let units = Units::in_memory();
    let both = |first: &MemoryTable<u32>, second: &MemoryTable<u32>| {
        let (units, first, second) = (units.clone(), first.clone(), second.clone());
        async move {
            let write = |mut unit: UnitOfWork| {
                let (first, second) = (&first, &second);
                async move {
                    *first.write(&mut unit).await? += 1;
                    tokio::task::yield_now().await;
                    *second.write(&mut unit).await? += 1;
                    unit.commit().await
                }
            };
            units.run(write).await
        }
    };
    let (one, other) = tokio::join!(both(&left, &right), both(&right, &left));
    one.unwrap();
    other.unwrap();
    assert_eq!((*left.read(), *right.read()), (2, 2));
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused() {
    let warehouse = Arc::<Warehouse>::default();
    let units = Units::in_memory();
    units.subscribe(warehouse.subscription());
    let mut unit = units.begin();
    let item = "x".repeat(palisade_events::MAX_EVENT_BYTES);
    assert_eq!(unit.record(&OrderPlaced { number: 1, item }).await.unwrap_err().status(), 500);
    unit.commit().await.unwrap();
    assert_eq!(warehouse.numbers(), [] as [u32; 0]);
}

#[tokio::test]
async fn events_in_memory_need_no_subscribers() {
    let mut unit = Units::in_memory().begin();
    unit.record(&OrderPlaced { number: 1, item: "lamp".to_owned() }).await.unwrap();
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn a_subscriber_reads_what_it_wants_of_an_event() {
    assert_eq!(OrderPlaced::NAME, Placed::NAME);
    let warehouse = Arc::<Warehouse>::default();
    let units = Units::in_memory();
    units.subscribe(warehouse.subscription());
    let mut unit = units.begin();
    unit.record(&OrderPlaced { number: 7, item: "lamp".to_owned() }).await.unwrap();
    assert_eq!(warehouse.numbers(), [] as [u32; 0]);
    unit.commit().await.unwrap();
    assert_eq!(*warehouse.heard.lock().unwrap(), [(7, 1, true)]);
}
