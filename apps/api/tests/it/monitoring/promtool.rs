//! Prometheus' own judgement of its files.

use std::{process::Command, thread};

use super::{files, report};

#[test]
fn prometheus_accepts_its_configuration_and_rules() {
    let rules = files::in_folder("deploy/prometheus/rules", "yml");
    let rules: Vec<String> = rules.iter().map(|path| path.display().to_string()).collect();
    let config = files::root().join("deploy/prometheus/prometheus.yml").display().to_string();
    let rules: Vec<&str> = ["check", "rules"].into_iter().chain(rules.iter().map(String::as_str)).collect();
    let problems = [promtool(&["check", "config", &config]), promtool(&rules)];
    report("promtool check", &problems.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn every_rule_does_what_its_cases_say() {
    let tests = files::in_folder("deploy/prometheus/tests", "yml");
    let problems: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = tests
            .iter()
            .map(|path| scope.spawn(|| promtool(&["test", "rules", &path.display().to_string()])))
            .collect();
        runs.into_iter().filter_map(|run| run.join().expect("promtool was run")).collect()
    });
    report("promtool test rules", &problems);
}

/// What promtool has against it; `None` for nothing.
fn promtool(arguments: &[&str]) -> Option<String> {
    let output = Command::new("promtool").args(arguments).output();
    let output = output.expect("promtool is not installed: scripts/test installs it (package prometheus)");
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}
