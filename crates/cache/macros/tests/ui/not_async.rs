use palisade_cache::{Caching, Error, cached};

#[cached(key = "x", ttl = 1)]
fn load(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
