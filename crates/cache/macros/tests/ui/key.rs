use palisade_cache::{Caching, Error, cached};

#[cached(key = "x:{name}", ttl = 1)]
async fn unknown(cache: &Caching, id: u32) -> Result<u32, Error> {
    Ok(id)
}

#[cached(key = "x", ttl = 1, tags = ["y:{name}"])]
async fn unknown_in_a_tag(cache: &Caching, id: u32) -> Result<u32, Error> {
    Ok(id)
}

#[cached(key = "x:{self.id}", ttl = 1)]
async fn no_method(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x:{a}-{b}", ttl = 1)]
async fn neighbours(cache: &Caching, a: u32, b: u32) -> Result<u32, Error> {
    Ok(a + b)
}

#[cached(key = "x:{a:?}", ttl = 1)]
async fn format(cache: &Caching, a: u32) -> Result<u32, Error> {
    Ok(a)
}

#[cached(key = "x:{a", ttl = 1)]
async fn open(cache: &Caching, a: u32) -> Result<u32, Error> {
    Ok(a)
}

#[cached(key = "", ttl = 1)]
async fn empty(cache: &Caching) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x:{ids}", ttl = 1)]
async fn not_shown(cache: &Caching, ids: Vec<u32>) -> Result<u32, Error> {
    Ok(ids.len() as u32)
}

fn main() {}
