use palisade_core::Error;
use palisade_resilience::guarded;

#[guarded(policy = 7)]
async fn ask() -> Result<(), Error> {
    Ok(())
}

fn main() {}
