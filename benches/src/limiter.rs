//! What a check of the limiter in memory costs, beside governor: nanoseconds by threads and keys, and the memory that
//! 300,000 keys take. One JSON line per figure. `limiter` measures everything, `limiter speed` and `limiter memory` a
//! half.
#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

#[path = "limiter/contender.rs"]
mod contender;
#[path = "limiter/memory.rs"]
mod memory;
mod rounds;
#[path = "limiter/speed.rs"]
mod speed;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1);
    let wants = |half: &str| wanted.as_deref().is_none_or(|wanted| wanted == half);
    // First, while the process holds nothing else.
    if wants("memory") {
        memory::measure()?;
    }
    if wants("speed") {
        speed::measure()?;
    }
    Ok(())
}
