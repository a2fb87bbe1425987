use palisade_cache::{Caching, Error, cached};

#[cached(key = "x", ttl = 1, time = 2)]
async fn unknown(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1, ttl = 2)]
async fn twice(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
