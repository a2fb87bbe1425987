//! PostgreSQL copies a database faster than it migrates one.

use std::sync::Arc;

use anyhow::{Context, Result};
use palisade_core::SystemClock;
use palisade_database::{
    Database, Dialect, Migrator,
    sea_query::{Expr, ExprTrait, Query},
};
use palisade_telemetry::metrics::Off;

use super::{
    server::{run, with_database},
    settings,
};

/// Makes the database `name` as a copy of one that `migrator` has prepared. Test processes that run at once take turns
/// by an advisory lock, so that the first prepares it and the others copy.
pub(super) async fn copy(admin: &str, migrator: &Migrator, name: &str) -> Result<()> {
    let fingerprint = migrator.fingerprint(Dialect::Postgres);
    let template = format!("palisade_template_{}", fingerprint.get(..24).unwrap_or(&fingerprint));
    let server = Database::connect(&settings(admin), Arc::new(SystemClock), &Off::shared()).await?;
    let mut turn = server.begin().await?;
    turn.execute(
        &Query::select()
            .expr(Expr::cust(format!("pg_advisory_xact_lock(hashtext('{template}'))")))
            .to_owned(),
    )
    .await?;
    let find = Query::select()
        .column("datname")
        .from("pg_database")
        .and_where(Expr::col("datname").eq(template.as_str()))
        .to_owned();
    if turn.fetch_optional(&find).await?.is_none() {
        prepare(admin, migrator, &template).await.context("preparing the template")?;
    }
    turn.rollback().await?;
    let copied = server.execute_script(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    server.close().await;
    Ok(copied?)
}

/// Under another name until it is complete: a process that is killed here leaves no half-made template.
async fn prepare(admin: &str, migrator: &Migrator, template: &str) -> Result<()> {
    let draft = format!("{template}_draft");
    run(admin, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await?;
    run(admin, &format!("CREATE DATABASE {draft}")).await?;
    let database =
        Database::connect(&settings(&with_database(admin, &draft)?), Arc::new(SystemClock), &Off::shared())
            .await?;
    let migrated = migrator.run(&database).await;
    database.close().await;
    migrated?;
    run(admin, &format!("ALTER DATABASE {draft} RENAME TO {template}")).await
}
