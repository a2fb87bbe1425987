//! A network that can be broken: a TCP proxy in front of a server.

mod delay;
mod lines;
mod mode;
mod pipe;
mod traffic;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::sync::watch;

use self::{mode::Network, traffic::Counters};
pub use self::{
    mode::{Direction, Mode},
    traffic::Traffic,
};
use super::server::free_port;

/// How long a change of mode may take to take hold.
const CHANGE_WITHIN: Duration = Duration::from_secs(10);

/// A proxy on a free port of loopback, in a thread of its own. It passes until told otherwise.
///
/// ```no_run
/// use palisade_testkit::servers::{Mode, Proxy, Redis};
///
/// # fn main() -> anyhow::Result<()> {
/// let server = Redis::start()?;
/// let proxy = Proxy::start(server.port())?;
/// let url = format!("redis://127.0.0.1:{}", proxy.port());
/// proxy.set(Mode::BlackHole)?;
/// # Ok(())
/// # }
/// ```
pub struct Proxy {
    port: u16,
    network: Option<watch::Sender<Network>>,
    listening: Arc<AtomicBool>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts one in front of `server` on loopback.
    ///
    /// # Errors
    /// When there is no free port or no thread.
    pub fn start(server: u16) -> Result<Self> {
        let port = free_port()?;
        let (network, changes) = watch::channel(Network::usual(Mode::Pass));
        let listening = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (own, upstream) = (loopback(port), loopback(server));
        let counters = Arc::new(Counters::default());
        let (flag, counted) = (Arc::clone(&listening), Arc::clone(&counters));
        let thread = thread::Builder::new()
            .name("proxy".to_owned())
            .spawn(move || runtime.block_on(lines::serve(own, upstream, changes, &flag, &counted)))?;
        let proxy = Self { port, network: Some(network), listening, counters, thread: Some(thread) };
        proxy.wait_until_listening(true)?;
        Ok(proxy)
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What has reached it since its start: a test claims by it that nothing was sent.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.counters.traffic()
    }

    /// Changes what the network does, for connections that are open too. When this returns, a new connection meets the
    /// new mode. A black hole swallows both directions; what delays, cuts or thins does it to the answers.
    ///
    /// # Errors
    /// When the port was taken by somebody else while connections were refused.
    pub fn set(&self, mode: Mode) -> Result<()> {
        self.change(Network::usual(mode))
    }

    /// As [`Self::set`], for bytes that go this way only; the others pass. So a question can arrive whose answer is
    /// lost. `Refuse` and `Reset` end connections whichever way.
    ///
    /// # Errors
    /// As of [`Self::set`].
    pub fn set_one_way(&self, direction: Direction, mode: Mode) -> Result<()> {
        self.change(Network::one_way(mode, direction))
    }

    fn change(&self, network: Network) -> Result<()> {
        self.network.as_ref().context("the proxy has ended")?.send_replace(network);
        self.wait_until_listening(network.mode != Mode::Refuse)
    }

    fn wait_until_listening(&self, wanted: bool) -> Result<()> {
        let deadline = Instant::now() + CHANGE_WITHIN;
        while self.listening.load(Ordering::Acquire) != wanted {
            ensure!(Instant::now() < deadline, "the proxy does not come to its mode");
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Without a sender the thread ends.
        drop(self.network.take());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
