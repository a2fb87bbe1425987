//! `api health`: for a container's health check, where no curl is.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::print::print;
use crate::runtime::runtime;
use crate::{exit::Exit, failure::Failure, settings::Settings};

/// Longer than any check behind the readiness answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn run(settings: &Settings) -> Result<Exit, Failure> {
    let (host, port) = where_to_ask(settings)?;
    let answer = runtime()?.block_on(async {
        timeout(PATIENCE, ask(host, port)).await.context("the server does not answer")?
    })?;
    let status = answer.split(' ').nth(1).ok_or_else(|| anyhow!("the answer is not HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    print(body);
    Ok(if status == "200" { Exit::Clean } else { Exit::Failed })
}

/// The public listener, or beside TLS the management listener, which speaks none.
fn where_to_ask(settings: &Settings) -> Result<(&str, u16), Failure> {
    let (server, management) = (&settings.server, &settings.management);
    let (host, port) = match (&server.tls_cert, management.enabled) {
        (None, _) => (&server.host, server.port),
        (Some(_), true) => (&management.host, management.port),
        (Some(_), false) => {
            let message = "must be on for `api health` beside TLS".to_owned();
            return Err(Failure::Setting { key: "management.enabled", message });
        }
    };
    let host = match host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" | "[::]" => "::1",
        host => host,
    };
    Ok((host, port))
}

async fn ask(host: &str, port: u16) -> anyhow::Result<String> {
    let mut stream =
        TcpStream::connect((host, port)).await.with_context(|| format!("no server at {host}:{port}"))?;
    let request = format!("GET /ready HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer).await?;
    Ok(answer)
}
