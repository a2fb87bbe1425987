//! Each store passes the suite.

use std::sync::Arc;

use palisade_idempotency::{MemoryIdempotencyStore, SqlIdempotencyStore, conformance};
use palisade_testkit::TestDatabase;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite() {
    conformance::idempotency_store(Arc::new(MemoryIdempotencyStore::new(1 << 20))).await;
}

palisade_testkit::on_every_database! {
    migrations: [&palisade_idempotency::MIGRATIONS],

    async fn sql_passes_the_suite(test: TestDatabase) {
        conformance::idempotency_store(Arc::new(SqlIdempotencyStore::new(test.database().clone()))).await;
    }
}
