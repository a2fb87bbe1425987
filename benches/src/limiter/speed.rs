//! Nanoseconds per check.

use crate::{
    contender::{governor, palisade},
    rounds::{Contender, best},
};

const NAMES: [&str; 7] = [
    "governor",
    "palisade",
    "palisade, time given",
    "palisade two windows",
    "palisade sliding window",
    "palisade fixed window",
    "palisade refusing",
];
const CHECKS: usize = 400_000;

pub(crate) fn measure() -> Result<(), Box<dyn std::error::Error>> {
    for keys in [1, 10_000, 1_000_000] {
        let mut contenders: Vec<(&'static str, Box<dyn Contender>)> = Vec::new();
        for name in NAMES {
            let contender: Box<dyn Contender> =
                if name == "governor" { Box::new(governor()) } else { Box::new(palisade(name, keys)?) };
            // Everyone knows all keys before anything is measured.
            contender.time(0, keys, keys);
            contenders.push((name, contender));
        }
        for threads in [1, 2] {
            for (name, ns) in best(&contenders, keys, threads, CHECKS) {
                println!(r#"{{"name":"{name}","keys":{keys},"threads":{threads},"ns":{ns:.1}}}"#);
            }
        }
    }
    Ok(())
}
