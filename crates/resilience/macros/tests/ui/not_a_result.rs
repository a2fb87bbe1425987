use palisade_resilience::{Policy, guarded};

struct Service {
    policy: Policy,
}

impl Service {
    #[guarded]
    async fn ask(&self) -> u32 {
        7
    }
}

fn main() {}
