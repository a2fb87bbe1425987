//! Where a client is, by a database whose replacement is taken up:
//! `cargo run -p palisade-http --example geoip -- countries.mmdb`, then `curl -i http://127.0.0.1:8080/`.

use std::time::Duration;

use actix_web::{App, HttpMessage as _, HttpRequest, HttpServer, get};
use palisade_http::{
    Layer as _,
    exempt_routes::ExemptRoutes,
    geoip::{Country, CountryRules, GeoDatabase, GeoIp, Watch},
};

#[get("/")]
async fn index(request: HttpRequest) -> String {
    match request.extensions().get::<Country>() {
        Some(country) => format!("You are in {country}\n"),
        None => "Your address is in no country that is known\n".to_owned(),
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a database in MaxMind's format")?;
    let database = GeoDatabase::open(path)?;
    // Everybody except Antarctica.
    let rules = CountryRules::new(&[], &["AQ".parse()?], false)?;
    let _watch = Watch::start(database.clone(), Duration::from_secs(2));
    let server = HttpServer::new(move || {
        let geoip = GeoIp::new(database.clone(), rules.clone(), ExemptRoutes::default());
        App::new().service(index).wrap(geoip.layered())
    });
    Ok(server.bind(("127.0.0.1", 8080))?.run().await?)
}
