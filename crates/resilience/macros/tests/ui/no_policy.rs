use palisade_core::Error;
use palisade_resilience::guarded;

#[guarded]
async fn ask() -> Result<(), Error> {
    Ok(())
}

fn main() {}
