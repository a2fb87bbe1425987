//! What commands of domains need.

use std::sync::Arc;

use palisade_database::Startup;

use crate::{
    base::Base,
    domain::{CommandContext, Opened},
    failure::Failure,
    migration::not_migrated,
    observability::Observability,
    parts::Parts,
    program::Program,
    settings::Settings,
};

/// What a command of this program can use.
pub(crate) fn context(program: &Arc<Program>, settings: Settings) -> CommandContext {
    let program = Arc::clone(program);
    CommandContext::new(settings, Box::new(move |settings| Box::pin(open(program, settings))))
}

async fn open(program: Arc<Program>, settings: Settings) -> Result<Opened, Failure> {
    let base = Arc::new(Base::new(Arc::clone(&program), settings, Observability::off())?);
    let parts = Parts::start(base, &mut Startup::without_waiting()).await?;
    let database = parts.foundation.database().clone();
    let pending = program.migrator().pending(&database).await.map_err(not_migrated)?;
    if !pending.is_empty() {
        return Err(Failure::PendingMigrations(pending));
    }
    let services = parts.services.clone();
    let close = async move {
        database.close().await;
        drop(parts);
    };
    Ok(Opened { services, close: Box::pin(close) })
}
