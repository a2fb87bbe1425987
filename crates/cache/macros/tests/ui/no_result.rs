use palisade_cache::{Caching, cached};

#[cached(key = "x", ttl = 1)]
async fn nothing(cache: &Caching) {}

#[cached(key = "x", ttl = 1)]
async fn number(cache: &Caching) -> u32 {
    1
}

fn main() {}
