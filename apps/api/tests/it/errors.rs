//! Every failure has one machine-readable body, whoever raised it.

mod corpus;
mod methods;
mod oracle;
mod sockets;
mod statuses;
mod walk;

pub(crate) use oracle::{Form, problems_of};
