//! Whether a server takes writes. A replica and a server in recovery do not.

use sea_query::{Expr, Query};

use crate::{Dialect, Error, connection::Wanted, lease::Lease, statement::sealed::Render as _};

/// On MySQL, opening a transaction that may write is refused on a read-only server, to users that must obey it.
const MAY_WRITE_MYSQL: &str = "START TRANSACTION READ WRITE; ROLLBACK";
/// Sessions that write nothing, and storage that is not written. MariaDB and MySQL name the first differently.
const WRITES_NOTHING_MYSQL: &str =
    "CAST(@@innodb_read_only /*M!100000 + @@tx_read_only */ /*!50720 + @@transaction_read_only */ AS SIGNED)";
/// On in recovery, too.
const WRITES_NOTHING_POSTGRES: &str =
    "CAST(CASE current_setting('transaction_read_only') WHEN 'on' THEN 1 ELSE 0 END AS BIGINT)";

/// Fails with [`Error::Unavailable`] when the server takes no writes.
pub(crate) async fn takes_writes(lease: &mut Lease, dialect: Dialect) -> Result<(), Error> {
    let question = match dialect {
        Dialect::Sqlite => return Ok(()),
        Dialect::Postgres => WRITES_NOTHING_POSTGRES,
        Dialect::MySql => {
            lease.script(MAY_WRITE_MYSQL).await?;
            WRITES_NOTHING_MYSQL
        }
    };
    let select = Query::select().expr_as(Expr::cust(question), "read_only").to_owned();
    let rows = lease.run(select.render(dialect)?, Wanted::FirstRow).await?.rows;
    let is_read_only =
        rows.first().map(|row| row.get::<i64>("read_only")).transpose()?.unwrap_or_default() != 0;
    if is_read_only {
        lease.found_read_only();
        return Err(Error::unavailable("the database is read-only"));
    }
    Ok(())
}
