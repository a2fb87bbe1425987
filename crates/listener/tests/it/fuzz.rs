//! Any bytes, in any pieces, to the real server over a real socket.
//!
//! A case is the bytes of one connection. Whatever they are, nothing panics below the application, the reply is a
//! sequence of well-formed responses of which only the last may be a refusal in the standard body, each good request
//! at the front has its answer, and the reply does not depend on how the bytes are cut.
//!
//! `tests/corpus/heads` keeps cases that were once found or made; `the_corpus_is_answered` replays them. The search for
//! new ones runs for as many seconds as it is told:
//!
//! ```sh
//! PALISADE_FUZZ_SECONDS=1800 cargo test -p palisade-listener --all-features --test it -- --ignored --nocapture fuzz_head
//! ```
//!
//! `PALISADE_FUZZ_SEED` makes it begin elsewhere. What it finds is printed, with the file to keep it in.

mod application;
mod case;
mod judge;
mod mutate;
mod replies;

use std::{
    env,
    time::{Duration, Instant},
};

use case::Case;
use judge::Judge;
use mutate::Mutator;

/// How long the search takes where nothing else is said.
const SECONDS: u64 = 20;
/// It ends early when it has found so many.
const MOST_FINDINGS: usize = 20;

#[tokio::test]
async fn the_corpus_is_answered() {
    let judge = Judge::start().await;
    let mut findings = Vec::new();
    for case in Case::corpus() {
        for cuts in case.every_kind_of_cut() {
            findings
                .extend(judge.problem(&case, &cuts).await.map(|problem| format!("{}: {problem}", case.name)));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[tokio::test]
#[ignore = "a search without an end of its own: see the head of this file"]
#[expect(clippy::disallowed_methods, reason = "a search is told from outside how long it runs")]
async fn fuzz_head() {
    let number = |name, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let seconds = Duration::from_secs(number("PALISADE_FUZZ_SECONDS", SECONDS));
    let seed = number("PALISADE_FUZZ_SEED", 1);
    let judge = Judge::start().await;
    let (start, mut mutator) = (Instant::now(), Mutator::new(seed, Case::corpus()));
    let (mut executions, mut findings) = (0_u64, Vec::new());
    while start.elapsed() < seconds && findings.len() < MOST_FINDINGS {
        let (case, cuts) = mutator.next_case();
        executions += 1;
        if let Some(problem) = judge.problem(&case, &cuts).await {
            println!("finding: {problem}\n{}\n", case.text());
            findings.push(problem);
        }
    }
    println!("fuzz-head: seed {seed}, {executions} executions, {} findings", findings.len());
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
