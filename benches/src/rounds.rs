//! Nanoseconds per call: contenders take their turn, round after round, and the best of each counts.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// What is measured.
pub(crate) trait Contender: Sync {
    /// How long so many calls take, with the first `keys` keys in turn, from the one numbered `from` on. What a caller
    /// has at hand is made before the time is taken.
    fn time(&self, from: usize, keys: usize, calls: usize) -> Duration;
}

/// Those that are compared, by the names that they have in the figures.
pub(crate) type Contenders<'a> = [(&'static str, Box<dyn Contender + 'a>)];

/// How often each has its turn.
const ROUNDS: usize = 15;

/// So many keys are made at a time: as those of a request, they are near at hand when they are used.
const BATCH: usize = 200;

/// The best of each over rounds in which all take their turn: what disturbs a measurement of nanoseconds only ever
/// makes it slower.
pub(crate) fn best(
    contenders: &Contenders<'_>,
    keys: usize,
    threads: usize,
    calls: usize,
) -> Vec<(&'static str, f64)> {
    let mut figures: Vec<(&str, f64)> = contenders.iter().map(|(name, _)| (*name, f64::INFINITY)).collect();
    for round in 0..ROUNDS {
        for ((_, contender), (_, best)) in contenders.iter().zip(&mut figures) {
            *best = best.min(nanoseconds(&**contender, round * calls, keys, threads, calls));
        }
    }
    figures
}

/// What one call takes one thread while so many threads make calls.
fn nanoseconds(contender: &dyn Contender, from: usize, keys: usize, threads: usize, calls: usize) -> f64 {
    let barrier = Barrier::new(threads);
    let one = |thread: usize| {
        barrier.wait();
        // Each goes on where it was, half of all keys away from the other.
        contender.time(from + thread * keys / 2, keys, calls)
    };
    let slowest = thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || one(thread))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).max()
    });
    let nanoseconds = slowest.unwrap_or(Duration::MAX).as_nanos();
    // Exact far beyond any duration that is measured here.
    nanoseconds as f64 / calls as f64
}

/// The time of `call` alone, with keys that are made in batches.
pub(crate) fn in_batches<K>(
    mut from: usize,
    keys: usize,
    mut calls: usize,
    key: impl Fn(u32) -> K,
    call: impl Fn(&K),
) -> Duration {
    let mut spent = Duration::ZERO;
    while calls > 0 {
        let numbers = (from..from + BATCH.min(keys)).filter_map(|number| u32::try_from(number % keys).ok());
        let batch: Vec<K> = numbers.map(&key).collect();
        // All there are: nothing else has to be made.
        let rounds = if keys > BATCH { 1 } else { calls.div_ceil(batch.len()) };
        let begin = Instant::now();
        for _ in 0..rounds {
            batch.iter().for_each(&call);
        }
        spent += begin.elapsed();
        calls = calls.saturating_sub(rounds * batch.len());
        from += batch.len();
    }
    spent
}
