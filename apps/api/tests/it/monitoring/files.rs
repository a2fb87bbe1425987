//! The files as they lie in the repository.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};

/// A file of rules.
#[derive(Deserialize)]
pub(super) struct Rules {
    pub(super) groups: Vec<Group>,
}

/// A group of rules.
#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Deserialize)]
pub(super) struct Rule {
    pub(super) record: Option<String>,
    pub(super) alert: Option<String>,
    pub(super) expr: String,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

/// A file of promtool's tests.
#[derive(Deserialize)]
pub(super) struct RuleTests {
    pub(super) tests: Vec<RuleTest>,
}

/// One of them.
#[derive(Deserialize)]
pub(super) struct RuleTest {
    pub(super) input_series: Vec<InputSeries>,
    #[serde(default)]
    pub(super) alert_rule_test: Vec<AlertTest>,
    #[serde(default)]
    pub(super) promql_expr_test: Vec<ExpressionTest>,
}

/// A series that is given to the rules.
#[derive(Deserialize)]
pub(super) struct InputSeries {
    pub(super) series: String,
}

/// What an alert is to do.
#[derive(Deserialize)]
pub(super) struct AlertTest {
    pub(super) alertname: String,
    #[serde(default)]
    pub(super) exp_alerts: Vec<ExpectedAlert>,
}

/// An alert that is to fire.
#[derive(Deserialize)]
pub(super) struct ExpectedAlert {
    #[serde(default)]
    pub(super) exp_labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) exp_annotations: BTreeMap<String, String>,
}

/// What an expression is to give.
#[derive(Deserialize)]
pub(super) struct ExpressionTest {
    pub(super) expr: String,
}

/// The rules of `deploy/prometheus/rules/{name}.yml`.
pub(super) fn rules(name: &str) -> Vec<Group> {
    yaml::<Rules>(&root().join(format!("deploy/prometheus/rules/{name}.yml"))).groups
}

/// Each alert, with its name.
pub(super) fn alerts() -> Vec<(String, Rule)> {
    let rules = rules("alerts").into_iter().flat_map(|group| group.rules);
    rules.map(|rule| (rule.alert.clone().expect("alerts.yml holds alerts alone"), rule)).collect()
}

/// Each file of promtool's tests, with its name.
pub(super) fn rule_tests() -> Vec<(String, RuleTests)> {
    in_folder("deploy/prometheus/tests", "yml").iter().map(|path| (name(path), yaml(path))).collect()
}

/// The files in a folder that end so, sorted.
pub(super) fn in_folder(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    files
}

/// The text of a file, by its path from the root.
pub(super) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The name of a file.
pub(super) fn name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

/// The folder of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn yaml<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
