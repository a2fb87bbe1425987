//! Two requests at once for each client: `cargo run -p palisade-http --example surge_guard`, then
//! `for i in $(seq 4); do curl -si http://127.0.0.1:8080/work & done; wait`.

use std::num::NonZeroU32;

use actix_web::{App, HttpServer, error::BlockingError, get, web};
use palisade_http::{
    Layer as _,
    client_address::{ClientAddress, TrustedProxies},
    exempt_routes::ExemptRoutes,
    surge_guard::{Clients, SurgeGuard},
};

fn fibonacci(number: u64) -> u64 {
    if number < 2 { number } else { fibonacci(number - 1) + fibonacci(number - 2) }
}

#[get("/work")]
async fn work() -> Result<String, BlockingError> {
    Ok(web::block(|| fibonacci(42)).await?.to_string())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let two = NonZeroU32::MIN.saturating_add(1);
    // Made once, so that all workers count together.
    let clients = Clients::new();
    let address = ClientAddress::new(TrustedProxies::default());
    let server = HttpServer::new(move || {
        let guard = SurgeGuard::new(clients.clone(), two, ExemptRoutes::default());
        App::new().service(work).wrap(address.clone().then(guard).layered())
    });
    server.bind(("127.0.0.1", 8080))?.run().await
}
