//! Serves `localhost` and what is below it, and refuses requests for any other host.
//!
//! `curl -i -H 'Host: evil.example' localhost:8080`

use actix_web::{App, HttpServer, web};
use palisade_http::{
    Layer as _,
    trusted_hosts::{AllowedHosts, TrustedHosts},
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let allowed = AllowedHosts::parse(&["localhost", "*.localhost"])?;
    let app = move || {
        let hosts = TrustedHosts::new(allowed.clone());
        App::new().route("/", web::get().to(|| async { "It is me\n" })).wrap(hosts.layered())
    };
    Ok(HttpServer::new(app).bind(("localhost", 8080))?.run().await?)
}
