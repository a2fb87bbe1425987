//! Ten thousand callers who want one value at the same moment, that nobody has.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use palisade_cache::{Caching, Namespace, Recipe, Ttl, Typed};
use tokio::{sync::Barrier, task::JoinSet, time::sleep};

use crate::{
    Problem,
    user::{User, id, user},
};

const CALLERS: usize = 10_000;
/// Keys, one after another.
const FLIGHTS: u32 = 20;
/// How long the source takes: as a query of a database under load.
const SOURCE: Duration = Duration::from_millis(10);

/// How it went, over all flights.
pub(crate) struct Figures {
    /// How often the source was asked, at worst.
    fetches: u64,
    /// From the moment all are let go until the last one has the value; sorted.
    took: Vec<Duration>,
}

impl Figures {
    /// The line of JSON.
    pub(crate) fn line(&self, name: &str) -> serde_json::Value {
        let millis = |duration: Option<&Duration>| duration.map(|duration| duration.as_secs_f64() * 1e3);
        serde_json::json!({
            "flight": name,
            "callers": CALLERS,
            "flights": FLIGHTS,
            "fetches": self.fetches,
            "source_ms": SOURCE.as_millis(),
            "took_ms": millis(self.took.get(self.took.len() / 2)),
            "worst_ms": millis(self.took.last()),
        })
    }
}

/// Lets the callers go, spread evenly over the instances, for one key after another.
pub(crate) async fn take_off(instances: &[Caching]) -> Result<Figures, Problem> {
    let recipe = Recipe::new(Ttl::from_seconds(300)?);
    let users = instances
        .iter()
        .map(|caching| Ok(Typed::<User>::new(caching.clone(), Namespace::new("flight")?, recipe.clone())));
    let users: Vec<Typed<User>> = users.collect::<Result<_, Problem>>()?;
    let mut figures = Figures { fetches: 0, took: Vec::new() };
    for number in 0..FLIGHTS {
        if let Some(users) = users.first() {
            // What an earlier run has left on a server.
            users.forget(id(number)).await?;
        }
        let fetches = Arc::new(AtomicU64::new(0));
        figures.took.push(one(&users, number, &fetches).await?);
        figures.fetches = figures.fetches.max(fetches.load(Ordering::Relaxed));
    }
    figures.took.sort_unstable();
    Ok(figures)
}

async fn one(users: &[Typed<User>], number: u32, fetches: &Arc<AtomicU64>) -> Result<Duration, Problem> {
    // Everybody stands at the line before the watch runs.
    let line = Arc::new(Barrier::new(CALLERS + 1));
    let mut callers = JoinSet::new();
    for users in users.iter().cycle().take(CALLERS) {
        let (users, line, fetches) = (users.clone(), Arc::clone(&line), Arc::clone(fetches));
        let fetch = move || async move {
            fetches.fetch_add(1, Ordering::Relaxed);
            sleep(SOURCE).await;
            Ok::<_, palisade_cache::Error>(user(number))
        };
        callers.spawn(async move {
            line.wait().await;
            let fetched = users.get_or_fetch(id(number), fetch).await?;
            if fetched.value == user(number) {
                Ok(())
            } else {
                Err(Problem::from("a caller got another user"))
            }
        });
    }
    line.wait().await;
    let begin = Instant::now();
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(begin.elapsed())
}
