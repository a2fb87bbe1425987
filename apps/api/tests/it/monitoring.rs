//! What watches the server: rules, dashboards and runbooks under `deploy/` and `docs/`.
//!
//! Every expression is parsed and compared with `docs/metrics.md`, which is generated from the code: a metric that is
//! renamed fails here, before a graph is empty or an alert is silent in the night it was made for.

#![expect(clippy::panic, reason = "a file that cannot be read fails the test, with its name")]

mod alerts;
mod catalogue;
mod dashboards;
mod files;
mod promql;
mod promtool;
mod runbooks;

use catalogue::Catalogue;

/// Fails with all problems at once.
fn report(rule: &str, problems: &[String]) {
    assert!(problems.is_empty(), "{rule}:\n  {}", problems.join("\n  "));
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let catalogue = Catalogue::read();
    let problems = |expression: &str| catalogue.labels_of(expression).1;
    let right = [
        r#"sum by (route) (rate(http_requests_total{status=~"5.."}[5m]))"#,
        "histogram_quantile(0.9, sum by (job, le) (rate(db_pool_wait_seconds_bucket[5m])))",
        "cpu_usage_percent / on () group_left () palisade:cpu_cores:limit",
        "job:slo_errors:ratio_rate1h > 0.1 and job:slo_errors:ratio_rate5m > 0.1",
    ];
    for expression in right {
        assert_eq!(problems(expression), Vec::<String>::new(), "{expression}");
    }
    let wrong = [
        ("no such metric", "rate(http_request_total[5m])"),
        ("no such suffix", "rate(http_requests_total_bucket[5m])"),
        ("no such value of a label", r#"rate(db_errors_total{kind=~"unavailable|timeout"}[5m])"#),
        ("no such label in a matcher", r#"up{route="/"}"#),
        ("no such label in by", "sum by (route) (db_errors_total)"),
        ("a label that was summed away", "sum by (status) (sum by (route) (http_requests_total))"),
        ("no such label in on", "up * on (route) group_left () http_requests_total"),
        ("sides that never match", "sum by (job) (up) / http_requests_in_flight"),
        ("a quantile without le", "histogram_quantile(0.9, sum by (job) (db_pool_wait_seconds_bucket))"),
        ("no expression", "sum by (job"),
    ];
    for (what, expression) in wrong {
        assert!(!problems(expression).is_empty(), "{what}: {expression}");
    }
}
