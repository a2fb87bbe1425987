//! One name for one violation, whatever the database.

use palisade_database::{
    Error,
    sea_query::{InsertStatement, Query},
};
use palisade_testkit::{TestDatabase, on_every_database};
use uuid::Uuid;

use crate::library::{LIBRARY, count, new_id, new_shelf};

fn book_on(shelf: Uuid, title: &str) -> InsertStatement {
    Query::insert()
        .into_table("books")
        .columns(["id", "shelf_id", "title"])
        .values_panic([new_id().into(), shelf.into(), title.into()])
        .to_owned()
}

on_every_database! {
    migrations: [&LIBRARY],

    async fn a_taken_value_names_its_index_and_not_itself(test: TestDatabase) {
        test.database().execute(&new_shelf("for key 'x' ann@example.com")).await.unwrap();
        let again = Query::insert()
            .into_table("shelves")
            .columns(["id", "name"])
            .values_panic([new_id().into(), "for key 'x' ann@example.com".into()])
            .to_owned();
        let error = test.database().execute(&again).await.unwrap_err();
        assert!(error.violates("shelves_name_key"), "{error:?}");
        assert!(!error.violates("shelves_id_key"));
        assert!(!format!("{error} {error:?}").contains("ann"), "{error:?}");
        assert_eq!(palisade_core::Error::from(error).status(), 409);
        assert_eq!(count(test.database(), "shelves").await, 1);
    }

    async fn an_index_on_two_columns_is_named_by_both(test: TestDatabase) {
        let shelf = new_id();
        let insert = Query::insert().into_table("shelves").columns(["id", "name"]).values_panic([shelf.into(), "a".into()]).to_owned();
        test.database().execute(&insert).await.unwrap();
        test.database().execute(&book_on(shelf, "Emma")).await.unwrap();
        let error = test.database().execute(&book_on(shelf, "Emma")).await.unwrap_err();
        assert!(error.violates("books_shelf_id_title_key"), "{error:?}");
    }

    async fn a_pointer_to_nothing_is_a_foreign_key_violation(test: TestDatabase) {
        let error = test.database().execute(&book_on(new_id(), "Emma")).await.unwrap_err();
        assert!(matches!(&error, Error::ForeignKeyViolation { .. }), "{error:?}");
        if test.dialect() != palisade_database::Dialect::Sqlite {
            assert!(error.violates("books_shelf_id_fkey"), "{error:?}");
        }
        assert_eq!(palisade_core::Error::from(error).status(), 409);
    }
}
