//! The Palisade server, as a list of what it is made of. A program of one's own is such a list too: see
//! `docs/embed.md` and `docs/extend.md`.
//!
//! ```
//! let program = palisade_api::server().build()?;
//! assert!(program.metrics().len() > 50);
//! # Ok::<(), palisade_server::BuildError>(())
//! ```
//!
//! What it deliberately does not do: anything itself.

use palisade_server::Server;

/// What `api` is made of.
#[must_use]
pub fn server() -> Server {
    Server::new("api")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The Palisade server. Without a command it serves.")
        .license(env!("CARGO_PKG_LICENSE"))
        .domain(palisade_users::domain())
        .domain(palisade_auth::domain())
}

/// Compiles the examples of the README and of the pages about programs of one's own.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../README.md")]
    struct Readme;

    #[doc = include_str!("../../../docs/embed.md")]
    struct Embed;

    #[doc = include_str!("../../../docs/extend.md")]
    struct Extend;

    #[doc = include_str!("../../../docs/swap.md")]
    struct Swap;
}
