//! Each store passes the suite.

use std::sync::Arc;

use palisade_auth::{MemorySessionStore, SqlSessionStore, conformance};
use palisade_testkit::TestDatabase;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite() {
    conformance::session_store(Arc::new(MemorySessionStore::default())).await;
}

palisade_testkit::on_every_database! {
    migrations: [&palisade_auth::MIGRATIONS],

    async fn sql_passes_the_suite(test: TestDatabase) {
        conformance::session_store(Arc::new(SqlSessionStore::new(test.database().clone()))).await;
    }
}
