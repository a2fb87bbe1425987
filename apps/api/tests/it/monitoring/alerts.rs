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
