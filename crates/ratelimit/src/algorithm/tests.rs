//! What each algorithm promises, held against random schedules.

use std::fmt::Debug;

use proptest::{prelude::*, sample::select};

use super::*;

/// The moment at which the schedules begin, away from any border.
const START: u64 = 1_790_000_000_123_456_789;

type Check<S> = fn(S, &Taking<'_>) -> (S, Verdict);

/// A request that was let through.
#[derive(Debug, Clone, Copy)]
struct Passed {
    at: u64,
    cost: u32,
}

/// A quota from the plainest to the most extreme.
fn quotas() -> impl Strategy<Value = Quota> {
    let limits = prop_oneof![1..=30_u32, select(vec![1, 1_000, 86_400_001, u32::MAX - 1, u32::MAX])];
    let windows = select(vec![1_u64, 7, 500, 1_000, 60_000, 86_400_000]);
    (limits, windows, proptest::option::of(1..=40_u32)).prop_map(|(limit, window, burst)| {
        let quota = Quota::new(limit, Duration::from_millis(window)).unwrap();
        burst.map_or(quota, |burst| quota.with_burst(burst))
    })
}

/// Gaps in thousandths of the window, and costs in thousandths of the limit.
fn schedules() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let gaps = prop_oneof![4 => 0..=5_u64, 4 => 0..=200_u64, 1 => 900..=1_100_u64, 1 => 1_000..=9_000_u64];
    let costs = prop_oneof![4 => Just(0_u64), 2 => 0..=400_u64, 1 => 900..=1_100_u64];
    proptest::collection::vec((gaps, costs), 1..120)
}

fn cost_of(quota: &Quota, thousandths: u64) -> u32 {
    u32::try_from(u64::from(quota.limit()) * thousandths / 1_000).unwrap_or(u32::MAX).max(1)
}

/// Plays a schedule, holds what is true of every algorithm, and gives what was let through.
fn play<S: Copy + Eq + Debug>(
    check: Check<S>,
    new: S,
    capacity: u32,
    quota: &Quota,
    schedule: &[(u64, u64)],
) -> Vec<Passed> {
    let (mut state, mut at, mut passed) = (new, START, Vec::new());
    for &(gap, cost) in schedule {
        at += gap * quota.window_nanos() / 1_000;
        let taking = Taking { now: at, quota, cost: cost_of(quota, cost) };
        let (next, verdict) = check(state, &taking);
        assert!(verdict.remaining <= capacity);
        if verdict.allowed() {
            passed.push(Passed { at, cost: taking.cost });
            assert!(verdict.reset > 0);
        } else {
            assert_eq!(next, state, "a refusal changes nothing");
            if taking.cost <= capacity {
                holds_its_word(check, state, &taking, &verdict);
            } else {
                assert_eq!(verdict.wait, quota.window_nanos());
            }
        }
        state = next;
        remains_what_it_says(check, state, capacity, &taking, &verdict);
    }
    passed
}

/// Who waits `retry_after` is let in, and not a nanosecond earlier.
fn holds_its_word<S: Copy>(check: Check<S>, state: S, taking: &Taking<'_>, verdict: &Verdict) {
    let wait = verdict.wait;
    let after = |wait| check(state, &Taking { now: taking.now + wait, ..*taking }).1.allowed();
    assert!(after(wait), "let in after {wait} ns");
    assert!(!after(wait - 1), "not let in after {} ns", wait - 1);
}

/// As much as remains passes now and no more; after `reset_after` everything does.
fn remains_what_it_says<S: Copy>(
    check: Check<S>,
    state: S,
    capacity: u32,
    taking: &Taking<'_>,
    verdict: &Verdict,
) {
    let allowed = |now, cost| check(state, &Taking { now, cost, ..*taking }).1.allowed();
    assert!(verdict.remaining == 0 || allowed(taking.now, verdict.remaining));
    assert!(verdict.remaining == u32::MAX || !allowed(taking.now, verdict.remaining + 1));
    let reset = verdict.reset;
    assert!(allowed(taking.now + reset, capacity));
    assert!(reset == 0 || !allowed(taking.now + reset - 1, capacity));
}

/// However the clock jumps, no one is shut out for longer than two windows.
fn survives_any_clock<S: Copy>(check: Check<S>, new: S, quota: &Quota, moments: &[u64]) {
    let mut state = new;
    for &now in moments {
        for _ in 0..3 {
            let (next, verdict) = check(state, &Taking { now, quota, cost: quota.capacity() });
            let longest = 2 * quota.window_nanos() + u64::from(quota.capacity()) * quota.interval_nanos();
            let wait = verdict.wait;
            assert!(wait <= longest, "{wait}");
            state = next;
        }
    }
}

fn sum<'a>(passed: impl Iterator<Item = &'a Passed>) -> u128 {
    passed.map(|passed| u128::from(passed.cost)).sum()
}

