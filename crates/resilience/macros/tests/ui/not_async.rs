use palisade_core::Error;
use palisade_resilience::{Policy, guarded};

struct Service {
    policy: Policy,
}

impl Service {
    #[guarded]
    fn ask(&self) -> Result<(), Error> {
        Ok(())
    }
}

fn main() {}
