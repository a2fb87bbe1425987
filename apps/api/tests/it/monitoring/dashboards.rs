//! Dashboards: expressions, legends, and panels that one can read.

use std::{collections::BTreeSet, fs};

use serde::Deserialize;
use serde_json::Value;

use super::{Catalogue, files, report};

const FOLDER: &str = "deploy/grafana/dashboards";
const COLUMNS: u32 = 24;

#[derive(Deserialize)]
struct Dashboard {
    uid: String,
    panels: Vec<Panel>,
    annotations: Value,
    templating: Value,
    #[serde(skip)]
    file: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Panel {
    id: Option<u64>,
    r#type: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    grid_pos: Place,
    #[serde(default)]
    targets: Vec<Target>,
    #[serde(default)]
    field_config: Value,
}

#[derive(Deserialize)]
struct Place {
    x: u32,
    y: u32,
    w: u32,
    h: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    expr: String,
    #[serde(default)]
    legend_format: String,
    datasource: Value,
}

fn all() -> Vec<Dashboard> {
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let dashboard: Dashboard =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Dashboard { file: files::name(path), ..dashboard }
    };
    files::in_folder(FOLDER, "json").iter().map(read).collect()
}

/// An expression as Prometheus gets it: variables have values.
fn filled_in(expression: &str) -> String {
    expression.replace("$__rate_interval", "5m").replace("$__interval", "1m").replace("$instance", ".*")
}

/// The labels that a legend uses, as in `{{route}} p95`.
fn legend_labels(legend: &str) -> impl Iterator<Item = &str> {
    legend.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).map(str::trim)
}

#[test]
fn every_graph_is_about_metrics_that_exist() {
    let catalogue = Catalogue::read();
    let mut problems = Vec::new();
    for dashboard in all() {
        for panel in &dashboard.panels {
            for target in &panel.targets {
                let mut wrong = |problem: String| {
                    problems.push(format!("{}, {}: {problem}", dashboard.file, panel.title))
                };
                let (labels, found) = catalogue.labels_of(&filled_in(&target.expr));
                found.into_iter().for_each(&mut wrong);
                let lost = legend_labels(&target.legend_format).filter(|label| !labels.contains(*label));
                lost.for_each(|label| wrong(format!("its legend uses `{label}`, which the result lacks")));
                if target.datasource["uid"] != "${datasource}" {
                    wrong("its data source is not the variable".to_owned());
                }
            }
        }
    }
    report(FOLDER, &problems);
}

#[test]
fn every_mark_and_variable_is_about_metrics_that_exist() {
    let catalogue = Catalogue::read();
    let mut problems = Vec::new();
    for dashboard in all() {
        let marks = dashboard.annotations["list"].as_array().into_iter().flatten();
        for expression in marks.filter_map(|mark| mark["expr"].as_str()) {
            problems.extend(catalogue.labels_of(&filled_in(expression)).1);
        }
        let variables = dashboard.templating["list"].as_array().into_iter().flatten();
        for query in variables.filter_map(|variable| variable["query"]["query"].as_str()) {
            let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
            let (series, label) =
                inner.and_then(|inner| inner.rsplit_once(", ")).expect("label_values(series, label)");
            let (labels, found) = catalogue.labels_of(series);
            problems.extend(found);
            if !labels.contains(label) {
                problems.push(format!("{}: {query}: there is no such label", dashboard.file));
            }
        }
    }
    report(FOLDER, &problems);
}

#[test]
fn every_panel_says_what_it_shows_and_in_which_unit() {
    let mut problems = Vec::new();
    let mut uids = BTreeSet::new();
    for dashboard in all() {
        let mut wrong =
            |what: &str, problem: &str| problems.push(format!("{}, {what}: {problem}", dashboard.file));
        if !uids.insert(dashboard.uid.clone()) {
            wrong(&dashboard.uid, "another one has this uid");
        }
        for panel in &dashboard.panels {
            if panel.title.is_empty() {
                wrong(&panel.r#type, "no title");
            }
            if panel.id.is_some() {
                wrong(&panel.title, "an id is for Grafana to give");
            }
            if panel.r#type == "row" {
                continue;
            }
            let unit = panel.field_config["defaults"]["unit"].as_str().unwrap_or_default();
            let faults = [
                ("no description", panel.description.is_empty()),
                ("no unit", unit.is_empty()),
                ("no query", panel.targets.is_empty()),
            ];
            faults.iter().filter(|(_, is)| *is).for_each(|(fault, _)| wrong(&panel.title, fault));
        }
    }
    report(FOLDER, &problems);
}

#[test]
fn no_panel_lies_on_another() {
    let mut problems = Vec::new();
    for dashboard in all() {
        for (index, panel) in dashboard.panels.iter().enumerate() {
            let place = &panel.grid_pos;
            if place.x + place.w > COLUMNS || place.w == 0 || place.h == 0 {
                problems.push(format!("{}, {}: not within {COLUMNS} columns", dashboard.file, panel.title));
            }
            let below =
                dashboard.panels.iter().skip(index + 1).filter(|other| overlap(place, &other.grid_pos));
            problems.extend(
                below.map(|other| format!("{}: {} and {}", dashboard.file, panel.title, other.title)),
            );
        }
    }
    report("panels that overlap", &problems);
}

fn overlap(a: &Place, b: &Place) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
