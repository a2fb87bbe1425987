//! The value that is cached in all figures: a user, as `crates/users` keeps it.

use chrono::{DateTime, Utc};
use palisade_core::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What `palisade_users::UserCache` writes, field by field: some 260 bytes of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    id: UserId,
    email: String,
    username: String,
    name: Option<String>,
    roles: Vec<String>,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

/// Users are numbered; an id looks as ids of users do.
pub(crate) fn id(number: u32) -> UserId {
    // A step through all of u64 that is prime to it: neighbours in number are strangers.
    let scattered = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    UserId::from_uuid(Uuid::from_u64_pair(0x0198_C0DE_0000_7000 | scattered >> 52, scattered | 1 << 63))
}

/// The user of that number.
pub(crate) fn user(number: u32) -> User {
    User {
        id: id(number),
        email: format!("user{number}@example.com"),
        username: format!("user{number}"),
        name: Some(format!("Example User {number}")),
        roles: vec!["user".to_owned()],
        status: "active".to_owned(),
        created_at: DateTime::from_timestamp_nanos(1_735_689_600_123_456_000),
        updated_at: DateTime::from_timestamp_nanos(1_748_736_000_654_321_000),
        version: 1,
    }
}
