//! What an operator should know, said once.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Which warnings have been given. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Warnings(Arc<Given>);

#[derive(Debug, Default)]
struct Given {
    untrusted: AtomicBool,
    disagreement: AtomicBool,
}

impl Warnings {
    /// Somebody who is not trusted forwards: either a proxy is missing in the list, and then all its clients are taken
    /// for one, or a client tries to pass for another, in vain.
    pub(super) fn untrusted(&self, peer: IpAddr) {
        if first(&self.0.untrusted) {
            tracing::warn!(
                %peer,
                hint = "add it to the trusted proxies if it is one of yours",
                "client.untrusted_forwarding"
            );
        }
    }

    /// The two headers name different clients, so one of them was passed on as the client sent it.
    pub(super) fn disagreement(&self, peer: IpAddr) {
        if first(&self.0.disagreement) {
            tracing::warn!(
                %peer,
                hint = "name the header that your proxies write, and make them remove the other",
                "client.forwarding_disagrees"
            );
        }
    }
}

fn first(given: &AtomicBool) -> bool {
    // Reading first keeps the line of memory shared between the workers.
    !given.load(Ordering::Relaxed) && !given.swap(true, Ordering::Relaxed)
}
