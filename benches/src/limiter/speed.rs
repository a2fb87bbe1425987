//! Nanoseconds per check.

use std::{sync::Barrier, thread, time::Duration};

use crate::contender::{Contender, governor, palisade};

const NAMES: [&str; 7] = [
    "governor",
    "palisade",
    "palisade, time given",
    "palisade two windows",
    "palisade sliding window",
    "palisade fixed window",
    "palisade refusing",
];
const ROUNDS: usize = 15;
const CHECKS: usize = 400_000;

pub(crate) fn measure() -> Result<(), Box<dyn std::error::Error>> {
    for keys in [1, 10_000, 1_000_000] {
        let mut contenders: Vec<(&str, Box<dyn Contender>)> = Vec::new();
        for name in NAMES {
            let contender: Box<dyn Contender> =
                if name == "governor" { Box::new(governor()) } else { Box::new(palisade(name, keys)?) };
            // Everyone knows all keys before anything is measured.
            contender.check(0, keys, keys);
            contenders.push((name, contender));
        }
        for threads in [1, 2] {
            for (name, ns) in best(&contenders, keys, threads) {
                println!(r#"{{"name":"{name}","keys":{keys},"threads":{threads},"ns":{ns:.1}}}"#);
            }
        }
    }
    Ok(())
}

/// The best of each over rounds in which all take their turn: what disturbs a measurement of nanoseconds only ever
/// makes it slower.
fn best<'a>(
    contenders: &[(&'a str, Box<dyn Contender>)],
    keys: usize,
    threads: usize,
) -> Vec<(&'a str, f64)> {
    let mut figures: Vec<(&str, f64)> = contenders.iter().map(|(name, _)| (*name, f64::INFINITY)).collect();
    for round in 0..ROUNDS {
        for ((_, contender), (_, best)) in contenders.iter().zip(&mut figures) {
            *best = best.min(nanoseconds(&**contender, round, keys, threads));
        }
    }
    figures
}

/// What one check takes one thread while so many threads check.
fn nanoseconds(contender: &dyn Contender, round: usize, keys: usize, threads: usize) -> f64 {
    let barrier = Barrier::new(threads);
    let one = |thread: usize| {
        barrier.wait();
        // Each goes on where it was, half of all keys away from the other.
        contender.check(round * CHECKS + thread * keys / 2, keys, CHECKS)
    };
    let slowest = thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || one(thread))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).max()
    });
    let nanoseconds = slowest.unwrap_or(Duration::MAX).as_nanos();
    // Exact far beyond any duration that is measured here.
    nanoseconds as f64 / CHECKS as f64
}
