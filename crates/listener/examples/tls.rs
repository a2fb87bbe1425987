//! Serves TLS with a certificate that is reloaded when its files change. Create one and serve:
//!
//! ```sh
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
//!   -addext subjectAltName=DNS:localhost -keyout tls.key -out tls.crt
//! cargo run -p palisade-listener --example tls tls.crt tls.key
//! curl --cacert tls.crt https://localhost:8443/
//! ```
//!
//! Create another while it runs: new connections get it within a few seconds.

use std::sync::Arc;

use actix_web::{App, HttpRequest, web};
use palisade_core::{Ids, SystemClock, SystemRandom};
use palisade_listener::{Hooks, Listener, Options, Server, Signals, Tls, serve};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1);
    let (Some(certificate), Some(key)) = (files.next(), files.next()) else {
        return Err("give the paths of a certificate and of its key".into());
    };
    let clock = Arc::new(SystemClock);
    let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
    let tls = Tls::load(certificate, key, clock.clone())?;
    let listener = Listener::bind("api", "127.0.0.1", 8443)?.tls(tls);
    let factory = || App::new().route("/", web::get().to(hello));
    let server = Server::new(Options::default(), clock, ids).listen(listener, 2, factory)?;
    serve(server, Signals::from_system()?, Hooks::default()).await?;
    Ok(())
}

async fn hello(request: HttpRequest) -> String {
    format!("hello over {}", request.connection_info().scheme())
}
