//! How many connections the server allows, said once at the start.

use sea_query::{Expr, Query};

use crate::{Dialect, Error, Settings, connection::Wanted, lease::Lease, statement::sealed::Render as _};

/// Connections that ordinary users may have, of the server and of this user alone; -1 or 0 is no limit.
const POSTGRES: (&str, &str) = (
    "CAST(current_setting('max_connections') AS BIGINT) \
     - CAST(current_setting('superuser_reserved_connections') AS BIGINT) \
     - CAST(coalesce(current_setting('reserved_connections', true), '0') AS BIGINT)",
    "(SELECT CAST(min(allowed) AS BIGINT) FROM (SELECT rolconnlimit AS allowed FROM pg_roles WHERE rolname = \
     current_user UNION ALL SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS limits \
     WHERE allowed > 0)",
);
const MYSQL: (&str, &str) = ("CAST(@@max_connections AS SIGNED)", "CAST(@@max_user_connections AS SIGNED)");

/// What a server allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Capacity {
    server: i64,
    user: Option<i64>,
}

impl Capacity {
    fn most(self) -> i64 {
        self.user.map_or(self.server, |user| user.min(self.server))
    }
}

/// Logs what the server allows and how many processes of this pool fit. Behind a pooler, which has limits of its own,
/// nothing is said. A server that does not tell is no reason not to start.
pub(crate) async fn announce(lease: &mut Lease, dialect: Dialect, settings: &Settings) {
    if dialect == Dialect::Sqlite || settings.shares_sessions() {
        return;
    }
    match ask(lease, dialect).await {
        Ok(capacity) => say(capacity, i64::from(settings.connections())),
        Err(error) => tracing::debug!(error = %error, "database.capacity_unknown"),
    }
}

async fn ask(lease: &mut Lease, dialect: Dialect) -> Result<Capacity, Error> {
    let (server, user) = if dialect == Dialect::MySql { MYSQL } else { POSTGRES };
    let select =
        Query::select().expr_as(Expr::cust(server), "server").expr_as(Expr::cust(user), "account").to_owned();
    let rows = lease.run(select.render(dialect)?, Wanted::FirstRow).await?.rows;
    let row = rows.first().ok_or_else(|| Error::unavailable("it does not tell its limits"))?;
    let user = row.get::<Option<i64>>("account")?.filter(|user| *user > 0);
    Ok(Capacity { server: row.get("server")?, user })
}

fn say(capacity: Capacity, pool: i64) {
    let Capacity { server, user } = capacity;
    let processes_that_fit = capacity.most() / pool.max(1);
    if processes_that_fit < 2 {
        tracing::warn!(
            server_allows = server,
            user_may_have = user,
            pool,
            processes_that_fit,
            hint = "lower DATABASE_POOL_SIZE or DATABASE_MAX_OVERFLOW, or raise the server's limit: a second process, as \
                    in a rolling restart, finds too few connections",
            "database.capacity"
        );
    } else {
        tracing::info!(
            server_allows = server,
            user_may_have = user,
            pool,
            processes_that_fit,
            "database.capacity"
        );
    }
}
