//! How checks are run.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use palisade_core::ManualClock;
use palisade_health::{Report, Status};

use crate::parts::{FRESH, Mood, Part, registry};

fn verdicts(report: &Report) -> Vec<(&str, Status)> {
    report.checks().collect()
}

#[tokio::test]
async fn a_thousand_who_ask_at_once_cost_one_run() {
    let (clock, part) = (Arc::new(ManualClock::default()), Part::critical("db"));
    let registry = registry(&clock, &[&part]);
    let reports = join_all((0..1_000).map(|_| registry.report())).await;
    assert!(reports.iter().all(|report| report.status() == Status::Ok));
    assert_eq!(part.asked(), 1);
}

#[tokio::test]
async fn a_report_is_given_again_while_it_is_fresh() {
    let (clock, part) = (Arc::new(ManualClock::default()), Part::critical("db"));
    let registry = registry(&clock, &[&part]);
    registry.report().await;
    part.set(Mood::Broken);
    clock.advance(FRESH - Duration::from_millis(1));
    assert_eq!(registry.report().await.status(), Status::Ok);
    clock.advance(Duration::from_millis(1));
    assert_eq!(registry.report().await.status(), Status::Fail);
    assert_eq!(part.asked(), 2);
}

#[tokio::test]
async fn the_weight_of_a_part_decides_what_its_loss_means() {
    let (db, redis) = (Part::critical("db"), Part::minor("redis"));
    let clock = Arc::new(ManualClock::default());
    let registry = registry(&clock, &[&db, &redis]);
    redis.set(Mood::Broken);
    let report = registry.report().await;
    assert_eq!(verdicts(&report), [("db", Status::Ok), ("redis", Status::Degraded)]);
    assert_eq!(report.status(), Status::Degraded);
    db.set(Mood::Broken);
    clock.advance(FRESH);
    let report = registry.report().await;
    assert_eq!(verdicts(&report), [("db", Status::Fail), ("redis", Status::Degraded)]);
    assert_eq!(report.status(), Status::Fail);
}

#[tokio::test]
async fn a_check_that_hangs_or_panics_has_failed_and_holds_up_no_other() {
    let (hanging, panicking, well) = (Part::critical("a"), Part::critical("b"), Part::critical("c"));
    hanging.set(Mood::Hanging);
    panicking.set(Mood::Panicking);
    let registry = registry(&Arc::new(ManualClock::default()), &[&hanging, &panicking, &well]);
    let report = registry.report().await;
    assert_eq!(verdicts(&report), [("a", Status::Fail), ("b", Status::Fail), ("c", Status::Ok)]);
}

#[tokio::test]
async fn one_who_leaves_while_the_checks_run_leaves_nothing_behind() {
    let (clock, part) = (Arc::new(ManualClock::default()), Part::critical("db"));
    let registry = registry(&clock, &[&part]);
    {
        let left = registry.report();
        tokio::pin!(left);
        assert!(futures_util::FutureExt::now_or_never(left.as_mut()).is_none());
    }
    assert_eq!(registry.report().await.status(), Status::Ok);
}

#[tokio::test]
async fn the_last_report_is_known_without_asking() {
    let (clock, part) = (Arc::new(ManualClock::default()), Part::critical("db"));
    let registry = registry(&clock, &[&part]);
    assert_eq!(verdicts(&registry.last_known()), []);
    registry.report().await;
    clock.advance(10 * FRESH);
    assert_eq!(verdicts(&registry.last_known()), [("db", Status::Ok)]);
    assert_eq!(part.asked(), 1);
}
