//! The schema the tests work on: books on shelves.

use std::sync::atomic::{AtomicU64, Ordering};

use palisade_database::{
    Database, Migration, Migrations,
    sea_query::{Expr, InsertStatement, Query},
};
use uuid::Uuid;

pub(crate) static LIBRARY: Migrations = Migrations {
    domain: "library",
    files: &[Migration {
        version: 20_261_120_000_100,
        name: "create_shelves",
        sqlite: include_str!("migrations/sqlite/shelves.sql"),
        postgres: include_str!("migrations/postgres/shelves.sql"),
        mysql: include_str!("migrations/mysql/shelves.sql"),
    }],
};

pub(crate) fn new_shelf(name: &str) -> InsertStatement {
    Query::insert()
        .into_table("shelves")
        .columns(["id", "name"])
        .values_panic([new_id().into(), name.into()])
        .to_owned()
}

pub(crate) async fn count(database: &Database, table: &'static str) -> i64 {
    let select = Query::select().expr_as(Expr::cust("COUNT(*)"), "number").from(table).to_owned();
    database.fetch_optional(&select).await.unwrap().unwrap().get("number").unwrap()
}

/// An id that no other row of this process has.
pub(crate) fn new_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(
        0x0193_0000_0000_7000_8000_0000_0000_0000 + u128::from(NEXT.fetch_add(1, Ordering::Relaxed)),
    )
}
