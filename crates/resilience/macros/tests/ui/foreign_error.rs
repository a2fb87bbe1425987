use palisade_resilience::{Policy, guarded};

struct Service {
    policy: Policy,
}

struct Unknown;

impl Service {
    #[guarded]
    async fn ask(&self) -> Result<(), Unknown> {
        Ok(())
    }
}

fn main() {}
