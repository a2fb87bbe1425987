//! Choosing settings and starting the server.

use std::sync::{Arc, Mutex, PoisonError};

use palisade_listener::Signals;
use palisade_server::{Observability, Program, Ready, Server, Settings};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::TestApp;
use crate::TestDatabase;

type Adjust = Box<dyn FnOnce(&mut Settings) + Send>;

/// The settings of a [`TestApp`] before it starts.
#[derive(Default)]
pub struct TestAppBuilder {
    server: Option<Server>,
    database_url: Option<String>,
    values: Vec<(String, Value)>,
    adjustments: Vec<Adjust>,
}

/// How the server's thread tells what became of the start.
type Tell = oneshot::Sender<Result<Ready, String>>;

impl TestAppBuilder {
    /// Runs this server in place of `api`.
    #[must_use]
    pub fn server(mut self, server: Server) -> Self {
        self.server = Some(server);
        self
    }

    /// Uses this database in place of an SQLite file.
    #[must_use]
    pub fn database(self, database: &TestDatabase) -> Self {
        self.database_url(database.url())
    }

    /// Uses the database at this address.
    #[must_use]
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.database_url = Some(url.into());
        self
    }

    /// Sets `section.field`, in the JSON type of that field.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.push((key.to_owned(), value.into()));
        self
    }

    /// Changes the settings in code, after everything else.
    #[must_use]
    pub fn settings(mut self, adjust: impl FnOnce(&mut Settings) + Send + 'static) -> Self {
        self.adjustments.push(Box::new(adjust));
        self
    }

    /// Starts the server and waits until it accepts.
    ///
    /// # Panics
    /// When it does not start; the message says why.
    pub async fn spawn(self) -> TestApp {
        match self.try_spawn().await {
            Ok(app) => app,
            Err(problem) => panic!("the server did not start: {problem}"),
        }
    }

    /// Starts the server and waits until it accepts.
    ///
    /// # Errors
    /// Why it did not start, as an operator reads it.
    pub async fn try_spawn(mut self) -> Result<TestApp, String> {
        let server = self.server.take().unwrap_or_else(palisade_api::server);
        let program = server.build().map_err(|error| error.to_string())?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let settings = self.resolve(&program, folder.path())?;
        let (tell, told) = oneshot::channel();
        let (stop, signals) = Signals::from_handle();
        let thread = std::thread::Builder::new()
            .name("test-app".to_owned())
            .spawn(move || actix_rt::System::new().block_on(serve(program, settings, tell, signals)))
            .map_err(|error| error.to_string())?;
        let Ready { api, management, notices } =
            told.await.map_err(|_| "the server's thread panicked".to_owned())??;
        Ok(TestApp { api, management, notices, client: client()?, stop, thread: Some(thread), folder })
    }

    fn resolve(self, program: &Program, folder: &std::path::Path) -> Result<Settings, String> {
        let url = self.database_url.unwrap_or_else(|| format!("sqlite://{}/test.db", folder.display()));
        let defaults = [
            ("app.environment", Value::from("test")),
            ("app.data_dir", folder.to_string_lossy().into()),
            ("server.host", "127.0.0.1".into()),
            ("server.port", 0.into()),
            ("server.workers", 2.into()),
            ("server.shutdown_timeout_seconds", 5.into()),
            ("management.host", "127.0.0.1".into()),
            ("management.port", 0.into()),
            ("database.url", url.into()),
        ];
        let defaults = defaults.into_iter().map(|(key, value)| (key.to_owned(), value));
        let mut sections: Map<String, Value> = Map::new();
        for (key, value) in defaults.chain(self.values) {
            let (section, field) = key.split_once('.').unwrap_or(("app", &key));
            let section = sections.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(fields) = section {
                fields.insert(field.to_owned(), value);
            }
        }
        let mut settings = program.settings_from(&sections).map_err(|failure| failure.to_string())?;
        self.adjustments.into_iter().for_each(|adjust| adjust(&mut settings));
        Ok(settings)
    }
}

impl std::fmt::Debug for TestAppBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestAppBuilder").field("values", &self.values).finish_non_exhaustive()
    }
}

/// A client that asks the server and nobody between, and follows no redirect.
fn client() -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.timeout(std::time::Duration::from_secs(60)).build().map_err(|error| error.to_string())
}

/// The life of the server, in its own thread.
async fn serve(program: Arc<Program>, settings: Settings, tell: Tell, signals: Signals) {
    let tell = Arc::new(Mutex::new(Some(tell)));
    let teller = Arc::clone(&tell);
    let observability = Observability::measuring(program.facts(), &settings);
    let serving = program.serve(settings, observability, signals, move |ready| say(&teller, Ok(ready)));
    let served = Box::pin(serving).await;
    if let Err(failure) = served {
        say(&tell, Err(failure.to_string()));
    }
}

/// Tells once; a test that has given up does not listen any more.
fn say(tell: &Mutex<Option<Tell>>, outcome: Result<Ready, String>) {
    if let Some(tell) = tell.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _unheard = tell.send(outcome);
    }
}
