use palisade_cache::{Caching, cached};

#[derive(Clone)]
struct Foreign;

#[cached(key = "x", ttl = 1)]
async fn foreign(cache: &Caching) -> Result<u32, Foreign> {
    Ok(1)
}

fn main() {}
