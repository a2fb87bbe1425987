//! Prometheus' own judgement of its files.

use std::{path::Path, process::Command};

use super::{files, report};

const CASES: &str = "deploy/prometheus/tests";

/// Makes a test of each file of cases, so that they run side by side.
macro_rules! cases {
    ($($file:ident)*) => {
        /// Their files, without what they end in.
        const FILES: &[&str] = &[$(stringify!($file)),*];

        mod every_rule_does_what_its_cases_say {
            $(
                #[test]
                fn $file() {
                    super::run_cases(stringify!($file));
                }
            )*
        }
    };
}

cases! {
    application_health authentication cache circuit_breakers dependencies external_services last_week long_windows
    performance rate_limiting recording resources retries validation
}

#[test]
fn every_file_of_cases_is_run() {
    let present = files::in_folder(CASES, "yml");
    let present: Vec<&str> = present.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    assert_eq!(present, FILES);
}

#[test]
fn prometheus_accepts_its_configuration_and_rules() {
    let config = files::root().join("deploy/prometheus/prometheus.yml");
    let mut problems = vec![promtool(&["check", "config"], &config)];
    let rules = files::in_folder("deploy/prometheus/rules", "yml");
    problems.extend(rules.iter().map(|path| promtool(&["check", "rules"], path)));
    report("promtool check", &problems.into_iter().flatten().collect::<Vec<_>>());
}

fn run_cases(file: &str) {
    let problem = promtool(&["test", "rules"], &files::root().join(format!("{CASES}/{file}.yml")));
    report("promtool test rules", &problem.into_iter().collect::<Vec<_>>());
}

/// What promtool has against the file; `None` for nothing.
fn promtool(arguments: &[&str], file: &Path) -> Option<String> {
    let output = Command::new("promtool").args(arguments).arg(file).output();
    let output = output.expect("promtool is not installed: scripts/test installs it (package prometheus)");
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}
