//! Commands of domains.

use palisade_server::{Command, Domain, Exit};

use crate::notes;

#[test]
fn a_command_that_the_server_has_itself_is_refused() {
    #[derive(Debug, clap::Args)]
    struct Nothing {}
    let clash =
        Domain::new("ledger").command(Command::new("serve", "Serve", |_, _: Nothing| Ok(Exit::Clean)));
    let found = notes::server().domain(clash).build().unwrap_err();
    assert!(found.to_string().contains("`serve`") && found.to_string().contains("`ledger`"), "{found}");
}
