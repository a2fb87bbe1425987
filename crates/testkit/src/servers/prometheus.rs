//! A private Prometheus.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    binaries::find,
    server::{Plan, Server},
};

/// A Prometheus of this process that scrapes one program every second.
pub struct Prometheus(Server);

impl Prometheus {
    /// Starts one that scrapes `GET /metrics` of `target`, with exemplars.
    ///
    /// # Errors
    /// When Prometheus is not installed or does not start.
    pub fn scraping(target: SocketAddr) -> Result<Self> {
        let prometheus = find(&["prometheus"], "prometheus")?.display().to_string();
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: palisade, static_configs: [{{targets: \
             ['{target}']}}]}}]\n"
        );
        let command = |folder: &Path, port: u16| {
            let folder = folder.display();
            vec![
                prometheus.clone(),
                format!("--config.file={folder}/prometheus.yml"),
                format!("--storage.tsdb.path={folder}/data"),
                format!("--web.listen-address=127.0.0.1:{port}"),
                "--enable-feature=exemplar-storage".to_owned(),
                "--log.level=error".to_owned(),
            ]
        };
        let server = Server::start(&Plan {
            name: "Prometheus",
            user: None,
            prepare: &|folder| Ok(fs::write(folder.join("prometheus.yml"), &config)?),
            command: &command,
            is_ready: |port| Ok(get(port, "/-/ready").is_ok_and(|(status, _)| status == 200)),
        })?;
        Ok(Self(server))
    }

    /// The values of an instant query, each with its labels.
    ///
    /// # Errors
    /// When the expression is refused.
    pub fn query(&self, expression: &str) -> Result<Vec<(Value, f64)>> {
        let answer = self.ask(&format!("/api/v1/query?query={}", encode(expression)))?;
        let results = answer.pointer("/data/result").and_then(Value::as_array).cloned().unwrap_or_default();
        let read = |result: Value| {
            let value = result.pointer("/value/1").and_then(Value::as_str).and_then(|text| text.parse().ok());
            (result.get("metric").cloned().unwrap_or_default(), value.unwrap_or(f64::NAN))
        };
        Ok(results.into_iter().map(read).collect())
    }

    /// The exemplars of a series.
    ///
    /// # Errors
    /// When the expression is refused.
    pub fn exemplars(&self, expression: &str) -> Result<Value> {
        let span = "start=0&end=99999999999";
        let answer = self.ask(&format!("/api/v1/query_exemplars?query={}&{span}", encode(expression)))?;
        Ok(answer.get("data").cloned().unwrap_or_default())
    }

    fn ask(&self, target: &str) -> Result<Value> {
        let (status, body) = get(self.0.port(), target)?;
        ensure!(status == 200, "Prometheus answers {status}: {body}");
        serde_json::from_str(&body).context("Prometheus answers no JSON")
    }
}

impl std::fmt::Debug for Prometheus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Prometheus").field(&self.0.port()).finish()
    }
}

/// HTTP/1.0, so that the body comes in one piece and ends with the connection.
fn get(port: u16, target: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    write!(stream, "GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    Ok((status, body.to_owned()))
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
