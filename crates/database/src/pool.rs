//! The connections to one server, or to one SQLite file for one purpose.
//!
//! Callers never open a connection themselves: they wait at the [`Gate`], and an [opener](opener) adds connections
//! while there are fewer than callers need and may have. So a connection that comes back serves whoever waits first,
//! and a server that refuses further connections costs nobody an error.

mod opener;
mod slot;
mod supply;

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use palisade_resilience::Turn;
use tokio::{
    runtime::Handle,
    sync::Notify,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

pub(crate) use self::slot::Slot;
use self::supply::{Idle, Supply};
use crate::{
    connect::Source,
    connection::Connection,
    gate::{Gate, Refusal},
    shared::Shared,
};

/// How often idle connections are looked through at most.
const REAP_EVERY: Duration = Duration::from_secs(30);

pub(crate) struct Pool {
    source: Source,
    /// The address without its password.
    place: String,
    limits: Limits,
    gate: Gate,
    supply: Mutex<Supply>,
    openers: Mutex<JoinSet<()>>,
    reaper: Mutex<Option<AbortHandle>>,
    /// Told whenever a connection is closed.
    closed_one: Notify,
    shared: Arc<Shared>,
}

/// How many connections a pool has and how long they live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connections: u32,
    /// How long one attempt to open a connection may take.
    pub(crate) open_within: Duration,
    /// None where an unused connection costs nothing.
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
}

/// Connections of a pool.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    pub(crate) open: u32,
    pub(crate) idle: u32,
    pub(crate) limit: u32,
    /// Callers that wait for one.
    pub(crate) waiting: u32,
}

impl Pool {
    /// A pool with its first connection. Must be called on a runtime.
    pub(crate) fn new(
        source: Source,
        place: String,
        limits: Limits,
        shared: &Arc<Shared>,
        first: Connection,
    ) -> Arc<Self> {
        let pool = Arc::new(Self {
            source,
            place,
            limits,
            gate: Gate::new(),
            supply: Mutex::new(Supply::new(limits.connections)),
            openers: Mutex::default(),
            reaper: Mutex::default(),
            closed_one: Notify::new(),
            shared: Arc::clone(shared),
        });
        pool.supply().open = 1;
        let _there_is_room = pool.put(Idle::new(first, 0));
        if let Some(every) = [limits.idle_timeout, limits.max_lifetime].into_iter().flatten().min() {
            let reaper = tokio::spawn(reap(Arc::downgrade(&pool), every.min(REAP_EVERY)));
            *lock(&pool.reaper) = Some(reaper.abort_handle());
        }
        pool
    }

    /// A connection for this caller, at most until `deadline`.
    pub(crate) async fn acquire(self: &Arc<Self>, turn: Turn, deadline: Instant) -> Result<Slot, Refusal> {
        loop {
            self.gate.enter(turn, deadline, || self.open_more()).await?;
            let Some(idle) = self.supply().idle.pop() else { continue };
            let slot = Slot::new(idle, self);
            if slot.is_fresh(&self.limits, self.supply().generation) {
                return Ok(slot);
            }
            slot.dispose();
        }
    }

    /// Why nobody could be let in in time.
    pub(crate) fn shortage(&self) -> String {
        let supply = self.supply();
        match (&supply.shortage, supply.open) {
            (None, 0) => "no connection within the acquire timeout".to_owned(),
            (None, _) => "all connections are in use".to_owned(),
            (Some(shortage), open) => {
                format!("all {open} connections are in use, and there are no more: {}", shortage.reason)
            }
        }
    }

    /// Has all connections replaced that are open now: the address may lead to another server by now.
    pub(crate) fn retire(self: &Arc<Self>) {
        let idle = {
            let mut supply = self.supply();
            if !supply.retire() {
                return;
            }
            supply.take_idle(|_| self.gate.withdraw())
        };
        idle.into_iter().for_each(|idle| Slot::new(idle, self).dispose());
    }

    /// Closes all connections, those in use when they come back, and waits for that.
    pub(crate) async fn close(self: &Arc<Self>) {
        self.gate.close();
        let idle = {
            let mut supply = self.supply();
            supply.closed = true;
            mem::take(&mut supply.idle)
        };
        lock(&self.reaper).take().iter().for_each(AbortHandle::abort);
        mem::take(&mut *lock(&self.openers)).abort_all();
        for idle in idle {
            Slot::new(idle, self).close().await;
        }
        loop {
            let closed_one = self.closed_one.notified();
            if self.supply().open == 0 {
                return;
            }
            closed_one.await;
        }
    }

    pub(crate) fn size(&self) -> Size {
        let supply = self.supply();
        let idle = u32::try_from(supply.idle.len()).unwrap_or(u32::MAX);
        Size { open: supply.open, idle, limit: self.limits.connections, waiting: self.gate.waiting() }
    }

    /// Makes a connection idle; one that must not be used again is given back.
    fn put(&self, idle: Idle) -> Result<(), Idle> {
        let mut supply = self.supply();
        if supply.closed || !idle.is_fresh(&self.limits, supply.generation) {
            return Err(idle);
        }
        supply.idle.push(idle);
        drop(supply);
        self.gate.admit();
        Ok(())
    }

    /// A connection is gone: whoever waits may need another.
    fn lost_one(self: &Arc<Self>) {
        self.supply().lose_one();
        self.closed_one.notify_waiters();
        self.open_more();
    }

    /// Starts as many openers as callers need and may have.
    fn open_more(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let wanted = self.supply().begin_opening(self.gate.waiting());
        for _ in 0..wanted {
            let opener = opener::Opener::new(Arc::clone(self));
            let mut openers = lock(&self.openers);
            while openers.try_join_next().is_some() {}
            openers.spawn_on(opener.run(), &runtime);
        }
    }

    fn supply(&self) -> MutexGuard<'_, Supply> {
        lock(&self.supply)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.reaper).take().iter().for_each(AbortHandle::abort);
    }
}

/// Closes idle connections that are too old, until the pool is gone.
async fn reap(pool: Weak<Pool>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(pool) = pool.upgrade() else { return };
        let old = {
            let mut supply = pool.supply();
            let generation = supply.generation;
            let is_old =
                |idle: &Idle| !idle.is_fresh(&pool.limits, generation) || idle.is_unused(&pool.limits);
            supply.take_idle(|idle| is_old(idle) && pool.gate.withdraw())
        };
        old.into_iter().for_each(|idle| Slot::new(idle, &pool).dispose());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
