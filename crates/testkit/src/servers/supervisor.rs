//! Ends a server when its test ends, however it ends.
//!
//! A shell stands between the test and the server and reads from a pipe that the test holds open. When the test
//! process is gone, even by SIGKILL, the pipe closes: the shell kills the server and removes its folder.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result};
use nix::unistd::User;

/// `$1` is the folder, the rest the server's command. Each line read starts the server and answers with its process id.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
folder=$1; shift
pid=
while read -r _; do
    "$@" </dev/null >>"$folder/log" 2>&1 &
    pid=$!
    echo "$pid"
done
if [ -n "$pid" ]; then
    kill -KILL "$pid" $(cat "/proc/$pid/task/$pid/children" 2>/dev/null) 2>/dev/null
    wait "$pid" 2>/dev/null
fi
cd /
n=0
while ! rm -rf "$folder" 2>/dev/null && [ "$n" -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
"#;

pub(super) struct Supervisor {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Supervisor {
    /// Prepares to run `command` in `folder` as `user`.
    pub(super) fn new(folder: &Path, command: &[String], user: Option<&User>) -> Result<Self> {
        let mut shell = run_as(user, "sh");
        shell.args(["-c", SCRIPT, "supervisor"]).arg(folder).args(command);
        // A group of its own: Ctrl-C at the terminal reaches the test, and the test's end reaches the shell.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = shell.spawn().context("starting a shell")?;
        let answers = BufReader::new(shell.stdout.take().context("the shell has no output")?);
        Ok(Self { orders: shell.stdin.take(), shell, answers })
    }

    /// Starts the server and gives its process id.
    pub(super) fn start(&mut self) -> Result<u32> {
        let orders = self.orders.as_mut().context("the supervisor has ended")?;
        orders.write_all(b"start\n").context("the supervisor does not listen")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer.trim().parse().context("the supervisor gave no process id")
    }
}

impl Drop for Supervisor {
    /// Waits until the server is gone and its folder removed.
    fn drop(&mut self) {
        drop(self.orders.take());
        let _gone = self.shell.wait();
    }
}

/// A command that runs as `user` without further groups, when one is given.
pub(super) fn run_as(user: Option<&User>, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

/// Database servers refuse to run as root; as root they run as the user that their package made.
///
/// # Errors
/// When there is no such user.
pub(super) fn server_user(name: &str) -> Result<Option<User>> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    let user = User::from_name(name)?
        .with_context(|| format!("no user {name}: is the server's package installed?"))?;
    Ok(Some(user))
}
