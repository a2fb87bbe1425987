//! `api serve`.

use std::{io::Write as _, mem::ManuallyDrop, sync::Arc};

use anyhow::Context as _;
use palisade_listener::{Ending, Signals};

use crate::{
    banner::Banner,
    exit::Exit,
    failure::Failure,
    observability::Observability,
    open_files,
    program::Program,
    reload::Configuration,
    serve::Ready,
    settings::{Loaded, Settings},
};

pub(super) fn run(program: &Arc<Program>, loaded: &Loaded, overrides: Vec<String>) -> Result<Exit, Failure> {
    let settings = &loaded.settings;
    // Never dropped: that would wait for a look-up of a name, or a file, that hangs.
    let system = ManuallyDrop::new(actix_rt::System::new());
    // Before anything that takes time, so that no signal ends the process by itself.
    let signals = system.block_on(async { Signals::from_system() });
    let signals = signals.context("the operating system gives no signals")?;
    let observability = Observability::install(program.facts(), settings)?;
    for note in &loaded.notes {
        tracing::warn!(note, "config.note");
    }
    open_files::raise();
    let configuration = Configuration::reloadable(Arc::clone(program), loaded.clone(), overrides);
    let (banner, observed) = (settings.clone(), observability.clone());
    let ready = move |ready| show_banner(&banner, &ready);
    let ending = system.block_on(Box::pin(program.serve(configuration, observed, signals, ready)));
    observability.close();
    Ok(match ending? {
        Ending::Clean | Ending::Overdue | Ending::Abandoned => Exit::Clean,
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
        notices: &ready.notices,
    };
    // Nobody reads it when standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "{}", banner.render());
}
