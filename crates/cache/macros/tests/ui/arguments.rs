use std::fmt::Display;

use palisade_cache::{Caching, Error, cached};

#[cached(key = "x:{id}", ttl = 1)]
async fn unnamed(cache: &Caching, id: impl Display + Send + 'static) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x:{id}", ttl = 1)]
async fn generic<T: Display + Send + 'static>(cache: &Caching, id: T) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1)]
async fn changed(cache: &Caching, list: &mut Vec<u32>) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1)]
async fn within(cache: &Caching, name: Option<&str>) -> Result<u32, Error> {
    Ok(1)
}

#[cached(key = "x", ttl = 1)]
async fn taken_apart(cache: &Caching, (a, b): (u32, u32)) -> Result<u32, Error> {
    Ok(a + b)
}

fn main() {}
