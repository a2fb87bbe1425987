//! `api docs`: the documents that are made from the code.

use std::{fs, path::PathBuf};

use anyhow::Context as _;

use crate::print::print;
use crate::{exit::Exit, failure::Failure, program::Program};

/// Which of the two: write or check.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only compare: names each stale file and exits 1
    #[arg(long)]
    check: bool,
    /// The workspace to write into
    #[arg(long, default_value = ".")]
    root: PathBuf,
}

pub(super) fn run(program: &Program, arguments: &Arguments) -> Result<Exit, Failure> {
    let mut stale = Vec::new();
    for document in program.documents()? {
        let path = arguments.root.join(document.path);
        if fs::read_to_string(&path).is_ok_and(|present| present == document.text) {
            continue;
        }
        stale.push(document.path);
        if !arguments.check {
            fs::write(&path, document.text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    print(&match (stale.is_empty(), arguments.check) {
        (true, _) => "all generated documents are fresh".to_owned(),
        (false, true) => format!("stale: {}; write them with `cargo run -- docs`", stale.join(", ")),
        (false, false) => format!("written: {}", stale.join(", ")),
    });
    Ok(if arguments.check && !stale.is_empty() { Exit::Failed } else { Exit::Clean })
}
