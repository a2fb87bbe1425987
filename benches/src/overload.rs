//! Load on one route, as a crowd of clients makes it: `overload ADDRESS PATH TOKEN RATE CONNECTIONS SECONDS DEADLINE_MS`.
//!
//! A rate of 0 is a closed loop: each connection asks again as soon as it is answered, which finds the capacity. Any
//! other rate is an open loop: that many requests a second fall due whatever the server does, each counts from the moment
//! when it fell due, and one that finds every connection busy is not sent. Nobody honours `Retry-After`. The result is one line of JSON.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    sync::Mutex,
    time::timeout,
};

/// Who asks what, and for how long.
struct Plan {
    address: String,
    request: Vec<u8>,
    rate: f64,
    connections: usize,
    span: Duration,
    deadline: Duration,
}

impl Plan {
    fn from_arguments() -> Result<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [address, path, token, rate, connections, seconds, deadline] = arguments.as_slice() else {
            bail!("usage: overload ADDRESS PATH TOKEN RATE CONNECTIONS SECONDS DEADLINE_MS");
        };
        Ok(Self {
            address: address.clone(),
            request: format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
            )
            .into(),
            rate: rate.parse()?,
            connections: connections.parse()?,
            span: Duration::from_secs_f64(seconds.parse()?),
            deadline: Duration::from_millis(deadline.parse()?),
        })
    }
}

/// How late a request may be sent.
const SLACK: Duration = Duration::from_millis(20);

/// When the next request falls due.
struct Schedule {
    start: Instant,
    interval: Option<Duration>,
    next: Mutex<u32>,
    end: Instant,
}

impl Schedule {
    /// Waits for the next request to fall due; nothing once the time is over. What fell due while every connection was
    /// busy is never sent: the second value counts it.
    async fn next(&self) -> Option<(Instant, u32)> {
        let (due, unsent) = match self.interval {
            None => (Instant::now(), 0),
            Some(interval) => {
                let mut next = self.next.lock().await;
                let passed =
                    self.start.elapsed().saturating_sub(SLACK).as_secs_f64() / interval.as_secs_f64();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a cast of a float saturates"
                )]
                let unsent = (passed as u32).saturating_sub(*next);
                *next += unsent;
                let due = self.start + interval * *next;
                *next += 1;
                drop(next);
                tokio::time::sleep_until(due.into()).await;
                (due, unsent)
            }
        };
        (due < self.end).then_some((due, unsent))
    }
}

/// What came of the requests of one connection.
#[derive(Default)]
struct Tally {
    good: Vec<Duration>,
    late: usize,
    refused: usize,
    failed: usize,
    unsent: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.good.extend(other.good);
        self.late += other.late;
        self.refused += other.refused;
        self.failed += other.failed;
        self.unsent += other.unsent;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let plan = Arc::new(Plan::from_arguments()?);
    let start = Instant::now();
    let interval = (plan.rate > 0.0).then(|| Duration::from_secs_f64(1.0 / plan.rate));
    let schedule = Arc::new(Schedule { start, interval, next: Mutex::new(0), end: start + plan.span });
    let clients: Vec<_> = (0..plan.connections)
        .map(|number| tokio::spawn(client(Arc::clone(&plan), Arc::clone(&schedule), number)))
        .collect();
    let mut all = Tally::default();
    for client in clients {
        all.add(client.await?);
    }
    tell(&plan, all);
    Ok(())
}

async fn client(plan: Arc<Plan>, schedule: Arc<Schedule>, number: usize) -> Tally {
    let own = own_address(number);
    let mut tally = Tally::default();
    let mut connection = None;
    while let Some((due, unsent)) = schedule.next().await {
        tally.unsent += unsent as usize;
        let left = plan.deadline.saturating_sub(due.elapsed()) + Duration::from_secs(5);
        match timeout(left, exchange(&plan, own, &mut connection)).await {
            Ok(Ok(200)) if due.elapsed() <= plan.deadline => tally.good.push(due.elapsed()),
            Ok(Ok(200)) => tally.late += 1,
            Ok(Ok(429 | 503)) => tally.refused += 1,
            _ => {
                tally.failed += 1;
                connection = None;
            }
        }
    }
    tally
}

/// One of 250 loopback addresses, so that the server meets a crowd and not one client.
fn own_address(number: usize) -> SocketAddr {
    let last = u8::try_from(number % 250).map_or(1, |number| number + 2);
    SocketAddr::from(([127, 0, 0, last], 0))
}

/// One request and its answer's status. The connection is kept while the server keeps it.
async fn exchange(plan: &Plan, own: SocketAddr, connection: &mut Option<TcpStream>) -> Result<u16> {
    let mut stream = match connection.take() {
        Some(stream) => stream,
        None => {
            let socket = TcpSocket::new_v4()?;
            socket.bind(own)?;
            socket.connect(plan.address.parse()?).await?
        }
    };
    stream.write_all(&plan.request).await?;
    let mut bytes = Vec::with_capacity(2_048);
    let head = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            bail!("closed");
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(bytes.get(..head).context("a head")?).to_ascii_lowercase();
    let status =
        text.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| anyhow!("no status"))?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let body: usize = field("content-length:").unwrap_or("0").parse()?;
    while bytes.len() < head + body {
        if stream.read_buf(&mut bytes).await? == 0 {
            bail!("closed");
        }
    }
    if field("connection:") != Some("close") {
        *connection = Some(stream);
    }
    Ok(status)
}

#[expect(clippy::print_stdout, reason = "the result is for the program that asked")]
fn tell(plan: &Plan, mut all: Tally) {
    all.good.sort_unstable();
    let quantile = |share: usize| {
        let at = all.good.len().saturating_sub(1) * share / 100;
        all.good.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    };
    let seconds = plan.span.as_secs_f64();
    println!(
        "{}",
        json!({
            "good": all.good.len() as f64 / seconds,
            "late": all.late as f64 / seconds,
            "refused": all.refused as f64 / seconds,
            "failed": all.failed as f64 / seconds,
            "unsent": all.unsent as f64 / seconds,
            "p50": quantile(50),
            "p99": quantile(99),
        })
    );
}
