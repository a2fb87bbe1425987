//! `Idempotency-Key` in an application of its own. Send the same order twice:
//!
//! ```text
//! curl -i -H 'Idempotency-Key: 8e03978e' -d tea http://127.0.0.1:8080/orders
//! ```
//!
//! The second answer is the first one, marked `Idempotency-Replayed: true`; another body with that key is a 422.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer, post,
    web::{Bytes, Data},
};
use palisade_core::{SystemClock, SystemRandom};
use palisade_http::{Layer, idempotency::IdempotencyKeys};
use palisade_idempotency::{FingerprintKey, Idempotency, IdempotencyParts, MemoryIdempotencyStore};
use palisade_telemetry::metrics::Off;

#[post("/orders")]
async fn order(orders: Data<AtomicU64>, body: Bytes) -> HttpResponse {
    let number = orders.fetch_add(1, Ordering::Relaxed) + 1;
    HttpResponse::Created().body(format!("order {number}: {} bytes\n", body.len()))
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let orders = Data::new(AtomicU64::new(0));
    // One for all workers: each worker knows the keys of the others.
    let idempotency = Idempotency::new(IdempotencyParts {
        store: Arc::new(MemoryIdempotencyStore::new(64 << 20)),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        fingerprints: FingerprintKey::generate(&SystemRandom),
        ttl: Duration::from_secs(86_400),
        lease: Duration::from_secs(60),
        telemetry: Off::shared(),
    });
    let app = move || {
        App::new()
            .app_data(orders.clone())
            .service(order)
            .wrap(IdempotencyKeys::new(idempotency.clone()).layered())
    };
    HttpServer::new(app).bind(("127.0.0.1", 8080))?.run().await
}
