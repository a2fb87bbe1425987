use palisade_cache::{Caching, Error, cached};

#[derive(Clone)]
struct Users {
    cache: Caching,
}

impl Users {
    #[cached(key = "x", ttl = 1)]
    async fn by_value(self) -> Result<u32, Error> {
        Ok(1)
    }

    #[cached(key = "x", ttl = 1)]
    async fn mutable(&mut self) -> Result<u32, Error> {
        Ok(1)
    }
}

fn main() {}
