//! The connections of one life of the server.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::{try_join, try_join_all};
use redis::{
    Client, Cmd, Pipeline, Value,
    aio::{MultiplexedConnection, PubSub},
    cmd, pipe,
};
use tokio::time::timeout;

use crate::{
    Address, Error, Settings,
    source::{Opened, Own, Source},
};

/// Connections that were made together and are given up together.
pub(crate) struct Link {
    connections: Box<[Opened]>,
    turn: AtomicUsize,
}

impl Link {
    /// The connection whose turn it is.
    fn connection(&self) -> Result<MultiplexedConnection, Error> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let place = turn.checked_rem(self.connections.len()).unwrap_or_default();
        self.connections.get(place).map(|opened| opened.connection.clone()).ok_or(Error::Lost)
    }

    pub(crate) async fn send(&self, command: &Cmd) -> Result<Value, Error> {
        let answer = self.connection()?.send_packed_command(command).await?;
        // The driver hands a single command's error reply on as a value.
        Ok(answer.extract_error()?)
    }

    /// Sends two commands in one go and gives the second's answer.
    pub(crate) async fn send_both(&self, first: Cmd, second: Cmd) -> Result<Value, Error> {
        let mut both = pipe();
        both.add_command(first).add_command(second);
        let answers = self.connection()?.send_packed_commands(&both, 0, 2).await?;
        let last =
            answers.into_iter().nth(1).ok_or_else(|| Error::UnexpectedAnswer("one too few".to_owned()))?;
        Ok(last.extract_error()?)
    }

    /// Sends commands in one go and gives their answers, of which each may be an error.
    pub(crate) async fn send_all(&self, commands: &Pipeline) -> Result<Vec<Value>, Error> {
        Ok(self.connection()?.send_packed_commands(commands, 0, commands.len()).await?)
    }

    /// Asks every connection for an answer, and one for a write of each of `keys`. A command that the server refuses
    /// for another reason than its own state, such as a right that is missing, is an answer.
    pub(crate) async fn probe(&self, keys: &[Box<str>], limit: Duration) -> Result<(), Error> {
        let pings = self.connections.iter().map(|opened| async {
            let answer = opened.connection.clone().send_packed_command(&cmd("PING")).await;
            is_served(answer.and_then(Value::extract_error).map_err(Error::from))
        });
        let both = timeout(limit, try_join(try_join_all(pings), self.write(keys)));
        both.await.map_err(|_| Error::TimedOut(limit))?.map(drop)
    }

    async fn write(&self, keys: &[Box<str>]) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut writes = Pipeline::with_capacity(keys.len());
        for key in keys {
            // It is gone in a millisecond.
            writes.cmd("SET").arg(&**key).arg("").arg("PX").arg(1);
        }
        let mut answers = self.send_all(&writes).await?.into_iter();
        answers.try_for_each(|answer| is_served(answer.extract_error().map_err(Error::from)))
    }
}

fn is_served<T>(answer: Result<T, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if error.is_loss() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Makes links.
pub(crate) struct Connector {
    source: Box<dyn Source>,
    /// Makes the connections of subscriptions.
    listening: Option<Client>,
    connections: usize,
    connect_timeout: Duration,
    timeout: Duration,
}

impl Connector {
    /// Makes connections of our own.
    pub(crate) fn own(address: Address, settings: &Settings) -> Result<Self, Error> {
        let own = Own::new(address)?;
        let client = own.client().clone();
        Ok(Self::new(Box::new(own), Some(client), settings))
    }

    /// Takes connections that somebody else makes, and makes those of subscriptions where an address says to whom.
    #[cfg(feature = "deadpool")]
    pub(crate) fn lent(
        source: impl Source + 'static,
        address: Option<Address>,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let listening = address.map(|address| Client::open(address.connection)).transpose()?;
        Ok(Self::new(Box::new(source), listening, settings))
    }

    fn new(source: Box<dyn Source>, listening: Option<Client>, settings: &Settings) -> Self {
        Self {
            source,
            listening,
            connections: usize::from(settings.pool_size.max(1)),
            connect_timeout: settings.connect_timeout(),
            timeout: settings.timeout(),
        }
    }

    /// Whether there can be subscriptions.
    pub(crate) const fn can_listen(&self) -> bool {
        self.listening.is_some()
    }

    /// A connection of its own on which what is published on `channel` arrives.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PubSub, Error> {
        let opening = async {
            let client = self.listening.as_ref().ok_or(Error::Lost)?;
            let mut connection = client.get_async_pubsub().await?;
            connection.subscribe(channel).await?;
            Ok(connection)
        };
        timeout(self.connect_timeout, opening).await.map_err(|_| Error::TimedOut(self.connect_timeout))?
    }

    /// Connects, and has each connection answer and `keys` written within a command's time limit: a frozen server's
    /// system still accepts connections, and a replica answers a ping.
    pub(crate) async fn open(&self, keys: &[Box<str>]) -> Result<Link, Error> {
        let opened = timeout(self.connect_timeout, self.source.open(self.connections));
        let connections = opened.await.map_err(|_| Error::TimedOut(self.connect_timeout))??;
        let link = Link { connections: connections.into(), turn: AtomicUsize::new(0) };
        link.probe(keys, self.timeout).await?;
        Ok(link)
    }
}
