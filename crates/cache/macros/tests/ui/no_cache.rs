use palisade_cache::{Error, cached};

#[derive(Clone)]
struct Users;

impl Users {
    #[cached(key = "x", ttl = 1)]
    async fn method(&self) -> Result<u32, Error> {
        Ok(1)
    }
}

#[cached(key = "x", ttl = 1)]
async fn function() -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1)]
async fn other(cache: &str) -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
