//! A server that answers a ping and does not do what requests ask is lost once, and found once.

use palisade_redis::{
    Error, Redis, Script, Settings,
    redis::{Client, Connection, Value, cmd},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{Events, servers::Redis as Server};

use crate::support::{connect, found, lost};

/// The operator of a server, over a connection that is not the handle's.
struct Operator(Connection);

impl Operator {
    fn of(server: &Server) -> Self {
        Self(Client::open(server.url()).unwrap().get_connection().unwrap())
    }

    fn tell(&mut self, command: &str) -> Value {
        let mut words = command.split(' ');
        let mut told = cmd(words.next().unwrap());
        words.for_each(|word| {
            told.arg(word);
        });
        told.query(&mut self.0).unwrap()
    }

    fn info(&mut self, name: &str) -> String {
        let info: String = cmd("INFO").arg("everything").query(&mut self.0).unwrap();
        let line = info.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
        line.unwrap_or_default().to_owned()
    }

    /// How often the server has refused to set a key.
    fn refused_sets(&mut self) -> u64 {
        let stats = self.info("cmdstat_set");
        let refused = stats.split("rejected_calls=").nth(1).and_then(|count| count.split(',').next());
        refused.map_or(0, |count| count.parse().unwrap())
    }
}

/// A handle whose callers write keys that begin with `app:`.
async fn writing(server: &Server) -> Redis {
    let redis = connect(server.port()).await;
    redis.probe_with("app:probe");
    redis
}

/// What requests ask.
async fn write(redis: &Redis) -> Result<i64, Error> {
    let add = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    redis.invoke(&add, add.call("app:n").arg(1)).await
}

/// Has requests write from the loss on until the server takes writes again.
async fn is_lost_once_and_found_once(
    redis: &Redis,
    operator: &mut Operator,
    harm: impl FnOnce(&mut Operator),
    heal: impl FnOnce(&mut Operator),
) {
    let events = Events::default();
    let _listening = events.listen();
    let before = redis.counters();
    write(redis).await.unwrap();
    harm(operator);
    assert!(write(redis).await.is_err_and(|error| error.is_loss()));
    let refused = operator.refused_sets();
    // Each is an attempt to find it.
    while operator.refused_sets() < refused + 4 {
        assert_eq!(write(redis).await, Err(Error::Lost));
        tokio::task::yield_now().await;
    }
    heal(operator);
    found(redis).await;
    write(redis).await.unwrap();
    let after = redis.counters();
    assert_eq!((after.lost, after.found), (before.lost + 1, before.found + 1));
    assert_eq!(events.seen_of(&["redis"]), ["redis.lost", "redis.recovered"]);
}

#[tokio::test]
async fn a_replica_is_lost_once_and_found_once_when_it_is_promoted() {
    let (primary, server) = (Server::start().unwrap(), Server::start().unwrap());
    let (redis, mut operator) = (writing(&server).await, Operator::of(&server));
    let demote = |operator: &mut Operator| {
        operator.tell(&format!("REPLICAOF 127.0.0.1 {}", primary.port()));
        while operator.info("master_link_status") != "up" {
            std::thread::yield_now();
        }
    };
    let promote = |operator: &mut Operator| drop(operator.tell("REPLICAOF NO ONE"));
    is_lost_once_and_found_once(&redis, &mut operator, demote, promote).await;
}

#[tokio::test]
async fn a_server_that_cannot_save_is_lost_once_and_found_once() {
    let server = Server::start().unwrap();
    let (redis, mut operator) = (writing(&server).await, Operator::of(&server));
    let Value::Array(dir) = operator.tell("CONFIG GET dir") else { panic!("no folder") };
    let Some(Value::BulkString(dir)) = dir.last() else { panic!("no folder") };
    // A folder stands where the file is to be written.
    let in_the_way = std::path::Path::new(std::str::from_utf8(dir).unwrap()).join("dump.rdb");
    let save = |operator: &mut Operator, outcome: &str| {
        operator.tell("BGSAVE");
        while operator.info("rdb_last_bgsave_status") != outcome {
            std::thread::yield_now();
        }
    };
    let harm = |operator: &mut Operator| {
        std::fs::create_dir(&in_the_way).unwrap();
        cmd("CONFIG").arg("SET").arg("save").arg("3600 1").exec(&mut operator.0).unwrap();
        save(operator, "err");
    };
    let heal = |operator: &mut Operator| {
        std::fs::remove_dir(&in_the_way).unwrap();
        save(operator, "ok");
    };
    is_lost_once_and_found_once(&redis, &mut operator, harm, heal).await;
}

#[tokio::test]
async fn a_replica_is_noticed_without_a_call() {
    let (primary, server) = (Server::start().unwrap(), Server::start().unwrap());
    let redis = writing(&server).await;
    Operator::of(&server).tell(&format!("REPLICAOF 127.0.0.1 {}", primary.port()));
    lost(&redis).await;
}

#[tokio::test]
async fn a_full_server_goes_on_answering_reads_and_its_refusals_are_logged_once() {
    let server = Server::start().unwrap();
    let (redis, mut operator) = (writing(&server).await, Operator::of(&server));
    let events = Events::default();
    let _listening = events.listen();
    write(&redis).await.unwrap();
    operator.tell("CONFIG SET maxmemory 1");
    for _ in 0..20 {
        assert_eq!(write(&redis).await, Err(Error::Refused("OOM".to_owned())));
        assert_eq!(redis.query::<i64>(cmd("GET").arg("app:n")).await, Ok(1));
    }
    operator.tell("CONFIG SET maxmemory 0");
    write(&redis).await.unwrap();
    assert_eq!((events.seen_of(&["redis"]), redis.counters().lost), (vec!["redis.refused".to_owned()], 0));
}

#[tokio::test]
async fn a_user_without_the_right_to_write_is_refused_and_the_server_is_not_lost() {
    let server = Server::start().unwrap();
    Operator::of(&server).tell("ACL SETUSER reader on >secret ~* +@read +ping +client");
    let events = Events::default();
    let _listening = events.listen();
    let url = format!("redis://reader:secret@127.0.0.1:{}", server.port());
    let redis = Redis::connect(&Settings::for_url(url), &Off::shared()).await.unwrap().unwrap();
    redis.probe_with("app:probe");
    for _ in 0..20 {
        let set = redis.query::<Value>(cmd("SET").arg("app:n").arg(1)).await;
        assert_eq!(set, Err(Error::Refused("NOPERM".to_owned())));
        assert_eq!(redis.query::<Option<i64>>(cmd("GET").arg("app:n")).await, Ok(None));
    }
    assert_eq!((events.seen_of(&["redis"]), redis.counters().lost), (vec!["redis.refused".to_owned()], 0));
}
