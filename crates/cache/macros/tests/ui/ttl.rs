use palisade_cache::{Caching, Error, cached};

#[cached(key = "x", ttl = 0)]
async fn zero(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = -1)]
async fn negative(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1.5)]
async fn fraction(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 99999999999)]
async fn endless(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = std::time::Duration::from_secs(1))]
async fn other(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1, negative_ttl = 0)]
async fn nothing(cache: &Caching) -> Result<Option<u32>, Error> {
    Ok(None)
}

fn main() {}
