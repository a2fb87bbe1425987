//! What a value costs that is at hand: nanoseconds per hit in memory beside a bare moka, and how often the source is
//! asked when 10,000 callers come at once for a value that is not at hand. One JSON line per figure.
//!
//! `cache` measures everything, `cache speed` and `cache flight` a half. `cache count NAME CALLS` makes so many calls of
//! one contender, for callgrind to count.
#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

mod at_once;
#[path = "cache/contenders.rs"]
mod contenders;
mod flight;
mod rounds;
#[path = "cache/speed.rs"]
mod speed;
mod user;

type Problem = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Problem> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            speed::measure()?;
            flight_in_memory()
        }
        ["speed"] => speed::measure(),
        ["flight"] => flight_in_memory(),
        ["count", name, calls] => speed::count(name, calls.parse()?),
        _ => Err("usage: cache [speed | flight | count NAME CALLS]".into()),
    }
}

/// Ten thousand callers of one key in one process.
fn flight_in_memory() -> Result<(), Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    runtime.block_on(async {
        let caching = contenders::caching(contenders::memory());
        let figures = flight::take_off(&[caching]).await?;
        println!("{}", figures.line("in one process, in memory"));
        Ok(())
    })
}
