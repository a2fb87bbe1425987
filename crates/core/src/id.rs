//! Identifiers: UUIDv7 (RFC 9562 §5.7), typed by what they identify.

use std::{fmt, hash::Hash, marker::PhantomData, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, FieldError, Parse, Random};

/// The id of an `Of`: a session's id cannot be passed where a user's is meant.
pub struct Id<Of>(Uuid, PhantomData<fn() -> Of>);

/// Marks ids of users.
#[derive(Debug)]
pub enum User {}
/// Marks ids of sessions.
#[derive(Debug)]
pub enum Session {}

/// Who someone is.
pub type UserId = Id<User>;
/// One sign-in on one device.
pub type SessionId = Id<Session>;

impl<Of> Id<Of> {
    /// The id that a stored UUID stands for.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID to store.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<Of> Parse for Id<Of> {
    /// Takes the hyphenated form only, in either case, so that one id has one spelling in logs and caches.
    fn parse(text: &str) -> Result<Self, FieldError> {
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == uuid::fmt::Hyphenated::LENGTH => Ok(Self::from_uuid(uuid)),
            _ => Err(FieldError::unplaced("invalid_id", "must be a UUID")),
        }
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl<Of> fmt::Debug for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<Of> Clone for Id<Of> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Of> Copy for Id<Of> {}
impl<Of> PartialEq for Id<Of> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Of> Eq for Id<Of> {}
impl<Of> PartialOrd for Id<Of> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<Of> Ord for Id<Of> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<Of> Hash for Id<Of> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<Of> Serialize for Id<Of> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, Of> Deserialize<'de> for Id<Of> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::input::deserialize(deserializer, "00000000-0000-7000-8000-000000000000")
    }
}

/// Makes new ids from a clock and randomness.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ids {
    /// A maker of ids.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// A new UUIDv7: 48 bits of milliseconds, 74 random bits.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random.bytes()).into_uuid()
    }

    /// A new id.
    #[must_use]
    pub fn id<Of>(&self) -> Id<Of> {
        Id::from_uuid(self.uuid())
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

#[cfg(feature = "openapi")]
mod openapi {
    use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
    use uuid::fmt::Hyphenated;

    use crate::schema::text;

    const PATTERN: &str = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

    impl<Of> utoipa::PartialSchema for super::Id<Of> {
        fn schema() -> RefOr<Schema> {
            text(Hyphenated::LENGTH..=Hyphenated::LENGTH, PATTERN)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                .description(Some("A UUID with its hyphens. Those that the server gives are UUIDv7."))
                .examples(["01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11"])
                .into()
        }
    }

    impl<Of> utoipa::ToSchema for super::Id<Of> {
        fn name() -> std::borrow::Cow<'static, str> {
            "Id".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SystemClock, SystemRandom};

    #[test]
    fn new_ids_are_version_7_and_survive_their_text() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
        let id: UserId = ids.id();
        assert_eq!(id.uuid().get_version_num(), 7);
        assert_eq!(UserId::parse(&id.to_string()).unwrap(), id);
    }

    #[test]
    fn refuses_every_spelling_but_the_hyphenated() {
        for text in
            ["", "1", "0198c5a8b1c77d3e8a4f0123456789ab", "{0198c5a8-b1c7-7d3e-8a4f-0123456789ab}", "me"]
        {
            assert!(UserId::parse(text).is_err(), "{text}");
        }
    }
}