proptest! {
    #[test]
    fn a_bucket_gives_its_capacity_and_its_rate(quota in quotas(), schedule in schedules()) {
        let passed = play(token_bucket::check, token_bucket::FULL, quota.capacity(), &quota, &schedule);
        for (first, begin) in passed.iter().enumerate() {
            for (last, end) in passed.iter().enumerate().skip(first) {
                let span = u128::from(end.at - begin.at);
                let refilled = span * u128::from(quota.limit()) / u128::from(quota.window_nanos());
                let promised = u128::from(quota.capacity()) + refilled;
                prop_assert!(sum(passed[first..=last].iter()) <= promised);
            }
        }
    }

    #[test]
    fn no_span_of_a_sliding_window_holds_more_than_limit_and_burst(quota in quotas(), schedule in schedules()) {
        let new = sliding_window::Ring::default();
        let passed = play(sliding_window::check, new, quota.capacity(), &quota, &schedule);
        for end in &passed {
            let within = passed.iter().filter(|one| one.at <= end.at && end.at - one.at < quota.window_nanos());
            prop_assert!(sum(within) <= quota.capacity().into());
        }
    }

    #[test]
    fn a_fixed_window_holds_limit_and_burst_and_no_less(quota in quotas(), schedule in schedules()) {
        let new = fixed_window::Window::default();
        let passed = play(fixed_window::check, new, quota.capacity(), &quota, &schedule);
        for end in &passed {
            let window = |one: &Passed| one.at / quota.window_nanos();
            let within = passed.iter().filter(|one| window(one) == window(end));
            prop_assert!(sum(within) <= quota.capacity().into());
        }
    }

    #[test]
    fn a_sliding_window_counts_at_most_a_twelfth_too_long(quota in quotas(), schedule in schedules()) {
        let new = sliding_window::Ring::default();
        let passed = play(sliding_window::check, new, quota.capacity(), &quota, &schedule);
        // Everything is free again after the window and one part of it.
        let later = passed.last().map_or(START, |last| last.at) + quota.window_nanos() * 13 / 12 + 13;
        let state = passed.iter().fold(new, |state, one| {
            sliding_window::check(state, &Taking { now: one.at, quota: &quota, cost: one.cost }).0
        });
        let taking = Taking { now: later, quota: &quota, cost: quota.capacity() };
        prop_assert!(sliding_window::check(state, &taking).1.allowed());
    }

    #[test]
    fn no_jump_of_the_clock_shuts_anyone_out(
        quota in quotas(),
        moments in proptest::collection::vec(prop_oneof![any::<u64>(), START - 90_000_000..START + 90_000_000], 1..40),
    ) {
        survives_any_clock(token_bucket::check, token_bucket::FULL, &quota, &moments);
        survives_any_clock(sliding_window::check, sliding_window::Ring::default(), &quota, &moments);
        survives_any_clock(fixed_window::check, fixed_window::Window::default(), &quota, &moments);
    }

    #[test]
    fn a_window_fits_one_word(word in any::<u64>()) {
        prop_assert_eq!(u64::from(fixed_window::Window::from(word)), word);
    }
}

/// How many of so many requests at one moment are let through.
fn at_once<S: Copy>(check: Check<S>, new: S, quota: &Quota, requests: usize) -> usize {
    let mut state = new;
    let mut allowed = 0;
    for _ in 0..requests {
        let (next, verdict) = check(state, &Taking { now: START, quota, cost: 1 });
        allowed += usize::from(verdict.allowed());
        state = next;
    }
    allowed
}

#[test]
fn a_rested_client_sends_requests_and_burst_at_once() {
    for (burst, passed) in [(0, 60), (10, 70)] {
        let quota = Quota::per_minute(60).with_burst(burst);
        assert_eq!(at_once(token_bucket::check, token_bucket::FULL, &quota, 75), passed);
        assert_eq!(at_once(sliding_window::check, sliding_window::Ring::default(), &quota, 75), passed);
        assert_eq!(at_once(fixed_window::check, fixed_window::Window::default(), &quota, 75), passed);
    }
}

#[test]
fn a_token_bucket_refills_the_limit_in_each_window_whatever_the_burst() {
    let quota = Quota::per_minute(60).with_burst(10);
    let at = |state, second: u64| {
        let now = START + second * 1_000_000_000;
        token_bucket::check(state, &Taking { now, quota: &quota, cost: 1 })
    };
    let mut state = token_bucket::FULL;
    let mut passed = [0, 0];
    // Ten a second for two minutes: the first minute has the burst on top.
    for second in 0..120 {
        for _ in 0..10 {
            let (next, verdict) = at(state, second);
            passed[usize::from(second >= 60)] += u32::from(verdict.allowed());
            state = next;
        }
    }
    assert_eq!(passed, [60 + 10 + 59, 60]);
}

#[test]
fn one_that_comes_evenly_is_never_refused() {
    let quota = Quota::per_minute(60);
    let mut state = token_bucket::FULL;
    for second in 0..600 {
        let now = START + second * 1_000_000_000;
        let (next, verdict) = token_bucket::check(state, &Taking { now, quota: &quota, cost: 1 });
        assert!(verdict.allowed(), "second {second}");
        state = next;
    }
}

#[test]
fn fixed_windows_begin_at_multiples_since_the_epoch() {
    let quota = Quota::per_hour(1);
    let at = |now| Taking { now, quota: &quota, cost: 1 };
    let hour = 3_600_000_000_000;
    let (state, verdict) = fixed_window::check(fixed_window::Window::default(), &at(7 * hour - 5));
    assert_eq!((verdict.remaining, verdict.reset), (0, 5));
    assert!(!fixed_window::check(state, &at(7 * hour - 1)).1.allowed());
    assert!(fixed_window::check(state, &at(7 * hour)).1.allowed());
}

#[test]
fn a_border_crossed_backwards_forgets_nothing() {
    let quota = Quota::per_hour(1);
    let at = |now| Taking { now, quota: &quota, cost: 1 };
    let border = START / quota.window_nanos() * quota.window_nanos();
    let (fixed, _) = fixed_window::check(fixed_window::Window::default(), &at(border));
    assert!(!fixed_window::check(fixed, &at(border - 1)).1.allowed());
    let (sliding, _) = sliding_window::check(sliding_window::Ring::default(), &at(border));
    assert!(!sliding_window::check(sliding, &at(border - 1)).1.allowed());
}
