//! Where a page ended.
//!
//! A page continues after the last user of the page before: after its key in the order, and among equal keys
//! after its id. Users added or removed meanwhile shift nothing, as they would with a page number.

use chrono::{DateTime, Datelike, Utc};
use palisade_core::{Cursor, FieldError, Parse, UserId};
use serde::{Deserialize, Serialize};

use super::{Filter, Sort, SortBy, SortKey};
use crate::{Email, Result, User, Username};

/// A place in an order: just after a user of this key and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The user's value in the order.
    pub key: SortKey,
    /// The user.
    pub id: UserId,
}

/// What a cursor says. The sort and the filter are in it because a position means nothing in another list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    sort: String,
    filter: String,
    key: String,
    id: UserId,
}

impl Position {
    /// A user's place in an order.
    #[must_use]
    pub fn of(user: &User, by: SortBy) -> Self {
        Self { key: by.key_of(user), id: user.id }
    }

    /// The cursor for this position in a list of this order and filter.
    ///
    /// # Errors
    /// 500 when it has no JSON form.
    pub fn encode(&self, sort: Sort, filter: &Filter) -> Result<Cursor> {
        let key = match &self.key {
            SortKey::Time(time) => time.timestamp_micros().to_string(),
            SortKey::Text(text) => text.clone(),
        };
        let mark = Mark { sort: sort.to_string(), filter: fingerprint(filter), key, id: self.id };
        Ok(Cursor::encode(&mark)?)
    }

    /// The position that a cursor stands for in a list of this order and filter.
    ///
    /// # Errors
    /// 422 at `/cursor` when it is not a cursor of such a list. Its key is outside text like any other and
    /// is parsed as what it must be before a database sees it.
    pub fn decode(cursor: &Cursor, sort: Sort, filter: &Filter) -> Result<Self> {
        let mark: Mark = cursor.decode()?;
        let same_list = mark.sort == sort.to_string() && mark.filter == fingerprint(filter);
        let key = key(sort.by, &mark.key).filter(|_| same_list).ok_or_else(|| {
            let message = "must be a next_cursor of this list, with the same sort and filters";
            palisade_core::Error::from(FieldError::new("cursor", "invalid_cursor", message))
        })?;
        Ok(Self { key, id: mark.id })
    }
}

fn key(by: SortBy, text: &str) -> Option<SortKey> {
    match by {
        SortBy::CreatedAt => moment(text).map(SortKey::Time),
        SortBy::Email => Email::parse(text).ok().map(|email| SortKey::Text(email.as_str().to_owned())),
        SortBy::Username => Username::parse(text).ok().map(|username| SortKey::Text(username.key())),
    }
}

/// A moment in a year of four digits: MySQL knows no other, and SQLite sorts no other rightly.
fn moment(micros: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    (1970..=9999).contains(&moment.year()).then_some(moment)
}

/// A short name for a filter: the 64-bit FNV-1a hash of its conditions. It guards against mistakes, not against
/// forgery: a forged cursor shows nothing that the filter it is sent with does not.
fn fingerprint(filter: &Filter) -> String {
    let text = filter.text.as_ref().map(super::SearchText::as_str);
    let role = filter.role.as_ref().map(palisade_core::Role::as_str);
    let conditions = format!("{text:?}{role:?}{:?}", filter.status);
    let hash = conditions.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use palisade_core::Role;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{SearchText, Status};

    fn id() -> UserId {
        UserId::parse("0198c5a8-b1c7-7d3e-8a4f-0123456789ab").unwrap()
    }

    fn sorts() -> impl Strategy<Value = Sort> {
        prop::sample::select(&["created_at", "-created_at", "email", "-email", "username", "-username"][..])
            .prop_map(|text| Sort::parse(text).unwrap())
    }

    fn filters() -> impl Strategy<Value = Filter> {
        let status = prop::option::of(prop::sample::select(&[Status::Active, Status::Disabled][..]));
        (prop::option::of("[a-z%_]{0,5}"), prop::option::of("[a-z]{1,5}"), status).prop_map(
            |(text, role, status)| Filter {
                text: text.map(|text| SearchText::parse(&text).unwrap()),
                role: role.map(|role| Role::parse(&role).unwrap()),
                status,
            },
        )
    }

    fn position(by: SortBy, micros: i64, name: &str) -> Position {
        let key = match by {
            SortBy::CreatedAt => SortKey::Time(DateTime::from_timestamp_micros(micros).unwrap()),
            SortBy::Email => SortKey::Text(format!("{name}@example.com")),
            SortBy::Username => SortKey::Text(name.to_owned()),
        };
        Position { key, id: id() }
    }

    proptest! {
        #[test]
        fn a_position_survives_its_cursor(
            sort in sorts(), filter in filters(), micros in 0..253_402_300_799_999_999_i64, name in "[a-z0-9]{3,50}"
        ) {
            let position = position(sort.by, micros, &name);
            let text = position.encode(sort, &filter).unwrap().into_text();
            let cursor = Cursor::parse(&text).unwrap();
            prop_assert_eq!(Position::decode(&cursor, sort, &filter).unwrap(), position);
        }

        #[test]
        fn a_cursor_of_another_list_is_refused(
            sort in sorts(), filter in filters(), other_sort in sorts(), other_filter in filters()
        ) {
            prop_assume!(sort != other_sort || filter != other_filter);
            let cursor = position(sort.by, 7, "ann").encode(sort, &filter).unwrap();
            prop_assert!(Position::decode(&cursor, other_sort, &other_filter).is_err());
        }

        #[test]
        fn any_key_gives_a_verdict_before_a_database_sees_it(sort in sorts(), key in ".*") {
            let mark = json!({"sort": sort.to_string(), "filter": fingerprint(&Filter::default()), "key": key, "id": id()});
            let cursor = Cursor::encode(&mark).unwrap();
            if let Ok(Position { key: SortKey::Text(text), .. }) = Position::decode(&cursor, sort, &Filter::default()) {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }

    #[test]
    fn a_moment_that_a_database_cannot_hold_is_refused() {
        for micros in ["-1", "253402300800000000", "9223372036854775807", "1.5", "", "now"] {
            assert_eq!(moment(micros), None, "{micros}");
        }
    }

    #[test]
    fn the_longest_key_still_fits_into_a_cursor() {
        let email = format!("{}@{}com", "l".repeat(58), format!("{}.", "d".repeat(63)).repeat(3));
        let sort = Sort::parse("-email").unwrap();
        let position = Position { key: SortKey::Text(email), id: id() };
        let text = position.encode(sort, &Filter::default()).unwrap().into_text();
        assert!(Cursor::parse(&text).is_ok());
    }
}
