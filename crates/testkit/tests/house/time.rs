//! Time is a parameter.

use crate::{
    lexer::{is_name, item_end},
    rule::{Rule, report},
    source::Source,
};

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
    ("crates/resilience/src/admission/queue.rs", "how many were served within a span"),
    ("crates/ratelimit/src/fallback/status.rs", "for how long a store that was lost has not failed again"),
    ("crates/redis/src/handle.rs", "how long a call took"),
    ("crates/redis/src/refusals.rs", "how long ago a kind of refusal was logged"),
    ("crates/redis/src/state.rs", "how long the server has been lost"),
    ("crates/http/src/process_time.rs", "how long a request took"),
    ("crates/listener/src/", "how long a client may take, and how long the end takes"),
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
    ("crates/listener/tests/it/world.rs", "a handler that takes its time is the subject"),
    ("crates/listener/tests/it/", "slow clients on real sockets are the subject"),
    ("crates/listener/src/stream/stall_detector.rs", "the runtime's time is paused, and turned by sleeping"),
    ("crates/testkit/src/client.rs", "a client that goes on sending, within a bound"),
    ("apps/api/tests/it/edge/slow.rs", "slow clients on real sockets are the subject"),
    ("apps/api/tests/it/binary/", "reads what the program says until it says what is wanted, with a bound"),
    ("apps/api/tests/it/telemetry/alerts.rs", "looks at what the server tells another, with a bound"),
    ("apps/api/tests/it/cache/aborted.rs", "clients that go away at any moment are the subject"),
    (
        "crates/testkit/src/inbox.rs",
        "a letter is awaited with a bound, and one that hangs looks up now and then",
    ),
    (
        "crates/testkit/src/servers/server.rs",
        "a private server is asked until it is ready, for a minute at most",
    ),
    ("crates/cache/src/conformance/time.rs", "the time of a backend that has its own cannot be turned"),
    ("crates/ratelimit/src/conformance/time.rs", "the time of a backend that has its own cannot be turned"),
    ("crates/testkit/src/wait.rs", "polls until it is as wanted, with a bound: the helpers for all tests"),
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

/// What measures a duration, or speaks of many measured ones.
const MEASURES: &[&str] = &[
    "elapsed",
    "duration_since",
    "Instant::now",
    "SystemTime::now",
    "quantile",
    "percentile",
    "median",
    "p50",
    "p90",
    "p95",
    "p99",
];

/// Where tests may look at the clock of the machine, or where what they look at is no clock of the machine.
const LOOKS_AT_A_CLOCK: &[(&str, &str)] = &[
    ("crates/testkit/src/wait.rs", "the deadline after which a wait fails"),
    ("crates/testkit/src/inbox.rs", "the deadline of a wait for a letter"),
    (
        "crates/testkit/src/servers/",
        "deadlines of waits for a private server, and when a proxy hands a chunk on",
    ),
    ("crates/ratelimit/src/conformance/time.rs", "the time of a backend that has its own cannot be turned"),
    ("crates/database/src/gate.rs", "the deadline that a caller is given"),
    ("crates/listener/tests/it/fuzz.rs", "a search runs for as long as it is told"),
    ("crates/resilience/tests/it/support.rs", "every caller runs in the runtime's paused time"),
    ("crates/listener/src/stream/stall_detector.rs", "every caller runs in the runtime's paused time"),
];

/// Where a test bounds a wait by itself.
const BOUNDS_A_WAIT: &[(&str, &str)] = &[
    ("crates/testkit/src/", "the shared helpers"),
    ("apps/api/tests/it/edge/slow.rs", "when nothing comes, the slow client sends its next byte"),
    ("apps/api/tests/it/errors/sockets.rs", "when nothing comes, the slow client sends its next byte"),
    ("crates/database/tests/it/transactions.rs", "the caller gives up in the middle"),
    ("crates/database/tests/it/sqlite.rs", "the caller gives up in the middle"),
    ("crates/database/tests/it/migrations.rs", "the caller gives up in the middle"),
    ("crates/http/tests/it/lines.rs", "the client gives up in the middle"),
    ("crates/listener/tests/it/fuzz/judge.rs", "a connection that stays open is a finding of the search"),
];

