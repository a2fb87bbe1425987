//! The name of a violated constraint: PostgreSQL tells it, MySQL and SQLite hide it in a sentence.

use sqlx::error::DatabaseError;

use crate::Dialect;

/// The unique index.
pub(super) fn unique(dialect: Dialect, error: &dyn DatabaseError) -> String {
    match dialect {
        Dialect::Postgres => error.constraint().unwrap_or_default().to_owned(),
        Dialect::MySql => mysql_key(error.message()),
        Dialect::Sqlite => sqlite_columns(error.message()),
    }
}

/// The foreign key, where the database tells it.
pub(super) fn foreign_key(dialect: Dialect, error: &dyn DatabaseError) -> Option<String> {
    match dialect {
        Dialect::Postgres => error.constraint().map(str::to_owned),
        Dialect::MySql => {
            // (`db`.`table`, CONSTRAINT `name` FOREIGN KEY …)
            let (_, rest) = error.message().split_once("CONSTRAINT `")?;
            rest.split_once('`').map(|(name, _)| name.to_owned())
        }
        Dialect::Sqlite => None,
    }
}

/// `Duplicate entry 'value' for key 'users.users_email_key'`, in MariaDB without the table. The value comes first
/// and may hold any text, so the name is what stands after the last "for key".
fn mysql_key(message: &str) -> String {
    let name = message.rsplit_once("for key ").map_or("", |(_, name)| name).trim_matches(['\'', '`']);
    name.rsplit_once('.').map_or(name, |(_, index)| index).to_owned()
}

/// `UNIQUE constraint failed: users.org, users.email`, or `… failed: index 'name'` for an index on expressions.
fn sqlite_columns(message: &str) -> String {
    let list = message.rsplit_once("constraint failed: ").map_or("", |(_, list)| list);
    if let Some(name) = list.strip_prefix("index '") {
        return name.trim_end_matches('\'').to_owned();
    }
    let mut columns = list.split(", ").filter_map(|column| column.split_once('.'));
    let Some((table, first)) = columns.next() else { return list.to_owned() };
    let mut name = format!("{table}_{first}");
    for (_, column) in columns {
        name.push('_');
        name.push_str(column);
    }
    name + "_key"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mysql_and_mariadb_name_the_key_differently() {
        assert_eq!(mysql_key("Duplicate entry 'a' for key 'users.users_email_key'"), "users_email_key");
        assert_eq!(mysql_key("Duplicate entry 'a' for key 'users_email_key'"), "users_email_key");
    }

    #[test]
    fn a_value_that_looks_like_a_key_is_not_taken_for_one() {
        let message = "Duplicate entry 'x' for key 'fake'' for key 'users_email_key'";
        assert_eq!(mysql_key(message), "users_email_key");
    }

    #[test]
    fn sqlite_columns_become_the_name_postgres_would_give() {
        assert_eq!(sqlite_columns("UNIQUE constraint failed: users.email"), "users_email_key");
        assert_eq!(sqlite_columns("UNIQUE constraint failed: t.a, t.b"), "t_a_b_key");
        assert_eq!(
            sqlite_columns("UNIQUE constraint failed: index 'users_email_lower'"),
            "users_email_lower"
        );
    }
}
