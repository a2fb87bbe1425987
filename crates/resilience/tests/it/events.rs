//! What a breaker writes to the log.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use palisade_core::{ManualClock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

/// A line for each event: its level and its fields.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

#[test]
fn each_change_is_told_once_with_the_breakers_name() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(lines.clone());
    tracing::subscriber::with_default(subscriber, || {
        let clock = Arc::new(ManualClock::default());
        let policy = BreakerPolicy::default();
        let breaker = Breaker::new("billing", policy, Timeline::following(clock.clone()));
        (0..5).for_each(|_| breaker.acquire().unwrap().failed());
        breaker.trip("the connection is gone");
        clock.advance(policy.recovery());
        breaker.acquire().unwrap().succeeded();
        breaker.reset();
        breaker.trip("the connection is gone");
    });
    assert_eq!(
        *lines.0.lock().unwrap(),
        [
            r#"WARN message=circuit_breaker.opened breaker="billing" reason="too many calls failed" recovery=60s"#,
            r#"INFO message=circuit_breaker.half_opened breaker="billing" reason="the recovery time is over""#,
            r#"INFO message=circuit_breaker.closed breaker="billing" reason="the probes succeeded""#,
            r#"WARN message=circuit_breaker.opened breaker="billing" reason="the connection is gone" recovery=60s"#,
        ]
    );
}
