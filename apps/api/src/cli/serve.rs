//! `api serve`.

use std::io::Write as _;

use anyhow::Context as _;
use palisade_http::server::{Ending, StopSignals};

use crate::{
    banner::Banner,
    exit::Exit,
    failure::Failure,
    observability::Observability,
    open_files,
    server::{Ready, serve},
    settings::Settings,
};

pub(super) fn run(settings: Settings, notes: &[String]) -> Result<Exit, Failure> {
    let observability = Observability::install(&settings)?;
    for note in notes {
        tracing::info!(note, "config.note");
    }
    open_files::raise();
    let (banner, observed) = (settings.clone(), observability.clone());
    let ending = actix_rt::System::new().block_on(async move {
        let signals = StopSignals::from_system().context("the operating system gives no signals")?;
        Box::pin(serve(settings, observed, signals, move |ready| show_banner(&banner, &ready))).await
    });
    observability.close();
    Ok(match ending? {
        Ending::Clean | Ending::Overdue => Exit::Clean,
        Ending::Forced | Ending::Crashed(_) => Exit::Failed,
    })
}

/// The banner is for the developer who started the server, and goes to standard error: standard output holds
/// log lines and nothing else.
fn show_banner(settings: &Settings, ready: &Ready) {
    if !settings.app.environment.is_development() {
        return;
    }
    let banner = Banner {
        name: &settings.app.name,
        api: ready.api,
        tls: settings.server.tls_cert.is_some(),
        management: ready.management,
        docs: settings.docs_enabled(),
        first_admin: ready.first_admin.as_deref(),
    };
    // Nobody reads it when standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "{}", banner.render());
}
