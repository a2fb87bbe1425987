//! How many files the process may have open, and who may have them: each connection is one.
//!
//! Public connections get what is left when everything else has its share, whatever the settings say. So the database,
//! Redis, the probes of the management listener and the log never wait for a client to go away.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{failure::Failure, settings::Settings};

/// How many connections the management listener holds at once.
pub(crate) const MANAGEMENT_CONNECTIONS: usize = 64;
/// For the listeners, the log, files that are read, calls to other services, and what only lives for a moment.
const OTHERS: u64 = 96;
/// For the event loop of each worker.
const EACH_WORKER: u64 = 8;
/// For each connection of the database pool: SQLite opens the database, its log and the log's index; a server may have
/// one connection that is being closed for each that is open.
const EACH_DATABASE_CONNECTION: u64 = 3;
/// For each connection to Redis: one that is being made beside it.
const EACH_REDIS_CONNECTION: u64 = 2;
/// Fewer public connections than this are no service.
const FEWEST_CONNECTIONS: u64 = 16;

/// Raises the process's own limit as far as the system lets it. Shells and service managers start programs with
/// 1,024, for the sake of programs that use `select(2)`; one that does not is meant to raise it
/// (systemd.exec(5), `LimitNOFILE=`).
pub fn raise() {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err() {
        tracing::warn!(limit = soft, most = hard, "server.open_files_not_raised");
    }
}

/// How many connections the public listener may hold: what the settings say, or as many as the
/// process's limit leaves. Logs how the files are divided.
///
/// # Errors
/// When the limit is too low to serve with these settings.
pub(crate) fn public_connections(settings: &Settings) -> Result<usize, Failure> {
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
    let (reserved, wanted) = (reserved(settings, settings.workers()), settings.server.max_connections);
    let max_connections = divide(limit, reserved, wanted).map_err(Failure::Configuration)?;
    if max_connections < wanted {
        tracing::warn!(
            limit,
            reserved,
            wanted,
            max_connections,
            remedy = "ulimit -n",
            "server.few_open_files"
        );
    } else {
        tracing::info!(limit, reserved, max_connections, "server.open_files");
    }
    Ok(max_connections)
}

/// How many files everything but public connections may need.
fn reserved(settings: &Settings, workers: usize) -> u64 {
    let database = u64::from(settings.database.pool_size) + u64::from(settings.database.max_overflow);
    let redis = settings.redis.url.as_ref().map_or(0, |_| u64::from(settings.redis.pool_size) + 2);
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let management = if settings.management.enabled { count(MANAGEMENT_CONNECTIONS) } else { 0 };
    [
        OTHERS,
        management,
        count(workers).saturating_mul(EACH_WORKER),
        database.saturating_mul(EACH_DATABASE_CONNECTION),
        redis.saturating_mul(EACH_REDIS_CONNECTION),
    ]
    .into_iter()
    .fold(0, u64::saturating_add)
}

fn divide(limit: u64, reserved: u64, wanted: usize) -> Result<usize, String> {
    let left = usize::try_from(limit.saturating_sub(reserved)).unwrap_or(usize::MAX);
    let fewest = usize::try_from(FEWEST_CONNECTIONS).unwrap_or(usize::MAX).min(wanted);
    if left < fewest {
        let needed = reserved.saturating_add(FEWEST_CONNECTIONS);
        return Err(format!(
            "the process may have {limit} files open and needs {needed}: {reserved} for the database, Redis, the \
             management listener and itself, and {FEWEST_CONNECTIONS} for clients. Raise the limit (`ulimit -n`, \
             systemd `LimitNOFILE=`, Docker `--ulimit nofile=`), or lower DATABASE_POOL_SIZE, DATABASE_MAX_OVERFLOW \
             and SERVER_WORKERS."
        ));
    }
    Ok(left.min(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_as_high_as_the_system_lets_it_be() {
        raise();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(soft, hard);
    }

    #[test]
    fn clients_get_what_everything_else_leaves() {
        for (limit, wanted, connections) in [
            (1_024, 25_000, 724),
            (1_024, 100, 100),
            (25_300, 25_000, 25_000),
            (u64::MAX, 25_000, 25_000),
            (316, 25_000, 16),
            (301, 1, 1),
        ] {
            assert_eq!(divide(limit, 300, wanted), Ok(connections), "{limit} for {wanted}");
        }
    }

    #[test]
    fn a_limit_that_leaves_nothing_for_clients_is_refused_with_the_number_that_would_do() {
        for limit in [0, 64, 300, 315] {
            let refusal = divide(limit, 300, 25_000).unwrap_err();
            assert!(refusal.contains(&format!("{limit} files")) && refusal.contains("316"), "{refusal}");
        }
    }

    #[test]
    fn every_pool_of_the_settings_counts() {
        let mut settings = Settings::default();
        let before = reserved(&settings, 2);
        settings.database.max_overflow += 10;
        let database = reserved(&settings, 2);
        assert_eq!(database, before + 30);
        settings.redis = palisade_redis::Settings::for_url("redis://localhost");
        assert!(reserved(&settings, 2) > database);
        assert!(reserved(&settings, 3) > reserved(&settings, 2));
        settings.management.enabled = false;
        assert!(reserved(&settings, 2) < database);
    }
}
