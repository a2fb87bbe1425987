//! Nanoseconds per hit.

use std::hint::black_box;

use tokio::runtime::{Builder, Runtime};

use crate::{
    Problem,
    contenders::contenders,
    rounds::{Contenders, best},
};

const CALLS: usize = 200_000;

pub(crate) fn measure() -> Result<(), Problem> {
    for keys in [10_000, 1_000_000] {
        let (_runtime, contenders) = ready(keys)?;
        for threads in [1, 2] {
            for (name, ns) in best(&contenders, keys.try_into()?, threads, CALLS) {
                println!(r#"{{"name":"{name}","keys":{keys},"threads":{threads},"ns":{ns:.1}}}"#);
            }
        }
    }
    Ok(())
}

/// So many calls of one of them, with few keys: they are made once, so that only calls are counted.
pub(crate) fn count(wanted: &str, calls: usize) -> Result<(), Problem> {
    const KEYS: u32 = 100;
    let (_runtime, contenders) = ready(KEYS)?;
    let (_, contender) =
        contenders.iter().find(|(name, _)| *name == wanted).ok_or("there is none of that name")?;
    black_box(contender.time(0, KEYS.try_into()?, calls));
    Ok(())
}

/// The contenders, and the runtime where the tasks of a [`Caching`](palisade_cache::Caching) live. It is never run:
/// nobody takes a share of a core.
fn ready(keys: u32) -> Result<(Runtime, Box<Contenders<'static>>), Problem> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let contenders = {
        let _on_the_runtime = runtime.enter();
        contenders(keys)?
    };
    Ok((runtime, contenders))
}
