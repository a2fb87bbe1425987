//! One private server and the harm that can be done to it.

use std::{
    fs, io,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nix::{sys::signal::Signal, unistd::User};

use super::{
    process::{is_running, is_stopped, signal_tree},
    supervisor::Supervisor,
};

/// How long a server may take to start; a loaded machine recovers a killed one in seconds.
const START_WITHIN: Duration = Duration::from_secs(60);
const POLL_EVERY: Duration = Duration::from_millis(20);
/// Another program may take the free port between our look and the server's start.
const ATTEMPTS: u32 = 3;

/// A server of this process: on loopback, on a free port, with its files in a folder of its own. It is killed and its
/// folder removed when it is dropped, and when this process ends for any reason.
pub struct Server {
    supervisor: Supervisor,
    pid: u32,
    port: u16,
    folder: PathBuf,
    is_ready: fn(u16) -> io::Result<bool>,
}

/// What differs between the kinds of servers.
pub(super) struct Plan<'a> {
    pub(super) name: &'a str,
    pub(super) user: Option<User>,
    /// Fills the new folder.
    pub(super) prepare: &'a dyn Fn(&Path) -> Result<()>,
    /// The command, for a folder and a port.
    pub(super) command: &'a dyn Fn(&Path, u16) -> Vec<String>,
    /// Whether the server on a port takes requests.
    pub(super) is_ready: fn(u16) -> io::Result<bool>,
}

impl Server {
    pub(super) fn start(plan: &Plan<'_>) -> Result<Self> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match Self::try_start(plan) {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no attempt was made")?).with_context(|| format!("starting a private {}", plan.name))
    }

    fn try_start(plan: &Plan<'_>) -> Result<Self> {
        let folder = make_folder(plan)?;
        let port = free_port()?;
        let mut supervisor = Supervisor::new(&folder, &(plan.command)(&folder, port), plan.user.as_ref())?;
        (plan.prepare)(&folder)?;
        let pid = supervisor.start()?;
        let server = Self { supervisor, pid, port, folder, is_ready: plan.is_ready };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Stops the server in its tracks (SIGSTOP) and waits until it stands: connections stay open and nothing answers.
    ///
    /// # Errors
    /// When the signal cannot be sent, or it goes on for a minute.
    pub fn freeze(&self) -> Result<()> {
        let frozen = signal_tree(self.pid, Signal::SIGSTOP)?;
        let deadline = Instant::now() + START_WITHIN;
        while !frozen.iter().all(|pid| is_stopped(*pid)) {
            ensure!(Instant::now() < deadline, "the server goes on after SIGSTOP");
            thread::yield_now();
        }
        Ok(())
    }

    /// Lets a frozen server go on.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn thaw(&self) -> Result<()> {
        signal_tree(self.pid, Signal::SIGCONT).map(|_| ())
    }

    /// Kills the server (SIGKILL) and waits until it is gone: connections are refused.
    ///
    /// # Errors
    /// When the signal cannot be sent, or it is not gone within a minute.
    pub fn kill(&self) -> Result<()> {
        let killed = signal_tree(self.pid, Signal::SIGKILL)?;
        let deadline = Instant::now() + START_WITHIN;
        // The process can be gone while its last threads still hold the port.
        while killed.iter().any(|pid| is_running(*pid))
            || TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        {
            ensure!(Instant::now() < deadline, "the server survives SIGKILL");
            thread::sleep(POLL_EVERY);
        }
        Ok(())
    }

    /// Starts a killed server again, on the same port with the same data, and waits until it takes requests.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> Result<()> {
        if is_running(self.pid) {
            self.kill()?;
        }
        self.pid = self.supervisor.start()?;
        self.wait_until_ready()
    }

    fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_WITHIN;
        while !(self.is_ready)(self.port).unwrap_or(false) {
            if !is_running(self.pid) {
                bail!("the server ended at once:\n{}", self.log());
            }
            ensure!(Instant::now() < deadline, "the server is not ready after a minute:\n{}", self.log());
            thread::sleep(POLL_EVERY);
        }
        Ok(())
    }

    /// The end of the server's own log.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }
}

/// Lets a kind of server be frozen, killed and restarted as the [`Server`] it holds.
macro_rules! is_a_server {
    ($kind:ident) => {
        impl std::ops::Deref for $kind {
            type Target = Server;

            fn deref(&self) -> &Server {
                &self.0
            }
        }

        impl std::ops::DerefMut for $kind {
            fn deref_mut(&mut self) -> &mut Server {
                &mut self.0
            }
        }
    };
}
pub(super) use is_a_server;

/// A new folder that belongs to the server's user. The supervisor removes it.
fn make_folder(plan: &Plan<'_>) -> Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix(&format!("palisade-{}-", plan.name)).tempdir()?.keep();
    if let Some(user) = &plan.user {
        std::os::unix::fs::chown(&folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    Ok(folder)
}

pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
