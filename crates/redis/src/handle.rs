//! The handle that everybody shares.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use palisade_resilience::Breaker;
use palisade_telemetry::{metrics::Telemetry, trace_span};
use redis::{Arg, Cmd, FromRedisValue, Pipeline, Value, cmd};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tracing::{Instrument as _, Span};

use crate::{
    Counters, Error, Listener, Script, Settings, State, Subscription, UrlError,
    keeper::Keeper,
    link::{Connector, Link},
    metrics::Metrics,
    state::Shared,
};

/// Redis, shared by everything in the process that needs it. Cloning it is cheap; dropping the last clone ends the
/// connections and the task that keeps them.
///
/// Each call is bounded by `timeout_ms`. The first call that fails by the server's fault makes it lost for all: calls
/// then fail with [`Error::Lost`] in microseconds, until the task in the background has connections that answer in time
/// and take [the writes that callers need](Redis::probe_with). It tries at once and then at most a second apart.
///
/// The connections live on the runtime that called [`Redis::connect`]; calls may come from any other.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    keeper: Keeper,
    connector: Arc<Connector>,
    timeout: Duration,
    metrics: Metrics,
}

impl Redis {
    /// Connects to the server of the settings; `None` when they name none. A server that cannot be reached within
    /// `connect_timeout_ms` is no error: it is lost, and will be found. Its calls and its circuit breaker are measured by
    /// `telemetry`.
    ///
    /// # Errors
    /// When the URL is wrong.
    pub async fn connect(
        settings: &Settings,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Option<Self>, UrlError> {
        let Some(address) = settings.parse_url()? else { return Ok(None) };
        let place = address.to_string();
        let connector = Connector::own(address, settings).map_err(|_| UrlError::Malformed)?;
        Ok(Some(Self::start(place, connector, settings, telemetry).await))
    }

    pub(crate) async fn start(
        place: String,
        connector: Connector,
        settings: &Settings,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Self {
        let shared = Arc::new(Shared::new(place));
        let metrics = Metrics::new(telemetry);
        let (connected, breaker) =
            (metrics.connected.with([]), shared.breaker().clone().telemetry(telemetry));
        let is_up = move || breaker.state() == palisade_resilience::State::Closed;
        telemetry.before_reading(Box::new(move || connected.set_flag(is_up())));
        match connector.open(&[]).await {
            Ok(link) => shared.found(link),
            Err(error) => shared.report_lost(&error),
        }
        let connector = Arc::new(connector);
        let keeper = Keeper::start(Arc::clone(&shared), Arc::clone(&connector));
        Self(Arc::new(Inner { shared, keeper, connector, timeout: settings.timeout(), metrics }))
    }

    /// Sends a command and reads its answer.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Error> {
        let span = span(|| name(command));
        let answer = self.bounded(|link| async move { link.send(command).await }).instrument(span).await?;
        read(answer)
    }

    /// Sends commands in one round trip and gives the answer of each. They are not a transaction, and a cluster may
    /// keep their keys in different slots.
    ///
    /// # Errors
    /// Any [`Error`] that all of them have in common; what the server refuses of one is in its place.
    pub async fn query_all(&self, commands: &Pipeline) -> Result<Vec<Result<Value, Error>>, Error> {
        self.bounded(|link| async move {
            let answers = link.send_all(commands).await?.into_iter();
            let answers = answers.map(|answer| answer.extract_error().map_err(Error::from));
            let answers = answers.inspect(|answer| self.note(answer));
            // A server that does not serve says so to each.
            answers
                .map(
                    |answer| {
                        if answer.as_ref().is_err_and(Error::is_loss) { answer.map(Ok) } else { Ok(answer) }
                    },
                )
                .collect()
        })
        .instrument(span(|| "PIPELINE".to_owned()))
        .await
    }

    /// Has `listener` hear what is published on `channel`, over a connection of its own, until the subscription is
    /// dropped. Must be called on a runtime, where the task that listens lives. A handle without an address (over a
    /// pool, of settings without a `url`) hears nothing: the listener is never told that it has joined.
    #[must_use = "dropping the subscription ends it"]
    pub fn subscribe(&self, channel: &str, listener: Arc<dyn Listener>) -> Subscription {
        Subscription::start(Arc::clone(&self.0.connector), channel.to_owned(), self.0.timeout, listener)
    }

    /// Runs a script by its hash, and by its text when the server does not know it. `call` is the script's
    /// [`Script::call`] with its arguments.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn invoke<T: FromRedisValue>(&self, script: &Script, call: &Cmd) -> Result<T, Error> {
        let answer = self.bounded(|link| async move {
            match link.send(call).await {
                Err(Error::Refused(code)) if code == "NOSCRIPT" => {
                    link.send_both(script.load(), call.clone()).await
                }
                answer => answer,
            }
        });
        read(answer.instrument(span(|| "EVALSHA".to_owned())).await?)
    }

