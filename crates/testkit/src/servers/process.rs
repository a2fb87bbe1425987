//! Signals to a server and all its children. PostgreSQL is one process per connection.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Sends a signal to a process and to all that descend from it, parents first, and tells which they were.
///
/// # Errors
/// When a process may not be signalled. One that is gone already is no error.
pub(super) fn signal_tree(root: u32, signal: Signal) -> Result<Vec<u32>> {
    let mut signalled = Vec::new();
    loop {
        // Again until there is nobody new: a server starts a process for each connection that it takes.
        let new: Vec<u32> = tree(root).into_iter().filter(|pid| !signalled.contains(pid)).collect();
        if new.is_empty() {
            return Ok(signalled);
        }
        for pid in &new {
            match kill(Pid::from_raw(i32::try_from(*pid)?), signal) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("sending {signal} to process {pid}"));
                }
            }
        }
        signalled.extend(new);
    }
}

/// Whether no thread of the process runs any more. SIGSTOP has been sent long before its last thread obeys.
pub(super) fn is_stopped(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads
        .filter_map(|thread| state_and_parent(&thread.path().join("stat")))
        .all(|(state, _)| matches!(state, 'T' | 't' | 'Z' | 'X'))
}

/// Whether the process runs; one that has ended and waits for its parent does not.
pub(super) fn is_running(pid: u32) -> bool {
    status(pid).is_some_and(|(state, _)| state != 'Z')
}

fn tree(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, status(pid)?.1)))
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found
}

fn status(pid: u32) -> Option<(char, u32)> {
    state_and_parent(Path::new(&format!("/proc/{pid}/stat")))
}

/// The state and the parent in a `stat` file (proc_pid_stat(5)). The second field is the program's name in parentheses,
/// which may itself hold spaces and parentheses.
fn state_and_parent(stat: &Path) -> Option<(char, u32)> {
    let text = fs::read_to_string(stat).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
