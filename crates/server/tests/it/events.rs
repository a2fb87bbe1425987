//! Domains hear of each other without a dependency between them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use palisade_core::{Error, Ids, Result, SystemClock, SystemRandom, UserId};
use palisade_database::{Database, sea_query::Query};
use palisade_events::{
    AfterCommit, Delivery, Event, InTransaction, Outbox, Subscriptions, UnitOfWork, Units, UnitsParts,
};
use palisade_server::{Domain, Failure, Foundation};
use palisade_telemetry::metrics::{Registry, Telemetry};
use palisade_testkit::{TestApp, TestDatabase, on_every_database, wait};
use palisade_users::UserUpdated;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::notes;

/// What the notes want to know of an account that came into being.
#[derive(Debug, Serialize, Deserialize)]
struct UserCreated {
    user_id: UserId,
}

impl Event for UserCreated {
    const NAME: &'static str = "user.created";
}

/// Gives each new account a desk in its transaction, while there are some.
struct Desks(Database);

#[async_trait]
impl InTransaction<UserCreated> for Desks {
    async fn handle(&self, event: &UserCreated, unit: &mut UnitOfWork) -> Result<()> {
        let transaction = unit.sql(&self.0).await?;
        let taken = transaction.fetch_all(&Query::select().column("owner").from("desks").to_owned()).await?;
        if taken.len() == 2 {
            return Err(Error::conflict("There is no desk left").with_reason("desks.full"));
        }
        let insert = Query::insert()
            .into_table("desks")
            .columns(["owner"])
            .values_panic([event.user_id.to_string().into()])
            .to_owned();
        transaction.execute(&insert).await?;
        Ok(())
    }
}

async fn desks(foundation: Arc<Foundation>) -> Result<Desks, Failure> {
    Ok(Desks(foundation.database().clone()))
}

type Heard = Arc<Mutex<Vec<UserId>>>;

async fn greet(_: Arc<Foundation>, heard: Heard) -> Result<impl AfterCommit<UserCreated>, Failure> {
    Ok(move |told: Delivery<UserCreated>| {
        heard.lock().unwrap().push(told.event.user_id);
        std::future::ready(Ok(()))
    })
}

on_every_database! {
    migrations: [],

    async fn another_domain_takes_part_in_a_sign_up_and_hears_of_it(test: TestDatabase) {
        test.database().execute_script("CREATE TABLE desks (owner VARCHAR(36) NOT NULL)").await.unwrap();
        let heard = Heard::default();
        let shared = Arc::clone(&heard);
        let office = Domain::new("office")
            .service(move |_: Arc<Foundation>| std::future::ready(Ok::<_, Failure>(Arc::clone(&shared))))
            .in_transaction(desks)
            .after_commit("office.greet", greet);
        let app = TestApp::builder().database(&test).server(notes::server().domain(office)).spawn().await;
        for name in ["ann", "bob"] {
            app.register(name).await;
        }
        let person = json!({"email": "eve@example.com", "username": "eve", "password": "seven green herons wade"});
        let refused = app.post("/api/v1/auth/register").json(&person).await.expect(409);
        assert_eq!(refused.reason(), "desks.full");
        let login = json!({"username": "eve", "password": "seven green herons wade"});
        app.post("/api/v1/auth/login").json(&login).await.expect(401);
        wait::until("both are greeted", async || heard.lock().unwrap().len() == 2).await;
    }

    /// Something else has changed a user, and ends before it could say so to a cache.
    async fn a_cached_user_is_forgotten_when_another_process_has_changed_it(test: TestDatabase) {
        let builder = TestApp::builder().set("cache.enabled", true).set("cache.backend", "memory");
        let app = builder.database(&test).server(notes::server()).spawn().await;
        let ann = app.register("ann").await;
        let path = format!("/api/v1/users/{}", ann.id);
        let name = async || {
            let shown = app.get(&path).token(&ann.access_token).await.expect(200);
            shown.json()["name"].as_str().map(str::to_owned)
        };
        assert_eq!(name().await, None);
        test.database().execute_script("UPDATE users SET name = 'Ann'").await.unwrap();
        assert_eq!(name().await, None, "it is cached");

        let (clock, telemetry) = (Arc::new(SystemClock), Arc::new(Registry::default()) as Arc<dyn Telemetry>);
        let other = Units::new(UnitsParts {
            outbox: Outbox::new(test.database().clone()),
            settings: palisade_events::Settings::default(),
            clock: clock.clone(),
            ids: Ids::new(clock, Arc::new(SystemRandom)),
            telemetry: &telemetry,
            settle: None,
        });
        let nobody = |_: Delivery<UserUpdated>| std::future::ready(Ok(()));
        other.subscribe(Subscriptions::default().after_commit("users.updated", nobody));
        let mut unit = other.begin();
        let user_id = palisade_core::Parse::parse(&ann.id).unwrap();
        let by = "somebody".to_owned();
        let changed = UserUpdated { user_id, by, fields: vec!["name".to_owned()], roles: None, status: None };
        unit.record(&changed).await.unwrap();
        unit.commit().await.unwrap();
        wait::until("the new name is shown", async || name().await.as_deref() == Some("Ann")).await;
    }
}
