//! The lines that should wake someone.

use crate::capture::lines;
use palisade_telemetry::critical;

#[test]
fn an_event_can_be_critical() {
    let lines = lines(|_| {
        critical!(backend = "redis", "cache.lost {}", 1);
        critical!(target: "vault", "sealed");
        tracing::error!(target: "critical", "by target");
        tracing::error!(critical = false, "not");
    });
    let levels: Vec<_> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["CRITICAL", "CRITICAL", "CRITICAL", "ERROR"]);
    assert_eq!((&lines[0]["message"], &lines[0]["backend"]), (&"cache.lost 1".into(), &"redis".into()));
    assert_eq!(lines[1]["target"], "vault");
}
