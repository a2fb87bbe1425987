use palisade_cache::{Caching, Error, cached};

#[cached(key = "x", ttl = 1, strategy = "lazy")]
async fn unknown(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1, strategy = "write_through")]
async fn through(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1, strategy = "write_behind")]
async fn behind(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
