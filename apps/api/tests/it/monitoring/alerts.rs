//! Alerts: groups, labels, annotations and cases.

use std::collections::BTreeSet;

use super::{Catalogue, files, report};

/// The groups, in their order.
const GROUPS: [&str; 11] = [
    "application health",
    "performance",
    "circuit breakers",
    "rate limiting",
    "authentication",
    "external services",
    "dependencies",
    "cache",
    "resources",
    "retries",
    "validation",
];

const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];

#[test]
fn every_area_has_its_group_of_alerts() {
    let groups = files::rules("alerts");
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, GROUPS);
    let empty: Vec<String> =
        groups.iter().filter(|group| group.rules.is_empty()).map(|group| group.name.clone()).collect();
    report("a group has alerts", &empty);
}

#[test]
fn every_alert_is_about_metrics_that_exist_and_says_what_it_means() {
    let catalogue = Catalogue::read();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, rule) in files::alerts() {
        let mut wrong = |problem: String| problems.push(format!("{name}: {problem}"));
        let (labels, found) = catalogue.labels_of(&rule.expr);
        found.into_iter().for_each(&mut wrong);
        if !rule.labels.get("severity").is_some_and(|severity| SEVERITIES.contains(&severity.as_str())) {
            wrong(format!("its severity is none of {SEVERITIES:?}"));
        }
        for annotation in ["summary", "description"] {
            if rule.annotations.get(annotation).is_none_or(|text| text.is_empty()) {
                wrong(format!("no {annotation}"));
            }
        }
        let runbook = format!("docs/runbooks.md#{}", name.to_lowercase());
        if rule.annotations.get("runbook_url") != Some(&runbook) {
            wrong(format!("its runbook_url is not {runbook}"));
        }
        let used = rule.annotations.values().flat_map(|text| labels_used(text));
        let lost = used.filter(|label| !labels.contains(*label) && !rule.labels.contains_key(*label));
        lost.for_each(|label| {
            wrong(format!("its annotations use the label `{label}`, which the result lacks"))
        });
        if !seen.insert(name.clone()) {
            wrong("there are two of that name".to_owned());
        }
    }
    report("alerts", &problems);
}

#[test]
fn every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() {
    let (mut fires, mut quiet) = (BTreeSet::new(), BTreeSet::new());
    let mut problems = Vec::new();
    for (file, tests) in files::rule_tests() {
        for test in tests.tests {
            for case in test.alert_rule_test {
                if case.exp_alerts.is_empty() {
                    if !test.input_series.is_empty() {
                        quiet.insert(case.alertname);
                    }
                    continue;
                }
                let told = |alert: &files::ExpectedAlert| {
                    alert.exp_labels.contains_key("severity")
                        && alert.exp_annotations.contains_key("description")
                };
                if !case.exp_alerts.iter().all(told) {
                    problems.push(format!(
                        "{file}: {} is expected without labels or annotations",
                        case.alertname
                    ));
                }
                fires.insert(case.alertname);
            }
        }
    }
    let names: BTreeSet<String> = files::alerts().into_iter().map(|(name, _)| name).collect();
    problems.extend(names.difference(&fires).map(|name| format!("{name}: no case in which it fires")));
    problems.extend(names.difference(&quiet).map(|name| format!("{name}: no case in which it stays quiet")));
    problems.extend(
        fires.union(&quiet).filter(|name| !names.contains(*name)).map(|name| format!("{name}: no alert")),
    );
    report("cases in deploy/prometheus/tests", &problems);
}

/// What others warn at: 5 % of errors, 80 and 90 % of memory, a p95 of 1 s, and a service that is down for 2 minutes or
/// an instance for 5. A rule that does otherwise says why, beside it.
#[test]
fn thresholds_are_the_usual_ones_or_say_why_not() {
    let alerts = files::alerts();
    let rule = |name: &str| alerts.iter().find(|(known, _)| known == name).map(|(_, rule)| rule).unwrap();
    for (name, threshold) in [
        ("High5xxErrorRate", "job:slo_errors:ratio_rate5m > 0.05"),
        ("HighMemoryUsage", "instance:memory_usage:ratio > 0.8"),
        ("CriticalMemoryUsage", "instance:memory_usage:ratio > 0.9"),
        ("HighResponseTime", "job:http_request_duration_seconds:p95_rate5m > 1\n"),
    ] {
        assert!(format!("{}\n", rule(name).expr).contains(threshold), "{name}: {}", rule(name).expr);
    }
    let text = files::text("deploy/prometheus/rules/alerts.yml");
    for (name, wait) in [("ServiceDown", "2m"), ("InstanceDown", "5m")] {
        let (_, own) = text.split_once(&format!("- alert: {name}\n")).unwrap();
        let (own, _) = own.split_once("runbook_url").unwrap();
        assert!(own.contains(&format!("for: {wait}\n")), "{name}: {own}");
    }
    let (before, _) = text.split_once("      - alert: HighErrorRate\n").unwrap();
    let comment: Vec<&str> = before.lines().rev().take_while(|line| line.trim().starts_with('#')).collect();
    assert!(comment.iter().any(|line| line.contains("5 %")), "it says why it is not 5 %: {comment:?}");
}

/// Memory is compared with what the process itself tells, not with a number that somebody forgot to change.
#[test]
fn the_limit_of_memory_is_the_process_s_own() {
    let recorded = files::rules("recording").into_iter().flat_map(|group| group.rules);
    let ratio =
        recorded.into_iter().find(|rule| rule.record.as_deref() == Some("instance:memory_usage:ratio"));
    assert!(ratio.unwrap().expr.contains("memory_limit_bytes"));
    for path in ["deploy/prometheus/rules/alerts.yml", "deploy/prometheus/rules/recording.yml"] {
        let text = files::text(path);
        let fixed = text.lines().find(|line| line.contains("memory_bytes:limit"));
        assert_eq!(fixed, None, "{path}");
    }
}

#[test]
fn every_case_is_about_metrics_that_exist() {
    let catalogue = Catalogue::read();
    let mut problems = Vec::new();
    for (file, tests) in files::rule_tests() {
        for test in tests.tests {
            let given = test.input_series.iter().map(|input| &input.series);
            for expression in given.chain(test.promql_expr_test.iter().map(|test| &test.expr)) {
                let found = catalogue.labels_of(expression).1;
                problems.extend(found.into_iter().map(|problem| format!("{file}: {problem}")));
            }
        }
    }
    problems.sort();
    problems.dedup();
    report("cases in deploy/prometheus/tests", &problems);
}

/// The labels that a template uses, as in `{{ $labels.route }}`.
fn labels_used(template: &str) -> impl Iterator<Item = &str> {
    template.split("$labels.").skip(1).map(|rest| {
        let end = rest.find(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
        &rest[..end.unwrap_or(rest.len())]
    })
}
