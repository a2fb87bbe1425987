//! Commands and scripts on a server that is well.

use std::sync::Arc;

use palisade_redis::{
    Error, Redis, Script, Settings, State,
    redis::{Cmd, cmd},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::servers::Redis as Server;

use crate::support::connect;

fn get(key: &str) -> Cmd {
    let mut get = cmd("GET");
    get.arg(key);
    get
}

#[tokio::test]
async fn answers_have_the_type_asked_for() {
    let server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    assert!(redis.is_up() && matches!(redis.state(), State::Up { .. }));
    redis.ping().await.unwrap();
    redis.query::<()>(cmd("SET").arg("n").arg(7)).await.unwrap();
    assert_eq!(redis.query::<i64>(&get("n")).await.unwrap(), 7);
    assert_eq!(redis.query::<Option<String>>(&get("nothing")).await.unwrap(), None);
    redis.query::<()>(cmd("SET").arg("text").arg("x")).await.unwrap();
    assert!(matches!(redis.query::<i64>(&get("text")).await, Err(Error::UnexpectedAnswer(_))));
}

#[tokio::test]
async fn a_refused_command_is_told_by_its_code_and_says_nothing_of_the_server() {
    let server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    redis.query::<()>(cmd("RPUSH").arg("list").arg("x")).await.unwrap();
    assert_eq!(redis.query::<i64>(&get("list")).await, Err(Error::Refused("WRONGTYPE".to_owned())));
    assert!(redis.is_up());
    assert_eq!(redis.counters().failures, 0);
}

#[tokio::test]
async fn scripts_survive_a_flush_and_a_restart_that_nobody_noticed() {
    let mut server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    let add = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    let run = || async { redis.invoke::<i64>(&add, add.call("n").arg(2)).await };
    assert_eq!(run().await, Ok(2));
    assert_eq!(run().await, Ok(4));
    redis.query::<()>(cmd("SCRIPT").arg("FLUSH")).await.unwrap();
    assert_eq!(run().await, Ok(6));
    server.restart().unwrap();
    while run().await.is_err() {
        crate::support::found(&redis).await;
    }
    assert_eq!(run().await, Ok(4), "the server without persistence began anew");
}

#[tokio::test]
async fn a_thousand_calls_at_once_share_the_connections() {
    let server = Server::start().unwrap();
    let redis = connect(server.port()).await;
    let add = Arc::new(Script::new("return redis.call('INCR', KEYS[1])"));
    let calls = (0..1_000).map(|_| {
        let (redis, add) = (redis.clone(), Arc::clone(&add));
        tokio::spawn(async move { redis.invoke::<i64>(&add, &add.call("n")).await.unwrap() })
    });
    let mut numbers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        numbers.push(call.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=1_000).collect::<Vec<i64>>());
    let clients: String = redis.query(cmd("CLIENT").arg("LIST")).await.unwrap();
    assert_eq!(clients.lines().count(), 2);
}

#[test]
fn serves_callers_on_other_runtimes() {
    let server = Server::start().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (own, port) = (runtime(), server.port());
    let redis = own.block_on(connect(port));
    std::thread::scope(|scope| {
        let (done, wait) = tokio::sync::oneshot::channel::<()>();
        scope.spawn(move || own.block_on(wait));
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let redis = redis.clone();
                scope.spawn(move || {
                    runtime().block_on(async {
                        for _ in 0..200 {
                            redis.query::<()>(cmd("INCR").arg("n")).await.unwrap();
                        }
                    });
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        runtime().block_on(async { assert_eq!(redis.query::<i64>(&get("n")).await.unwrap(), 400) });
        drop(done);
    });
}

#[tokio::test]
async fn without_a_url_there_is_no_redis() {
    assert!(Redis::connect(&Settings::default(), &Off::shared()).await.unwrap().is_none());
    let error =
        Redis::connect(&Settings::for_url("http://:hunter2@cache"), &Off::shared()).await.unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
}

#[tokio::test]
async fn dropping_the_last_handle_closes_the_connections() {
    let server = Server::start().unwrap();
    let (kept, dropped, closed) =
        (connect(server.port()).await, connect(server.port()).await, connect(server.port()).await);
    drop(dropped);
    closed.close();
    assert_eq!(closed.ping().await, Err(Error::Lost));
    let clients = || async {
        let list: String = kept.query(cmd("CLIENT").arg("LIST")).await.unwrap();
        list.lines().count()
    };
    let mut left = clients().await;
    for _ in 0..1_000 {
        if left == 2 {
            break;
        }
        left = clients().await;
    }
    assert_eq!(left, 2, "only the kept handle's connections remain");
}
