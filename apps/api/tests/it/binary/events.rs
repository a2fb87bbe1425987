//! What has happened is told, whatever process ends in between.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;
use palisade_database::Dialect;
use palisade_testkit::{TestDatabase, wait};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::harness::{Running, Setup};

const PASSWORD: &str = "violet-Tractor-93-lamp";
const KILLS: usize = 6;
const CHANGES: usize = 12;

async fn login(running: &Running, client: &Client) -> String {
    let login = json!({"username": "root", "password": PASSWORD});
    let answer = client.post(running.url("/api/v1/auth/login")).json(&login).send().await.unwrap();
    let pair: Value = answer.json().await.unwrap();
    pair["access_token"].as_str().unwrap().to_owned()
}

/// The events that a log tells of, by the ids of the requests that they were recorded for.
fn changes(running: &Running) -> BTreeSet<String> {
    let lines = running.log().into_iter().filter(|line| line["message"] == "users.changed");
    lines.filter_map(|line| line["request_id"].as_str().map(str::to_owned)).collect()
}

async fn create_root(setup: &Setup) {
    let create =
        setup.command(&["users", "create", "--admin", "--email", "root@example.com", "--username", "root"]);
    create.input(PASSWORD).run().await.expect(0);
}

/// A command of the command line delivers nothing: the next server does.
#[tokio::test]
async fn what_a_command_has_done_is_told_by_the_server() {
    let setup = Setup::new();
    setup.command(&["migrate"]).run().await.expect(0);
    create_root(&setup).await;
    let list = async || setup.command(&["events", "list"]).run().await.expect(0).stdout;
    let listed = list().await;
    assert!(listed.starts_with("1 waiting, 0 given up") && listed.contains("users.created"), "{listed}");
    let running = setup.start().await;
    let line = running.logged(|line| line["message"] == "users.created").await;
    assert_eq!((&line["by"], &line["event_id"].is_string()), (&json!("operator"), &true), "{line}");
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
    assert_eq!(list().await.trim(), "0 waiting, 0 given up");
    let retried = setup.command(&["events", "retry", "--all"]).run().await.expect(0);
    assert_eq!(retried.stdout.trim(), "0 will be tried anew");
    let unknown = "0198c5a8-b1c7-7d3e-8a4f-0123456789ab";
    setup.command(&["events", "discard", unknown]).run().await.expect(1);
    setup.command(&["events", "retry"]).run().await.expect(2);
}

/// Processes are killed in the middle of changes. Each change that was answered, and each that was committed without an
/// answer, is told by one of them.
async fn no_kill_loses_an_event(dialect: Dialect) {
    let test = TestDatabase::new(dialect, &[]).await;
    let setup = Setup::new()
        .set("DATABASE_URL", test.url())
        // What a killed process held is free again soon.
        .set("EVENTS_DELIVERY_TIMEOUT_MS", "500")
        .set("EVENTS_POLL_INTERVAL_MS", "100");
    setup.command(&["migrate"]).run().await.expect(0);
    create_root(&setup).await;
    let client = Client::builder().no_proxy().build().unwrap();
    let (mut told, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for kill in 0..KILLS {
        let running = setup.start().await;
        let token = login(&running, &client).await;
        let mut changing = JoinSet::new();
        for number in 0..CHANGES {
            let (client, url, token) = (client.clone(), running.url("/api/v1/users/me"), token.clone());
            changing.spawn(async move {
                let body = json!({"name": format!("Name {kill} {number}")});
                let answer = client.patch(url).bearer_auth(token).json(&body).send().await.ok()?;
                let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
                let user: Value = answer.error_for_status().ok()?.json().await.ok()?;
                user["id"].is_string().then_some(id)
            });
        }
        // At another moment each time: some deliveries are noted by then, others not.
        for _ in 0..=kill * 2 {
            answered.extend(changing.join_next().await.unwrap().unwrap());
        }
        running.signal(Signal::SIGKILL);
        while let Some(id) = changing.join_next().await {
            answered.extend(id.unwrap());
        }
        told.extend(changes(&running));
    }
    let running = setup.start().await;
    let version = async || {
        let database = test.database();
        let select = palisade_database::sea_query::Query::select().column("version").from("users").to_owned();
        database.fetch_optional(&select).await.unwrap().unwrap().get::<i64>("version").unwrap()
    };
    let committed = usize::try_from(version().await).unwrap() - 1;
    assert!(committed >= answered.len() && !answered.is_empty());
    wait::until("all that was committed is told", async || {
        told.extend(changes(&running));
        told.len() >= committed
    })
    .await;
    assert_eq!(told.len(), committed, "and nothing else");
    assert!(told.is_superset(&answered));
}

#[tokio::test]
async fn no_kill_loses_an_event_on_sqlite() {
    no_kill_loses_an_event(Dialect::Sqlite).await;
}

#[tokio::test]
async fn no_kill_loses_an_event_on_postgres() {
    no_kill_loses_an_event(Dialect::Postgres).await;
}

#[tokio::test]
async fn no_kill_loses_an_event_on_mysql() {
    no_kill_loses_an_event(Dialect::MySql).await;
}
