//! Runbooks: one for each alert, and queries that work.

use std::collections::BTreeSet;

use super::{Catalogue, files, report};

const RUNBOOKS: &str = "docs/runbooks.md";

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let text = files::text(RUNBOOKS);
    let sections: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let alerts = files::alerts();
    let alerts: BTreeSet<&str> = alerts.iter().map(|(name, _)| name.as_str()).collect();
    let lost = alerts.difference(&sections).map(|name| format!("{name}: no section"));
    let idle = sections.difference(&alerts).map(|name| format!("{name}: no alert"));
    report(RUNBOOKS, &lost.chain(idle).collect::<Vec<_>>());
}

#[test]
fn every_query_of_a_runbook_is_about_metrics_that_exist() {
    let catalogue = Catalogue::read();
    let text = files::text(RUNBOOKS);
    let prose = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    let quoted = prose.split('`').skip(1).step_by(2);
    let queries: Vec<&str> = quoted
        .filter(|text| text.contains("rate(") || text.contains(" by (") || catalogue.is_named_in(text))
        .collect();
    assert!(queries.len() > 50, "the queries of {RUNBOOKS} are not found");
    let problems = queries.iter().flat_map(|query| catalogue.labels_of(query).1);
    report(RUNBOOKS, &problems.collect::<Vec<_>>());
}
