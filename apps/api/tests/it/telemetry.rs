//! What is measured, and who may see and switch it.

mod alerts;
mod counts;
mod management;
mod slow;

use std::collections::BTreeMap;

use palisade_testkit::TestApp;

/// The samples of an exposition, each by its name and labels as they are written.
pub(crate) fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let line = line.split(" # {").next().unwrap_or(line);
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().expect("a sample has a value"))
        })
        .collect()
}

/// A server that is measured.
pub(crate) async fn measured() -> TestApp {
    TestApp::builder().set("telemetry.mode", vec!["prometheus"]).spawn().await
}

/// The whole address of a path on the management listener.
fn managed(app: &TestApp, path: &str) -> String {
    format!("http://{}{path}", app.management().unwrap())
}

/// What is measured by now.
pub(crate) async fn scrape(app: &TestApp) -> BTreeMap<String, f64> {
    samples(&app.get(&managed(app, "/metrics")).await.expect(200).text())
}