    /// Says that the caller writes keys such as `key`. From now on the server counts as lost while it answers and does
    /// not take writes (it has become a replica, it cannot save its data, …), and as found once it does. For that the
    /// task in the background writes an empty value of a millisecond's life to this key about once a second.
    pub fn probe_with(&self, key: &str) {
        self.0.shared.probe_with(key);
    }

    /// Whether Redis answers. While it is lost, this says so without asking.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.query::<Value>(&cmd("PING")).await.map(drop)
    }

    /// Whether calls are worth making. One atomic read.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.0.shared.is_up()
    }

    /// Whether Redis answers, and since when it does or does not.
    #[must_use]
    pub fn state(&self) -> State {
        *self.0.shared.watch().borrow()
    }

    /// Tells each change of the state.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<State> {
        self.0.shared.watch()
    }

    /// What has happened since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.shared.counters()
    }

    /// The circuit breaker that all calls pass: open while Redis is lost, closed by the task that finds it.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        self.0.shared.breaker()
    }

    /// How long a call may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// Ends the connections and the task that keeps them. Later calls fail with [`Error::Lost`].
    pub fn close(&self) {
        self.0.keeper.stop();
        self.0.shared.close();
    }

    /// One time limit around all that a call does, and the verdict on the server afterwards.
    async fn bounded<F, A, T>(&self, call: F) -> Result<T, Error>
    where
        F: FnOnce(Arc<Link>) -> A,
        A: Future<Output = Result<T, Error>>,
    {
        let metrics = &self.0.metrics;
        let (link, permit) =
            self.0.shared.link().inspect_err(|lost| metrics.called::<()>(&Err(lost.clone())))?;
        let begun = Instant::now();
        let answer = timeout(self.0.timeout, call(Arc::clone(&link))).await;
        let answer = answer.unwrap_or(Err(Error::TimedOut(self.0.timeout)));
        metrics.duration.with([]).observe_duration(begun.elapsed());
        metrics.called(&answer);
        match &answer {
            Err(error) if error.is_loss() => {
                self.0.shared.failed(&link, error);
                permit.failed();
            }
            _ => {
                self.note(&answer);
                permit.succeeded();
            }
        }
        answer
    }

    fn note<T>(&self, answer: &Result<T, Error>) {
        if let Err(Error::Refused(code)) = answer {
            self.0.shared.refused(code);
        }
    }
}

/// A span of a trace; the name is made where somebody traces.
fn span(operation: impl FnOnce() -> String) -> Span {
    trace_span!(
        "redis.query",
        otel.kind = "client",
        db.system.name = "redis",
        db.operation.name = operation()
    )
}

/// The command without its arguments, which are keys and values.
fn name(command: &Cmd) -> String {
    match command.args_iter().next() {
        Some(Arg::Simple(name)) => String::from_utf8_lossy(name).into_owned(),
        _ => String::new(),
    }
}

fn read<T: FromRedisValue>(answer: Value) -> Result<T, Error> {
    T::from_redis_value(answer).map_err(|error| Error::UnexpectedAnswer(error.to_string()))
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("state", &self.state()).finish_non_exhaustive()
    }
}
