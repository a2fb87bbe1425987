//! Time is a parameter.

use crate::{rule::Rule, source::Source};

/// Where durations are measured, and what for.
const STOPWATCHES: &[(&str, &str)] = &[
    ("benches/src/", "how long a call takes is what is measured"),
    (
        "crates/database/src/",
        "how long a statement took, how long it may take, and when a lost server is tried again",
    ),
    ("crates/auth/src/password/passwords.rs", "how long hashing took"),
    ("crates/cache/src/measured.rs", "how long a call took"),
    ("crates/health/src/registry.rs", "how long a check took"),
    ("crates/http/src/log/", "how long a request took"),
    ("crates/http/src/metrics.rs", "how long a request took"),
    ("crates/http/src/request_logging/exchange.rs", "how long a request took"),
    ("crates/ratelimit/src/fallback/status.rs", "for how long a store that was lost has not failed again"),
    ("crates/redis/src/handle.rs", "how long a call took"),
    ("crates/redis/src/refusals.rs", "how long ago a kind of refusal was logged"),
    ("crates/redis/src/state.rs", "how long the server has been lost"),
    ("crates/http/src/process_time.rs", "how long a request took"),
    ("crates/http/src/server/", "how long a client may take, and how long the end takes"),
    (
        "crates/core/src/timeline.rs",
        "a limit, an expiry and a breaker are about spans of time, which a clock that is set forward or back must not change",
    ),
    ("crates/resilience/src/client/counters.rs", "how long a call took"),
    ("crates/resilience/src/timeout.rs", "how long a call may take"),
    ("crates/telemetry/src/export/", "how long the end may take, and what waits in between"),
    ("crates/telemetry/src/otlp.rs", "how long the end may take"),
    ("crates/telemetry/src/process.rs", "over which span cores were used, and how long the program has run"),
    ("crates/telemetry/src/logs/queue.rs", "how long a line waits for a reader that has stopped reading"),
];

/// Where a test polls another process or thread within a bound, or slowness itself is what is tested.
const PATIENT: &[(&str, &str)] = &[
    ("crates/http/tests/it/server.rs", "a handler that takes its time is the subject"),
    ("crates/http/tests/it/server/", "slow clients on real sockets are the subject"),
    ("crates/http/src/server/stream/patience.rs", "the runtime's time is paused, and turned by sleeping"),
    ("apps/api/tests/it/edge/slow.rs", "slow clients on real sockets are the subject"),
    ("apps/api/tests/it/binary/", "reads what the program says until it says what is wanted, with a bound"),
    ("apps/api/tests/it/telemetry/alerts.rs", "looks at what the server tells another, with a bound"),
    ("apps/api/tests/it/cache/aborted.rs", "clients that go away at any moment are the subject"),
    ("apps/api/tests/it/support.rs", "asks the server until its answer is as wanted, with a bound"),
    (
        "crates/testkit/src/inbox.rs",
        "a letter is awaited with a bound, and one that hangs looks up now and then",
    ),
    (
        "crates/testkit/src/servers/server.rs",
        "a private server is asked until it is ready, for a minute at most",
    ),
    ("crates/cache/src/conformance/time.rs", "the time of a backend that has its own cannot be turned"),
    ("crates/cache/tests/it/support.rs", "looks at another process until it is as wanted, with a bound"),
    ("crates/cache/tests/it/caching/support.rs", "looks at what tasks and servers do, with a bound"),
    ("crates/ratelimit/src/conformance/time.rs", "the time of a backend that has its own cannot be turned"),
    ("crates/testkit/src/servers/proxy.rs", "a change of the network is awaited with a bound"),
    ("crates/testkit/src/servers/proxy/", "a slow network is the subject"),
];

#[test]
fn the_time_of_day_comes_from_the_clock() {
    Rule {
        says: "what depends on the time takes a palisade_core::Clock",
        names: &["SystemTime::now", "Utc::now", "Local::now"],
        except: &[("crates/core/src/clock.rs", "this is the clock")],
    }
    .check(&Source::all(), |source| Some(source.production.clone()));
}

#[test]
fn the_stopwatch_measures_and_decides_nothing() {
    Rule {
        says: "Instant measures durations for logs and bounds waits; what expires is decided by the Clock",
        names: &["Instant::now"],
        except: STOPWATCHES,
    }
    .check(&Source::all(), |source| {
        (source.package() != "crates/testkit").then(|| source.production.clone())
    });
}

#[test]
fn tests_never_sleep_for_time_to_pass() {
    Rule {
        says: "a test turns the ManualClock; to await another process it polls within a bound, in a helper listed here",
        names: &["sleep", "sleep_until", "interval"],
        except: PATIENT,
    }
    .check(&Source::all(), |source| {
        Some(if source.package() == "crates/testkit" { source.code.clone() } else { source.tests() })
    });
}
