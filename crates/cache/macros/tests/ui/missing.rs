use palisade_cache::{Caching, Error, cached};

#[cached(ttl = 1)]
async fn no_key(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x")]
async fn no_ttl(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
