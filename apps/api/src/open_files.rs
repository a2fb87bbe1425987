//! How many files the process may have open: each connection is one.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// For the database, Redis, the logs and the listeners.
const OTHERS: u64 = 256;

/// Raises the process's own limit as far as the system lets it. Shells and service managers start programs with
/// 1,024, for the sake of programs that use `select(2)`; one that does not is meant to raise it
/// (systemd.exec(5), `LimitNOFILE=`). Logs a warning when that is too few for so many connections.
pub fn raise(connections: usize) {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let raised = soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
    let limit = if raised { hard } else { soft };
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    if limit < wanted {
        tracing::warn!(limit, wanted, "server.few_open_files");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_as_high_as_the_system_lets_it_be() {
        raise(1);
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(soft, hard);
    }
}
