//! What a guarded call costs besides the call: nanoseconds for a breaker, and for policies of more and more parts. One
//! JSON line per figure. `resilience count NAME CALLS` makes so many calls of one contender, for callgrind to count.
#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

mod at_once;
#[path = "resilience/contenders.rs"]
mod contenders;
mod rounds;

use std::hint::black_box;

type Problem = Box<dyn std::error::Error + Send + Sync>;

const CALLS: usize = 1_000_000;

fn main() -> Result<(), Problem> {
    // Where the timers of time limits live. It is never run: nothing here waits.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let contenders = contenders::contenders(runtime.handle())?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for threads in [1, 2] {
                for (name, ns) in rounds::best(&contenders, 1, threads, CALLS) {
                    println!(r#"{{"name":"{name}","threads":{threads},"ns":{ns:.1}}}"#);
                }
            }
            Ok(())
        }
        ["count", wanted, calls] => {
            let chosen = contenders.iter().find(|(name, _)| *name == wanted);
            let (_, contender) = chosen.ok_or("there is none of that name")?;
            black_box(contender.time(0, 1, calls.parse()?));
            Ok(())
        }
        _ => Err("usage: resilience [count NAME CALLS]".into()),
    }
}
