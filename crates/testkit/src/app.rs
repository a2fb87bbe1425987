//! The real server on free ports, driven from outside as any client would.

#![expect(clippy::panic, reason = "a test without its server or its answer has failed")]

mod answer;
mod builder;
mod call;
mod people;
mod raw;

use std::{fmt, net::SocketAddr, thread::JoinHandle};

use palisade_listener::SignalHandle;
use palisade_server::Notice;
use reqwest::Method;
use tempfile::TempDir;

pub use answer::TestResponse;
pub use builder::TestAppBuilder;
pub use call::Call;
pub use people::{PASSWORD, TestUser};

/// A running server of its own: own ports, own data folder, own thread. Dropping it stops the server as an
/// operator would, and removes the folder.
///
/// ```no_run
/// # async fn example() {
/// use palisade_testkit::TestApp;
///
/// let app = TestApp::spawn().await;
/// let ann = app.register("ann").await;
/// app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
/// # }
/// ```
pub struct TestApp {
    api: SocketAddr,
    management: Option<SocketAddr>,
    notices: Vec<Notice>,
    client: reqwest::Client,
    stop: SignalHandle,
    thread: Option<JoinHandle<()>>,
    folder: TempDir,
}

impl TestApp {
    /// A server on an SQLite file of its own, in the environment `test`.
    ///
    /// # Panics
    /// When it does not start; the message says why.
    pub async fn spawn() -> Self {
        Self::builder().spawn().await
    }

    /// A server with other settings.
    #[must_use]
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::default()
    }

    /// Where the public API listens.
    #[must_use]
    pub const fn api(&self) -> SocketAddr {
        self.api
    }

    /// Where the management listener is, if it is on.
    #[must_use]
    pub const fn management(&self) -> Option<SocketAddr> {
        self.management
    }

    /// The path of the one-time link that makes the first admin, if one was given out.
    #[must_use]
    pub fn first_admin(&self) -> Option<&str> {
        let link = self.notices.iter().find(|notice| notice.name == palisade_users::FIRST_ADMIN);
        link.map(|notice| notice.path.as_str())
    }

    /// The server's own folder.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The whole address of a path on the public listener.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.api)
    }

    /// A request with any method to a path, or to a whole address.
    pub fn call(&self, method: Method, target: &str) -> Call {
        let url = if target.starts_with("http://") { target.to_owned() } else { self.url(target) };
        Call::new(self.client.request(method, url))
    }

    /// A `GET` request.
    pub fn get(&self, target: &str) -> Call {
        self.call(Method::GET, target)
    }

    /// A `POST` request.
    pub fn post(&self, target: &str) -> Call {
        self.call(Method::POST, target)
    }

    /// A `PATCH` request.
    pub fn patch(&self, target: &str) -> Call {
        self.call(Method::PATCH, target)
    }

    /// A `DELETE` request.
    pub fn delete(&self, target: &str) -> Call {
        self.call(Method::DELETE, target)
    }

    /// Stops the server gracefully and waits for its end. Dropping does the same.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.stop();
        let ended = self.thread.take().map(JoinHandle::join);
        // A second panic while the test's own is on its way would abort the process and hide both.
        if let (Some(Err(_)), false) = (ended, std::thread::panicking()) {
            std::panic::resume_unwind(Box::new("the server's thread panicked"));
        }
    }
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp")
            .field("api", &self.api)
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}
