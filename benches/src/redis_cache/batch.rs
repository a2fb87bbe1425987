//! A hundred users: in one call, one after another, and all at once.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use palisade_cache::Typed;
use palisade_core::UserId;
use serde_json::{Value, json};

use crate::{
    Problem,
    place::USERS,
    user::{User, id},
};

const MANY: usize = 100;

#[derive(Clone, Copy)]
enum Way {
    Together,
    InTurn,
    AtOnce,
}

/// How long a hundred take, each way.
pub(crate) async fn measure(users: &Typed<User>, span: Duration) -> Result<Vec<Value>, Problem> {
    let ids: Vec<UserId> = (0..USERS).map(id).collect();
    let mut lines = Vec::new();
    for (name, way) in [
        ("get_many", Way::Together),
        ("single gets, one after another", Way::InTurn),
        ("single gets, all at once", Way::AtOnce),
    ] {
        run(users, &ids, way, span.mul_f32(0.2)).await?;
        let mut micros = run(users, &ids, way, span).await?;
        micros.sort_unstable();
        let at = |per_mille: usize| micros.get(micros.len() * per_mille / 1_000);
        lines.push(json!({"batch": name, "keys": MANY, "p50_us": at(500), "p99_us": at(990)}));
    }
    Ok(lines)
}

/// Microseconds for each hundred.
async fn run(users: &Typed<User>, ids: &[UserId], way: Way, span: Duration) -> Result<Vec<u64>, Problem> {
    let (start, mut micros) = (Instant::now(), Vec::new());
    for hundred in ids.chunks_exact(MANY).cycle() {
        let begin = Instant::now();
        let found = fetch(users, hundred, way).await?;
        micros.push(u64::try_from(begin.elapsed().as_micros())?);
        if found.iter().any(Option::is_none) {
            return Err("a user is not there".into());
        }
        if start.elapsed() >= span {
            break;
        }
    }
    Ok(micros)
}

async fn fetch(users: &Typed<User>, ids: &[UserId], way: Way) -> palisade_cache::Result<Vec<Option<User>>> {
    match way {
        Way::Together => users.get_many(ids).await,
        Way::AtOnce => try_join_all(ids.iter().map(|id| users.get(id))).await,
        Way::InTurn => {
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.push(users.get(id).await?);
            }
            Ok(found)
        }
    }
}
