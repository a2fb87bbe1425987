//! Notes deliveries as made, those of all subscribers together.

use std::{sync::Arc, time::Duration};

use palisade_database::Error;
use tokio::{sync::mpsc::Receiver, time::timeout};
use uuid::Uuid;

use crate::unit::{Kept, Shared};

/// Most deliveries that are noted at once.
pub(crate) const BATCH: usize = 1_024;
/// How long deliveries gather before they are noted. Those of a process that ends in between are made once more.
const GATHER: Duration = Duration::from_millis(50);

/// Notes what comes until nothing more can come.
pub(crate) async fn take(shared: Arc<Shared>, mut made: Receiver<Uuid>) {
    let Some(kept) = &shared.kept else { return };
    let mut ids = Vec::with_capacity(BATCH);
    while made.recv_many(&mut ids, BATCH).await > 0 {
        let gather = async {
            while ids.len() < BATCH {
                let room = BATCH - ids.len();
                if made.recv_many(&mut ids, room).await == 0 {
                    return;
                }
            }
        };
        let _whether_it_was_full = timeout(GATHER, gather).await;
        if let Err(error) = write(kept, &ids).await {
            tracing::warn!(%error, "events.not_noted");
        }
        ids.clear();
    }
}

/// Notes deliveries as made. They are made once more when that fails, or when what they left in memory cannot be brought to
/// its place.
pub(crate) async fn write(kept: &Kept, ids: &[Uuid]) -> Result<(), Error> {
    if let Some(settle) = &kept.settle
        && !ids.is_empty()
        && !settle().await
    {
        tracing::warn!(deliveries = ids.len(), "events.not_settled");
        return Ok(());
    }
    kept.outbox.delivered(ids).await
}
