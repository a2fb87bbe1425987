//! `api health`: for a container's health check, where no curl is.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{exit::Exit, failure::Failure, settings::Settings};

/// Longer than any check behind the readiness answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn run(settings: &Settings) -> Result<Exit, Failure> {
    let host = match settings.server.host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" | "[::]" => "::1",
        host => host,
    };
    let path = format!("{}/health/ready", settings.app.api_prefix);
    let answer = super::runtime()?.block_on(async {
        timeout(PATIENCE, ask(host, settings.server.port, &path))
            .await
            .context("the server does not answer")?
    })?;
    let status = answer.split(' ').nth(1).ok_or_else(|| anyhow!("the answer is not HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    super::print(body);
    Ok(if status == "200" { Exit::Clean } else { Exit::Failed })
}

async fn ask(host: &str, port: u16, path: &str) -> anyhow::Result<String> {
    let mut stream =
        TcpStream::connect((host, port)).await.with_context(|| format!("no server at {host}:{port}"))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer).await?;
    Ok(answer)
}
