use palisade_core::Error;
use palisade_resilience::{Policy, guarded};

struct Service {
    policy: Policy,
}

struct Once;

impl Service {
    #[guarded]
    async fn change(&self, into: &mut String) -> Result<(), Error> {
        into.push('x');
        Ok(())
    }

    #[guarded]
    async fn pair(&self, (left, right): (u32, u32)) -> Result<u32, Error> {
        Ok(left + right)
    }

    #[guarded]
    async fn once(&self, once: Once) -> Result<(), Error> {
        drop(once);
        Ok(())
    }
}

fn main() {}