/// The code of a source that tests, without the tests that run in a paused time: there a duration is exact.
fn in_real_time(source: &Source) -> String {
    let tests = if source.package() == "crates/testkit" { source.code.clone() } else { source.tests() };
    let mut real = tests.clone().into_bytes();
    for (attribute, _) in tests.match_indices("start_paused = true") {
        let start = tests[..attribute].rfind("#[").unwrap_or(attribute);
        for byte in &mut real[start..item_end(&tests, start)] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(real).expect("whole characters were blanked")
}

/// The same, with each call of the function `timeout` left as `bounded_by_itself`. Methods of that name set a limit.
fn bounded_waits(source: &Source) -> String {
    let code = in_real_time(source);
    let calls = code.match_indices("timeout(").map(|(at, _)| at).filter(|at| {
        let before = code[..*at].bytes().next_back().unwrap_or(b' ');
        let declares = code[..*at].trim_end().ends_with("fn");
        !is_name(before) && before != b'.' && !declares
    });
    let mut found = String::new();
    let mut line = 0;
    for at in calls {
        let lines = code[..at].matches('\n').count();
        found.push_str(&"\n".repeat(lines - line));
        found.push_str(" bounded_by_itself ");
        line = lines;
    }
    found
}

fn no_test_measures<'a>(except: &'a [(&'a str, &'a str)]) -> Rule<'a> {
    Rule {
        says: "a test asserts what happened, not how long it took: calls made, the state, the order of events, a turned \
               clock; durations belong to the benchmarks",
        names: MEASURES,
        except,
    }
}

fn no_test_bounds_a_wait<'a>(except: &'a [(&'a str, &'a str)]) -> Rule<'a> {
    Rule {
        says: "a wait for something outside goes through palisade_testkit::wait, whose bound no busy machine reaches",
        names: &["bounded_by_itself"],
        except,
    }
}

#[test]
fn no_test_asserts_how_long_something_took() {
    let sources = Source::all();
    let mut problems =
        no_test_measures(LOOKS_AT_A_CLOCK).problems(&sources, |source| Some(in_real_time(source)));
    problems.extend(
        no_test_bounds_a_wait(BOUNDS_A_WAIT).problems(&sources, |source| Some(bounded_waits(source))),
    );
    report("no test asserts a duration: see docs/testing.md", &problems);
}

#[test]
fn a_test_that_asserts_a_duration_is_found() {
    let finds = |text: &str| {
        let sources = [Source::new("crates/x/tests/it/a.rs", text)];
        let mut found = no_test_measures(&[]).problems(&sources, |source| Some(in_real_time(source)));
        found.extend(no_test_bounds_a_wait(&[]).problems(&sources, |source| Some(bounded_waits(source))));
        found.len()
    };
    for offender in [
        "fn a() { assert!(begun.elapsed() < LIMIT); }",
        "fn a() { let took = begun\n.elapsed(); assert!(took > LEAST && took < MOST); }",
        "fn a() { assert!(end.duration_since(begun) < LIMIT); }",
        "fn a() { assert!(end - std::time::Instant::now() < LIMIT); }",
        "fn a() { assert!(quantile(&waits, 99) < LIMIT); }",
        "fn a() { let p99 = waits[waits.len() * 99 / 100]; }",
        "async fn a() { tokio::time::timeout(Duration::from_secs(5), call()).await.unwrap(); }",
        "async fn a() { timeout(SOON, call()).await.unwrap(); }",
        "#[tokio::test]\nasync fn a() { assert!(begun.elapsed() < LIMIT); }\n\
         #[tokio::test(start_paused = true)]\nasync fn b() { assert_eq!(begun.elapsed(), LIMIT); }",
    ] {
        assert_eq!(finds(offender), 1, "{offender}");
    }
    for clean in [
        "fn a() { assert_eq!(server.calls(), 1); }",
        "// It took less than elapsed().\nfn a() { assert!(text.contains(\"p99 elapsed\")); }",
        "#[tokio::test(start_paused = true)]\nasync fn a() { assert_eq!(begun.elapsed(), LIMIT); }",
        "fn a() { let policy = Policy::new().timeout(LIMIT); statement_timeout(LIMIT); }",
        "async fn a() { wait::end_of(\"the call\", call()).await; }",
    ] {
        assert_eq!(finds(clean), 0, "{clean}");
    }
    let ships = Source::new("crates/x/src/a.rs", "fn a() { took(begun.elapsed()); }");
    assert_eq!(in_real_time(&ships).trim(), "");
}
