//! Tells each client its address, behind a proxy on this machine or without one.
//!
//! `curl -H 'X-Forwarded-For: 192.0.2.1' localhost:8080`

use actix_web::{App, HttpServer, web};
use palisade_http::{
    Layer as _,
    client_address::{ClientAddress, ClientIp, TrustedProxies},
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let trusted = TrustedProxies::parse(&["127.0.0.0/8", "::1"])?;
    let layer = ClientAddress::new(trusted);
    let app = move || App::new().route("/", web::get().to(hello)).wrap(layer.clone().layered());
    Ok(HttpServer::new(app).bind(("localhost", 8080))?.run().await?)
}

async fn hello(ClientIp(ip): ClientIp) -> String {
    format!("You are {ip}\n")
}
