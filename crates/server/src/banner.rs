//! What a developer sees once the server accepts.

use std::{fmt::Write as _, net::SocketAddr};

use crate::domain::Notice;

/// The addresses worth knowing. Links name `localhost` in place of a wildcard address, which no browser opens.
#[derive(Debug)]
pub(crate) struct Banner<'a> {
    /// The program's name.
    pub(crate) name: &'a str,
    /// Where the public API listens.
    pub(crate) api: SocketAddr,
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    /// Where the management listener is, if it is on.
    pub(crate) management: Option<SocketAddr>,
    /// Whether the documentation pages are served.
    pub(crate) docs: bool,
    /// What domains announce.
    pub(crate) notices: &'a [Notice],
}

impl Banner<'_> {
    /// The banner as text.
    #[must_use]
    pub(crate) fn render(&self) -> String {
        let api = url(if self.tls { "https" } else { "http" }, self.api);
        let mut text = format!("\n  {} is ready\n\n  API         {api}\n", self.name);
        if self.docs {
            let _ = writeln!(text, "  Docs        {api}/docs");
        }
        if let Some(address) = self.management {
            let _ = writeln!(text, "  Management  {}", url("http", address));
        }
        for Notice { text: line, path, .. } in self.notices {
            let _ = writeln!(text, "\n  {line}\n  {api}{path}");
        }
        text
    }
}

fn url(scheme: &str, address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_address_and_the_link() {
        let banner = Banner {
            name: "palisade",
            api: "127.0.0.1:8000".parse().unwrap(),
            tls: true,
            management: Some("0.0.0.0:9090".parse().unwrap()),
            docs: true,
            notices: &[Notice { name: "a", text: "Go on here:".to_owned(), path: "/setup/abc".to_owned() }],
        };
        let text = banner.render();
        for line in
            ["https://127.0.0.1:8000/docs", "http://localhost:9090", "https://127.0.0.1:8000/setup/abc"]
        {
            assert!(text.contains(line), "{text}");
        }
    }
}
