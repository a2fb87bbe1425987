use palisade_cache::{Caching, Error, cached};

#[cached(key = "x", ttl = 1, negative_ttl = 1)]
async fn always(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
