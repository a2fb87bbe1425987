//! Checks the reply to a case.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::App;
use palisade_listener::{Options, Running};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    application,
    case::Case,
    replies::{self, Reply},
};
use crate::world::{listener, server};

/// Longer than the server needs to close a connection.
const LIMIT: Duration = Duration::from_secs(60);

/// A server and the number of its panics.
pub(super) struct Judge {
    server: Running,
    panics: Arc<AtomicUsize>,
}

/// A valid request at the start of a case, and its expected response.
pub(super) struct Good {
    pub(super) length: usize,
    pub(super) method: String,
    pub(super) description: String,
}

impl Judge {
    pub(super) async fn start() -> Self {
        let panics = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&panics);
        let factory = || App::new().configure(application::routes);
        // The client closes its sending side, so no time limit of the server affects the reply.
        let options = Options { head_timeout: LIMIT, body_timeout: LIMIT, ..Options::default() };
        let server = server(options).on_panic(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let server = server.listen(listener(), 1, factory).unwrap().start().await.unwrap();
        Self { server, panics }
    }

    /// Sends the case with these cuts. The problem with the reply, if there is one.
    pub(super) async fn problem(&self, case: &Case, cuts: &[usize]) -> Option<String> {
        self.verdict(case, cuts).await.err()
    }

    async fn verdict(&self, case: &Case, cuts: &[usize]) -> Result<(), String> {
        let address = self.server.bound()[0].address;
        let panics = self.panics.load(Ordering::Relaxed);
        let whole = exchange(address, &case.bytes, &[]).await?;
        let cut = if cuts.is_empty() { whole.clone() } else { exchange(address, &case.bytes, cuts).await? };
        if self.panics.load(Ordering::Relaxed) > panics {
            return Err("something panicked".to_owned());
        }
        for reply in [&whole, &cut] {
            well_formed(&replies::parse(reply)?)?;
        }
        let (whole, cut) = (replies::parse(&whole)?, replies::parse(&cut)?);
        good_are_answered(&case.good(), &whole)?;
        good_are_answered(&case.good(), &cut)?;
        // If a body is not read, timing decides whether its connection stays open.
        let depends_on_time = case.bytes.windows(7).any(|part| part == application::IGNORE.as_bytes());
        let outlines = |replies: &[Reply]| replies.iter().map(Reply::outline).collect::<Vec<_>>();
        if !depends_on_time && outlines(&whole) != outlines(&cut) {
            return Err(format!("cut at {cuts:?} it is answered {cut:?}, whole {whole:?}"));
        }
        Ok(())
    }
}

/// Sends the bytes in pieces and reads until the server closes.
async fn exchange(address: SocketAddr, bytes: &[u8], cuts: &[usize]) -> Result<Vec<u8>, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (mut reading, mut writing) = stream.into_split();
    let send = async move {
        let mut start = 0;
        for end in cuts.iter().copied().chain([bytes.len()]) {
            // The reading side notices that the server has closed.
            if writing.write_all(&bytes[start..end]).await.is_err() {
                break;
            }
            start = end;
            tokio::task::yield_now().await;
        }
        let _ = writing.shutdown().await;
        writing
    };
    let mut reply = Vec::new();
    let (read, writing) = timeout(LIMIT, async { tokio::join!(reading.read_to_end(&mut reply), send) })
        .await
        .map_err(|_| "the connection stays open".to_owned())?;
    drop(writing);
    match read {
        Ok(_) => Ok(reply),
        Err(error) => Err(format!("{error} after {}", replies::shown(&reply))),
    }
}

/// Only the last response may be an error response of the server.
fn well_formed(replies: &[Reply]) -> Result<(), String> {
    for (index, reply) in replies.iter().enumerate() {
        if reply.method.is_none() && !reply.is_standard() {
            return Err(format!("not the standard body: {reply:?}"));
        }
        if reply.closes && index + 1 < replies.len() {
            return Err(format!("an answer behind a last one: {replies:?}"));
        }
    }
    Ok(())
}

fn good_are_answered(good: &[Good], replies: &[Reply]) -> Result<(), String> {
    for (index, request) in good.iter().enumerate() {
        let Some(reply) = replies.get(index) else {
            return Err(format!("{} good requests, {} answers", good.len(), replies.len()));
        };
        let body = if request.method == "HEAD" { "" } else { &request.description };
        if (reply.status, reply.method.as_deref(), reply.body.as_str()) != (200, Some(&request.method), body)
        {
            return Err(format!("request {index} is answered {reply:?}, not {body:?}"));
        }
    }
    Ok(())
}
