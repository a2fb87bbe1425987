use std::sync::Arc;

use palisade_core::Error;
use palisade_resilience::{Policy, guarded};

struct Service {
    policy: Policy,
}

impl Service {
    #[guarded]
    async fn change(&mut self) -> Result<(), Error> {
        Ok(())
    }

    #[guarded]
    async fn consume(self) -> Result<(), Error> {
        Ok(())
    }

    #[guarded]
    async fn share(self: Arc<Self>) -> Result<(), Error> {
        Ok(())
    }
}

fn main() {}
