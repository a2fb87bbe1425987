//! What 300,000 keys take, and what is left of it after they have expired.

use std::{
    fs,
    num::NonZeroU32,
    thread,
    time::{Duration, Instant},
};

use palisade_core::SystemClock;
use palisade_ratelimit::{
    Algorithm, InvalidQuota, LimitKey, MemoryOptions, MemoryRateLimiter, Policy, Quota, Timeline,
};

const KEYS: u32 = 300_000;

pub(crate) fn measure() -> Result<(), Box<dyn std::error::Error>> {
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow] {
        let before = resident()?;
        let limiter = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
        let policy = Policy::new("api", algorithm, quotas()?)?;
        let mut full = before;
        for number in 0..KEYS {
            let key = LimitKey::of("ip", std::net::Ipv4Addr::from_bits(number));
            limiter.check_now(&policy, &key, NonZeroU32::MIN);
            if number % 1_000 == 0 {
                // The tables that grow stand beside the old ones for a moment.
                full = full.max(resident()?);
            }
        }
        let (kept, full) = (limiter.len(), full.max(resident()?));
        let after = after_expiry(&limiter, &policy)?;
        let name = algorithm.as_str();
        println!(
            r#"{{"name":"memory {name}","keys":{kept},"before_kib":{before},"full_kib":{full},"after_kib":{after}}}"#
        );
    }
    Ok(())
}

/// Two windows, as by default, short enough to wait for.
fn quotas() -> Result<[Quota; 2], InvalidQuota> {
    let seconds = Duration::from_secs;
    Ok([Quota::new(1, seconds(5))?, Quota::new(10, seconds(6))?])
}

/// What is resident when a client that comes a hundred times a second has met an expired table for some seconds.
fn after_expiry(limiter: &MemoryRateLimiter, policy: &Policy) -> std::io::Result<u64> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(12) {
        limiter.check_now(policy, &LimitKey::new("someone"), NonZeroU32::MIN);
        thread::sleep(Duration::from_millis(10));
    }
    resident()
}

/// `VmRSS` in KiB (proc_pid_status(5)).
fn resident() -> std::io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
    number.ok_or_else(|| std::io::Error::other("no VmRSS"))
}
