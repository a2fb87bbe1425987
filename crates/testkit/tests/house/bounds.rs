//! Every task has an owner, and nothing grows without a bound.

use crate::{rule::Rule, source::Source};

/// Where tasks and threads begin, and who ends them.
const OWNERS: &[(&str, &str)] = &[
    ("benches/src/flight.rs", "the JoinSet that waits for the callers"),
    ("benches/src/in_flight.rs", "the JoinSet that waits for the clients"),
    ("benches/src/overload.rs", "the program waits for its clients, which end with the schedule"),
    ("benches/src/rounds.rs", "std::thread::scope joins them"),
    ("examples/embed/src/main.rs", "ends with the program"),
    ("crates/server/src/countries.rs", "reads a file to its end; the start waits for it"),
    ("crates/server/src/reload.rs", "reads the settings' files to their end; the reload waits for it"),
    (
        "crates/server/src/serve.rs",
        "looks up the listeners' hosts; ends when the operating system gives a name up",
    ),
    (
        "crates/server/src/observability.rs",
        "std::thread::scope joins the one that closes Sentry, which has a bound",
    ),
    (
        "crates/server/src/security_alerts/webhook.rs",
        "AlertSender: a JoinSet that close() waits for and the drop aborts",
    ),
    ("crates/auth/src/live_sessions.rs", "LiveSessions: its drop aborts the task"),
    ("crates/auth/src/password/pool.rs", "HashingPool: its drop stops and joins the threads"),
    ("crates/cache/src/caching/refresh.rs", "Refreshers: a JoinSet that close() and the drop abort"),
    ("crates/cache/src/caching/sweeper.rs", "Sweeper: its drop aborts the task"),
    (
        "crates/cache/src/write_behind.rs",
        "WriteBehind: close() ends them within its bound, its drop aborts them",
    ),
    ("crates/database/src/lease.rs", "ends by itself within two acquire timeouts"),
    ("crates/database/src/pool.rs", "Pool: close() and its drop end the reaper"),
    ("crates/database/src/pool/slot.rs", "closes a connection within an acquire timeout"),
    ("crates/events/src/relay.rs", "Relay: stop() ends the tasks within its bound, its drop at once"),
    ("crates/health/src/watch.rs", "Watch: its drop aborts the task"),
    ("crates/http/src/geoip/watch.rs", "Watch: its drop ends the task"),
    ("crates/http/src/geoip/database.rs", "reads a file to its end; whoever reloads waits for it"),
    ("crates/listener/src/certificates.rs", "Running: its JoinSet ends the watches with it"),
    ("crates/listener/src/deferred/application.rs", "the worker's service: its drop aborts the task"),
    ("crates/listener/src/running.rs", "Running: stop() and stop_at_once() end the listeners it spawned"),
    (
        "crates/listener/src/tls/renewal.rs",
        "reads two files and ends; the watch that waits for it is Running's",
    ),
    ("crates/ratelimit/src/upkeep.rs", "Upkeep: its drop aborts the task"),
    ("crates/redis/src/subscription.rs", "Subscription: its drop aborts the task"),
    ("crates/redis/src/keeper.rs", "Keeper: its drop aborts the task"),
    (
        "crates/resilience/src/client/resolver.rs",
        "one name each, at most 32 of an upstream; ends when the operating system gives the name up",
    ),
    ("crates/server/src/foundation.rs", "waits for lines to be written, five seconds at most"),
    ("crates/telemetry/src/logs/queue.rs", "the log queue: closing it ends the writer after the last line"),
    ("crates/telemetry/src/export/outbox.rs", "Otlp and Sentry: close() ends the senders within its bound"),
];

/// The code that ships. The testkit does not: its threads and servers end with the test run.
fn shipped(source: &Source) -> Option<String> {
    (source.package() != "crates/testkit").then(|| source.production.clone())
}

#[test]
fn every_spawned_task_and_thread_has_an_owner_that_ends_it() {
    Rule {
        says: "name the owner that ends the task within a bound",
        names: &["spawn", "spawn_local", "spawn_blocking"],
        except: OWNERS,
    }
    .check(&Source::all(), shipped);
}

#[test]
fn no_channel_is_without_a_bound() {
    Rule {
        says: "a queue has a length: a fast writer must not fill the memory",
        names: &[
            "unbounded_channel",
            "unbounded",
            "UnboundedSender",
            "UnboundedReceiver",
            "mpsc::channel()",
            "std::sync::mpsc",
            "async_channel",
        ],
        except: &[],
    }
    .check(&Source::all(), shipped);
}
