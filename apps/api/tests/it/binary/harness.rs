//! Runs the real `api` in an empty folder with nothing in its environment but what a test gives.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::Arc,
};

use palisade_testkit::wait;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

use super::lines::Lines;

/// A secret that production takes.
pub(in crate::binary) const SECRET: &str = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";

/// What the program is started with.
pub(in crate::binary) struct Setup {
    folder: Arc<TempDir>,
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
    input: String,
    most_files: Option<u32>,
}

/// A program that runs.
pub(in crate::binary) struct Running {
    _folder: Arc<TempDir>,
    child: Child,
    stdout: Lines,
    stderr: Lines,
    /// Where it serves.
    pub(in crate::binary) api: SocketAddr,
    /// Where its management listener is.
    pub(in crate::binary) management: SocketAddr,
}

/// A program that has ended.
#[derive(Debug)]
pub(in crate::binary) struct Ended {
    pub(in crate::binary) status: ExitStatus,
    pub(in crate::binary) stdout: String,
    pub(in crate::binary) stderr: String,
}

impl Setup {
    /// With ports that nobody else has.
    pub(in crate::binary) fn new() -> Self {
        let setup = Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            variables: vec![],
            arguments: vec![],
            input: String::new(),
            most_files: None,
        };
        setup.set("SERVER_PORT", "0").set("MANAGEMENT_PORT", "0")
    }

    /// As production demands: with a secret, and with JSON logs whatever the terminal.
    pub(in crate::binary) fn production() -> Self {
        let setup = Self::new().set("APP_ENVIRONMENT", "production").set("AUTH_JWT_SECRET", SECRET);
        setup.set("SERVER_DRAIN_DELAY_SECONDS", "0")
    }

    pub(in crate::binary) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    pub(in crate::binary) fn unset(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    pub(in crate::binary) fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.folder().join(name), text).unwrap();
        self
    }

    pub(in crate::binary) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same folder and environment, another command.
    pub(in crate::binary) fn command(&self, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self {
            folder: Arc::clone(&self.folder),
            variables: self.variables.clone(),
            arguments,
            input: String::new(),
            most_files: self.most_files,
        }
    }

    /// The same with something to read on standard input.
    pub(in crate::binary) fn input(&self, text: &str) -> Self {
        Self { arguments: self.arguments.clone(), input: text.to_owned(), ..self.command(&[]) }
    }

    /// With no more than so many open files, which it cannot raise.
    pub(in crate::binary) fn most_files(self, most: u32) -> Self {
        Self { most_files: Some(most), ..self }
    }

    fn program(&self) -> Command {
        let api = env!("CARGO_BIN_EXE_api");
        let Some(most) = self.most_files else { return Command::new(api) };
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("ulimit -n {most} && exec \"$0\" \"$@\""), api]);
        shell
    }

    fn spawn(&self) -> Child {
        let mut command = self.program();
        command.args(&self.arguments).current_dir(self.folder()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input.clone();
        // A program that does not read is no error.
        tokio::spawn(async move { stdin.write_all(input.as_bytes()).await });
        child
    }

    /// Runs it to its end.
    pub(in crate::binary) async fn run(&self) -> Ended {
        let output = wait::end_of("the program", self.spawn().wait_with_output()).await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Starts it and waits until it is ready.
    pub(in crate::binary) async fn start(&self) -> Running {
        let mut running = self.launch().await;
        running.ready().await;
        running
    }

    /// Starts it and waits until both listeners accept; it is not ready then.
    pub(in crate::binary) async fn launch(&self) -> Running {
        let mut child = self.spawn();
        let stdout = Lines::read(child.stdout.take().unwrap());
        let stderr = Lines::read(child.stderr.take().unwrap());
        let listening = |name: &str| stdout.json().into_iter().find_map(|line| address(&line, name));
        let (api, management) = wait::for_ok("both listeners accept", async || {
            if let (Some(api), Some(management)) = (listening("api"), listening("management")) {
                return Ok((api, management));
            }
            let output = format!("{}\n{}", stdout.text(), stderr.text());
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended at once with {ended:?}:\n{output}");
            Err(output)
        })
        .await;
        Running { _folder: Arc::clone(&self.folder), child, stdout, stderr, api, management }
    }
}

fn address(line: &Value, listener: &str) -> Option<SocketAddr> {
    let found = line["message"] == "server.listening" && line["listener"] == listener;
    line["address"].as_str().filter(|_| found)?.parse().ok()
}

impl Running {
    pub(in crate::binary) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.api)
    }

    /// Waits until it is ready.
    pub(in crate::binary) async fn ready(&mut self) {
        wait::for_ok("the program is ready", async || {
            let ended = self.child.try_wait().unwrap();
            let output = format!("{}\n{}", self.stdout.text(), self.stderr.text());
            assert!(ended.is_none(), "it ended with {ended:?} before it was ready:\n{output}");
            let is_ready = self.log().iter().any(|line| line["message"] == "server.ready");
            if is_ready { Ok(()) } else { Err(output) }
        })
        .await;
    }

    pub(in crate::binary) fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = i32::try_from(self.child.id().expect("it runs")).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).unwrap();
    }

    /// Its process id.
    pub(in crate::binary) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The most memory it has ever had, in bytes.
    pub(in crate::binary) fn peak_memory(&self) -> usize {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id().expect("it runs"))).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells");
        peak.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    }

    /// Waits until all series of a metric together are at least `wanted`.
    pub(in crate::binary) async fn measured(&self, metric: &str, wanted: usize) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        wait::for_ok(metric, async || {
            let answer = client.get(format!("http://{}/metrics", self.management)).send().await.unwrap();
            let text = answer.text().await.unwrap();
            let series = text
                .lines()
                .filter(|line| line.strip_prefix(metric).is_some_and(|rest| rest.starts_with([' ', '{'])));
            let values = series.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
            let is_there = values.sum::<f64>() >= f64::from(u32::try_from(wanted).unwrap());
            if is_there { Ok(()) } else { Err(text) }
        })
        .await;
    }

    /// Waits for its end.
    pub(in crate::binary) async fn ended(mut self) -> Ended {
        let status = wait::end_of("the program", self.child.wait()).await.unwrap();
        Ended { status, stdout: self.stdout.rest().await, stderr: self.stderr.rest().await }
    }

    /// Its log so far.
    pub(in crate::binary) fn log(&self) -> Vec<Value> {
        self.stdout.json()
    }

    /// What it told the person at the terminal so far.
    pub(in crate::binary) fn told(&self) -> String {
        self.stderr.text()
    }

    /// Waits for a line of the log.
    pub(in crate::binary) async fn logged(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.found(|log| log.into_iter().find(|line| wanted(line))).await
    }

    /// Waits for a line of the log with that message, after `before` others of it.
    pub(in crate::binary) async fn logged_after(&self, before: usize, message: &str) -> Value {
        self.found(|log| log.into_iter().filter(|line| line["message"] == message).nth(before)).await
    }

    async fn found(&self, look: impl Fn(Vec<Value>) -> Option<Value>) -> Value {
        wait::for_ok("a line of the log", async || look(self.log()).ok_or_else(|| self.stdout.text())).await
    }
}

impl Ended {
    /// This end, when it has that exit code.
    #[track_caller]
    pub(in crate::binary) fn expect(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{:?}\n{}\n{}", self.status, self.stdout, self.stderr);
        self
    }

    /// Asserts that the report says each of these.
    #[track_caller]
    pub(in crate::binary) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in\n{}", self.stderr);
        }
        self
    }

    /// Asserts that nothing it printed holds any of these.
    #[track_caller]
    pub(in crate::binary) fn never_says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(
                !self.stderr.contains(text) && !self.stdout.contains(text),
                "{text:?} in\n{}\n{}",
                self.stderr,
                self.stdout
            );
        }
        self
    }
}
