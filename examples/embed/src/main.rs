//! The server inside a program that has a main function, settings and an end of its own.

use std::{thread, time::Duration};

use palisade_listener::Signals;
use palisade_server::{Observability, Server, print};

fn main() -> anyhow::Result<()> {
    let program = Server::new("embedded")
        .version(env!("CARGO_PKG_VERSION"))
        .domain(palisade_users::domain())
        .domain(palisade_auth::domain())
        .build()?;
    // Settings from files and variables, as the command line reads them. `settings_from` takes them from code.
    let mut settings = program.load_settings(&[])?.settings;
    settings.update_section::<palisade_auth::Settings>(|auth| auth.registration_enabled = false);
    let observability = Observability::install(program.facts(), &settings)?;
    // The program ends the server when it likes; `Signals::from_system` takes SIGTERM and SIGINT instead.
    let (stop, signals) = Signals::from_handle();
    let serving = program.serve(settings, observability.clone(), signals, move |ready| {
        print(&format!("serving on {}", ready.api));
        thread::spawn(move || {
            // Here stands what the program is for.
            thread::sleep(Duration::from_secs(1));
            stop.stop();
        });
    });
    let ending = actix_rt::System::new().block_on(serving)?;
    observability.close();
    print(&format!("the server has ended: {ending:?}"));
    Ok(())
}
