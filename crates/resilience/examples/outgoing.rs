//! Asks an address and says how that went: `cargo run -p palisade-resilience --features http-client --example outgoing
//! -- https://example.com/ http://169.254.169.254/latest/meta-data/`.

use std::error::Error;

use palisade_resilience::client::{Client, Request, UpstreamOptions};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example shows what it does")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::builder().upstream("any", UpstreamOptions::default()).build()?;
    let any = client.upstream("any").ok_or("it was made above")?;
    for address in std::env::args().skip(1) {
        match any.send(Request::get(&address)?).await {
            Ok(answer) => println!("{address}: {answer:?}"),
            Err(error) => println!("{address}: {error} ({:?})", error.source().map(ToString::to_string)),
        }
    }
    for snapshot in client.snapshots() {
        println!("{}: {:?}, {} attempts", snapshot.upstream, snapshot.state, snapshot.attempts);
    }
    Ok(())
}
