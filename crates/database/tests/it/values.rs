//! The same Rust value goes in and comes out, whatever the database.

use chrono::{DateTime, Utc};
use palisade_database::{
    Column, Error,
    sea_query::{Expr, ExprTrait, Order, Query, Value},
};
use palisade_testkit::{TestDatabase, on_every_database};
use serde_json::json;
use uuid::Uuid;

use crate::library::{LIBRARY, new_id};

/// Stores a value in a book's column and reads it back.
async fn through<T: Column>(
    test: &TestDatabase,
    column: &'static str,
    value: impl Into<Value>,
) -> Result<T, Error> {
    let id = new_id();
    let insert = Query::insert()
        .into_table("books")
        .columns(["id", column])
        .values_panic([id.into(), Expr::val(value)])
        .to_owned();
    assert_eq!(test.database().execute(&insert).await?, 1);
    let select = Query::select().column(column).from("books").and_where(Expr::col("id").eq(id)).to_owned();
    test.database().fetch_optional(&select).await?.unwrap().get(column)
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

on_every_database! {
    migrations: [&LIBRARY],

    async fn every_type_comes_back_as_it_went(test: TestDatabase) {
        let id = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001);
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(through::<String>(&test, "title", "Ünï¢ødé 🦀 'quoted' \\ %_").await.unwrap(), "Ünï¢ødé 🦀 'quoted' \\ %_");
        assert_eq!(through::<i64>(&test, "pages", i64::MIN).await.unwrap(), i64::MIN);
        assert_eq!(through::<i64>(&test, "copies", 7_i32).await.unwrap(), 7, "a narrow column reads wide");
        assert_eq!(through::<i32>(&test, "pages", 7_i64).await.unwrap(), 7, "a wide column reads narrow when it fits");
        assert!((through::<f64>(&test, "weight", 0.25_f64).await.unwrap() - 0.25).abs() < f64::EPSILON);
        assert_eq!(through::<Vec<u8>>(&test, "cover", bytes.clone()).await.unwrap(), bytes);
        for lent in [true, false] {
            assert_eq!(through::<bool>(&test, "is_lent", lent).await.unwrap(), lent);
        }
        let insert = Query::insert().into_table("shelves").columns(["id", "name"]).values_panic([id.into(), "x".into()]).to_owned();
        test.database().execute(&insert).await.unwrap();
        assert_eq!(through::<Option<Uuid>>(&test, "shelf_id", id).await.unwrap(), Some(id));
    }

    async fn times_keep_whole_microseconds(test: TestDatabase) {
        let stored = through::<DateTime<Utc>>(&test, "printed_at", time("2026-11-20T10:11:12.123456789Z")).await.unwrap();
        assert_eq!(stored, time("2026-11-20T10:11:12.123456Z"), "truncated, not rounded");
        let whole = time("1999-12-31T23:59:59Z");
        assert_eq!(through::<DateTime<Utc>>(&test, "printed_at", whole).await.unwrap(), whole);
    }

    async fn times_compare_and_sort(test: TestDatabase) {
        let times = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.12Z", "2026-01-01T00:00:01Z"].map(time);
        for at in times.iter().rev() {
            through::<DateTime<Utc>>(&test, "printed_at", *at).await.unwrap();
        }
        let later = Query::select().column("printed_at").from("books").and_where(Expr::col("printed_at").gt(times[1])).order_by("printed_at", Order::Asc).to_owned();
        let rows = test.database().fetch_all(&later).await.unwrap();
        let found: Vec<DateTime<Utc>> = rows.iter().map(|row| row.get("printed_at").unwrap()).collect();
        assert_eq!(found, times[2..]);
    }

    async fn json_reads_from_json_and_from_text(test: TestDatabase) {
        let tags = json!(["a", {"b": [1, null]}]);
        assert_eq!(through::<serde_json::Value>(&test, "tags", tags.clone()).await.unwrap(), tags);
        assert_eq!(through::<serde_json::Value>(&test, "tags_text", tags.to_string()).await.unwrap(), tags);
    }

    async fn null_is_none_or_an_error(test: TestDatabase) {
        assert_eq!(through::<Option<i64>>(&test, "pages", None::<i64>).await.unwrap(), None);
        assert_eq!(through::<Option<DateTime<Utc>>>(&test, "printed_at", None::<DateTime<Utc>>).await.unwrap(), None);
        assert_eq!(through::<Option<serde_json::Value>>(&test, "tags", None::<serde_json::Value>).await.unwrap(), None);
        let error = through::<i64>(&test, "pages", None::<i64>).await.unwrap_err();
        assert_eq!(error.to_string(), "column `pages` is NULL");
    }

    async fn a_wrong_type_is_named_without_the_value(test: TestDatabase) {
        for error in [
            through::<Uuid>(&test, "title", "ann@example.com").await.unwrap_err(),
            through::<DateTime<Utc>>(&test, "title", "ann@example.com").await.unwrap_err(),
            through::<serde_json::Value>(&test, "title", "ann@example.com").await.unwrap_err(),
            through::<i64>(&test, "title", "ann@example.com").await.unwrap_err(),
            through::<i32>(&test, "pages", i64::MAX).await.unwrap_err(),
        ] {
            assert!(matches!(&error, Error::Decode { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("ann"), "{error:?}");
        }
        let select = Query::select().expr_as(Expr::val(1_i32), "one").to_owned();
        let row = test.database().fetch_optional(&select).await.unwrap().unwrap();
        assert_eq!(row.get::<i64>("two").unwrap_err().to_string(), "column `two` is not in the row");
    }

    async fn text_is_compared_byte_by_byte(test: TestDatabase) {
        through::<String>(&test, "title", "Emma").await.unwrap();
        for other in ["emma", "Emma ", "Émma"] {
            let select = Query::select().column("id").from("books").and_where(Expr::col("title").eq(other)).to_owned();
            let found = test.database().fetch_all(&select).await.unwrap().len();
            // MySQL's utf8mb4_bin pads with spaces when it compares (MySQL 8.4 Manual §12.8.6).
            let padded = other == "Emma " && test.dialect() == palisade_database::Dialect::MySql;
            assert_eq!(found, usize::from(padded), "{other:?}");
        }
    }

    async fn nul_in_text_is_refused_before_it_is_sent(test: TestDatabase) {
        let error = through::<String>(&test, "title", "a\0b").await.unwrap_err();
        assert!(matches!(&error, Error::Statement { code, .. } if code == "22021"), "{error:?}");
    }

    async fn a_refused_value_is_not_in_the_error(test: TestDatabase) {
        let update = Query::update().table("nowhere").value("title", "ann@example.com").to_owned();
        let error = test.database().execute(&update).await.unwrap_err();
        assert!(matches!(&error, Error::Statement { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("ann@"), "{error:?}");
    }
}
