//! Serves an application on this listener: `cargo run -p palisade-listener --example server`. A slow client gets 408 after
//! five seconds: `(printf 'GET / HTTP/1.1\r\n'; sleep 9) | nc 127.0.0.1 8080`. Ctrl-C stops the server gracefully.

use std::{sync::Arc, time::Duration};

use actix_web::{App, web};
use palisade_core::{Ids, SystemClock, SystemRandom};
use palisade_listener::{ClientLimit, Hooks, Listener, Options, Server, Signals, serve};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = Arc::new(SystemClock);
    let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
    let options = Options { drain_delay: Duration::ZERO, ..Options::default() };
    let listener = Listener::bind("api", "127.0.0.1", 8080)?.limit_clients(ClientLimit::new(100));
    let factory = || App::new().route("/", web::get().to(async || "hello"));
    let server = Server::new(options, clock, ids).listen(listener, 2, factory)?;
    serve(server, Signals::from_system()?, Hooks::default()).await?;
    Ok(())
}
