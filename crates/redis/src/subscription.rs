//! Hearing what is published on a channel, and knowing when it is not heard.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use redis::{Msg, Value, aio::PubSubSink};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{Error, backoff::Backoff, link::Connector};

/// How often a silent connection is asked whether it still is one. With the time limit of a command this bounds how
/// long messages may be missed unnoticed.
const PING_EVERY: Duration = Duration::from_millis(250);

/// Who hears a channel. The calls come one after the other from one task, which they must not hold up.
pub trait Listener: Send + Sync + 'static {
    /// From now on messages are heard. What was published before has been missed.
    fn joined(&self);

    /// A message.
    fn heard(&self, message: &[u8]);

    /// From now on messages may be missed.
    fn left(&self);
}

/// A task that listens, if there can be one. Dropping it ends the task and its connection.
#[derive(Debug)]
pub struct Subscription(Option<JoinHandle<()>>);

impl Subscription {
    pub(crate) fn start(
        connector: Arc<Connector>,
        channel: String,
        patience: Duration,
        listener: Arc<dyn Listener>,
    ) -> Self {
        if !connector.can_listen() {
            tracing::warn!(channel, "redis.no_subscriptions");
            return Self(None);
        }
        Self(Some(tokio::spawn(async move {
            let mut backoff = Backoff::default();
            loop {
                let ended = listen(&connector, &channel, patience, &*listener, &mut backoff).await;
                if let Err(error) = ended {
                    tracing::debug!(channel, error = %error, "redis.subscription_lost");
                }
                sleep(backoff.next()).await;
            }
        })))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Listens until the connection fails.
async fn listen(
    connector: &Connector,
    channel: &str,
    patience: Duration,
    listener: &dyn Listener,
    backoff: &mut Backoff,
) -> Result<(), Error> {
    let (mut questions, mut messages) = connector.listen(channel).await?.split();
    // The system of a frozen server takes connections, but nobody answers on them.
    ping(&mut questions, patience).await?;
    listener.joined();
    let _leaving = Leaving(listener);
    loop {
        match timeout(PING_EVERY, messages.next()).await {
            Ok(Some(message)) => hear(listener, &message),
            Ok(None) => return Err(Error::Broken("the subscription ended".to_owned())),
            Err(_) => {
                ping(&mut questions, patience).await?;
                // Not before it has lasted: a server that takes connections and ends them is not asked without a pause.
                backoff.reset();
            }
        }
    }
}

fn hear(listener: &dyn Listener, message: &Msg) {
    listener.heard(message.get_payload_bytes());
}

async fn ping(questions: &mut PubSubSink, patience: Duration) -> Result<(), Error> {
    let answer = timeout(patience, questions.ping::<Value>()).await;
    answer.map_err(|_| Error::TimedOut(patience))?.map(drop).map_err(Error::from)
}

/// Tells the listener that it hears nothing any more, also when the task is ended under it.
struct Leaving<'a>(&'a dyn Listener);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.left();
    }
}
