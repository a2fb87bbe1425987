//! Where an answer is kept: one slot for each key of each caller at each resource.

use std::{fmt, net::IpAddr, sync::Arc};

use aws_lc_rs::digest::{Context, SHA256};
use palisade_core::UserId;

use crate::IdempotencyKey;

/// Whose answer it is. An answer is given again to its own caller only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A user, in whichever session: a retry may come after the access token was renewed.
    User(UserId),
    /// Somebody whom another identity provider names.
    External(Arc<str>),
    /// Someone who is not signed in, by address. Those behind one address share their keys, so an answer is
    /// told from another's by the fingerprint alone: only who sends the same body gets it.
    Client(IpAddr),
}

/// The name of a slot: SHA-256 over caller, method, path and key, so that it has one length and one spelling in every
/// database, whatever the key is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot([u8; 32]);

impl Slot {
    /// The slot of this key, which this caller sends for this method and path.
    #[must_use]
    pub fn new(caller: &Caller, method: &str, path: &str, key: &IdempotencyKey) -> Self {
        let mut context = Context::new(&SHA256);
        match caller {
            Caller::User(id) => part(&mut context, &[b"user", id.uuid().as_bytes().as_slice()].concat()),
            Caller::External(name) => part(&mut context, &[b"external ", name.as_bytes()].concat()),
            Caller::Client(ip) => part(&mut context, format!("client {ip}").as_bytes()),
        }
        part(&mut context, method.as_bytes());
        part(&mut context, path.as_bytes());
        part(&mut context, key.as_str().as_bytes());
        let mut slot = [0; 32];
        slot.copy_from_slice(context.finish().as_ref());
        Self(slot)
    }

    /// The slot of that name; `None` unless it has 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The name.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

/// With its length before it, so that no part can run into the next.
fn part(context: &mut Context, bytes: &[u8]) {
    context.update(&(bytes.len() as u64).to_le_bytes());
    context.update(bytes);
}

#[cfg(test)]
mod tests {
    use palisade_core::{Ids, SystemClock, SystemRandom};

    use super::*;

    #[test]
    fn each_part_makes_a_slot_of_its_own() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
        let key = |text: &str| text.parse::<IdempotencyKey>().unwrap();
        let (ann, bob) = (Caller::User(ids.id()), Caller::User(ids.id()));
        let stranger = Caller::Client([192, 0, 2, 1].into());
        let slots = [
            Slot::new(&ann, "POST", "/a", &key("k")),
            Slot::new(&bob, "POST", "/a", &key("k")),
            Slot::new(&stranger, "POST", "/a", &key("k")),
            Slot::new(&Caller::External("auth0|ann".into()), "POST", "/a", &key("k")),
            Slot::new(&ann, "PUT", "/a", &key("k")),
            Slot::new(&ann, "POST", "/b", &key("k")),
            Slot::new(&ann, "POST", "/a", &key("l")),
            Slot::new(&ann, "POST", "/ak", &key("k")),
        ];
        let distinct: std::collections::BTreeSet<_> = slots.iter().collect();
        assert_eq!(distinct.len(), slots.len());
        assert_eq!(Slot::new(&ann, "POST", "/a", &key("\"k\"")), slots[0]);
    }
}
