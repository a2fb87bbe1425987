//! The metrics there are, each with its labels.

use std::collections::{BTreeMap, BTreeSet};

use super::{files, promql, report};

/// Names of labels.
pub(super) type Labels = BTreeSet<String>;

/// Every series that an expression may name.
pub(super) struct Catalogue {
    metrics: BTreeMap<String, Labels>,
    /// The values of a metric's only label, where its text names them.
    values: BTreeMap<String, Labels>,
}

impl Catalogue {
    /// Those of `docs/metrics.md`, those that Prometheus has itself, and those that the rules record.
    pub(super) fn read() -> Self {
        let (catalogue, problems) = Self::with_recorded();
        report("each recording rule is about metrics that exist", &problems);
        catalogue
    }

    fn with_recorded() -> (Self, Vec<String>) {
        let document = files::text("docs/metrics.md");
        let mut catalogue = Self { metrics: documented(&document), values: values(&document) };
        catalogue.add("up", &[]);
        catalogue.add("ALERTS", &["alertname", "alertstate", "severity"]);
        let mut problems = Vec::new();
        // In their order: a rule knows what is recorded before it.
        for rule in files::rules("recording").into_iter().flat_map(|group| group.rules) {
            let name = rule.record.expect("recording.yml holds recording rules alone");
            let (mut labels, found) = catalogue.labels_of(&rule.expr);
            labels.extend(rule.labels.into_keys());
            problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
            if catalogue.metrics.insert(name.clone(), labels).is_some() {
                problems.push(format!("{name}: there already"));
            }
        }
        (catalogue, problems)
    }

    /// The labels that the expression's result has, and what is wrong with the expression.
    pub(super) fn labels_of(&self, expression: &str) -> (Labels, Vec<String>) {
        promql::labels_of(self, expression)
    }

    /// The labels of a metric.
    pub(super) fn get(&self, metric: &str) -> Option<&Labels> {
        self.metrics.get(metric)
    }

    /// Which of these values of the metric's only label it never has.
    pub(super) fn unknown_values<'a>(
        &self,
        metric: &str,
        values: impl Iterator<Item = &'a str>,
    ) -> Vec<&'a str> {
        let Some(known) = self.values.get(metric) else { return Vec::new() };
        values.filter(|value| !known.contains(*value)).collect()
    }

    /// Whether a text names one of the metrics.
    pub(super) fn is_named_in(&self, text: &str) -> bool {
        let mut words = text.split(|char: char| !(char.is_ascii_alphanumeric() || "_:".contains(char)));
        words.any(|word| self.metrics.contains_key(word))
    }

    fn add(&mut self, name: &str, labels: &[&str]) {
        self.metrics.insert(name.to_owned(), scraped(labels.iter().copied()));
    }
}

/// The cells of each row of the table; the first is empty.
fn rows(document: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| line.split('|').map(str::trim).collect())
}

/// The metrics of a table with the header `| metric | kind | labels | what it tells |`.
fn documented(document: &str) -> BTreeMap<String, Labels> {
    let mut metrics = BTreeMap::new();
    for cells in rows(document) {
        let name = cells[1].trim_matches('`');
        let labels = || cells[3].split('`').skip(1).step_by(2);
        match cells[2] {
            "counter" | "gauge" => _ = metrics.insert(name.to_owned(), scraped(labels())),
            "histogram" => {
                metrics.insert(format!("{name}_sum"), scraped(labels()));
                metrics.insert(format!("{name}_count"), scraped(labels()));
                metrics.insert(format!("{name}_bucket"), scraped(labels().chain(["le"])));
            }
            kind => panic!("docs/metrics.md: {name} is a {kind}"),
        }
    }
    assert!(!metrics.is_empty(), "docs/metrics.md has no table of metrics");
    metrics
}

/// What the text of a metric with one label says of the label's values, in the same table.
fn values(document: &str) -> BTreeMap<String, Labels> {
    let mut metrics = BTreeMap::new();
    for cells in rows(document) {
        // Settings are in capitals.
        let named =
            cells[4].split('`').skip(1).step_by(2).filter(|word| !word.starts_with(char::is_uppercase));
        let named: Labels = named.map(str::to_owned).collect();
        // One alone is a special case, and not all there is.
        if cells[3].matches('`').count() == 2 && named.len() > 1 {
            metrics.insert(cells[1].trim_matches('`').to_owned(), named);
        }
    }
    metrics
}

/// The labels of a metric with those that every scrape adds.
fn scraped<'a>(labels: impl Iterator<Item = &'a str>) -> Labels {
    labels.chain(["job", "instance"]).map(str::to_owned).collect()
}
