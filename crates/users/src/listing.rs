//! Which users, in which order, from where on.

mod cursor;
mod filter;
mod sort;

use palisade_core::{Cursor, Limit, Role};
use serde::Deserialize;
use validator::Validate;

use crate::{Error, Status};
pub use cursor::Position;
pub use filter::{Filter, SearchText};
pub use sort::{Direction, Sort, SortBy, SortKey};

/// What the query string of a list of users may say.
#[derive(Debug, Default, Deserialize, Validate)]
#[cfg_attr(feature = "http", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ListUsers {
    /// How many users a page may hold.
    #[cfg_attr(feature = "http", param(inline))]
    pub limit: Option<Limit>,
    /// The `next_cursor` of the page before, with the same sort and filters.
    #[cfg_attr(feature = "http", param(inline))]
    pub cursor: Option<Cursor>,
    /// Only users whose e-mail, username or name contains this text, in whatever case.
    #[cfg_attr(feature = "http", param(inline))]
    pub q: Option<SearchText>,
    /// Only users with this role.
    #[cfg_attr(feature = "http", param(inline))]
    pub role: Option<Role>,
    /// Only users of this status.
    #[cfg_attr(feature = "http", param(inline))]
    pub status: Option<Status>,
    /// The order, `created_at` unless told; a minus turns it around. Users of equal rank follow in order of their ids.
    #[cfg_attr(feature = "http", param(inline, value_type = Option<sort::SortName>))]
    pub sort: Option<Sort>,
}

/// Which users a store is to list. The store fetches [`Limit::with_lookahead`] of them.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Which users.
    pub filter: Filter,
    /// In which order; users of equal rank follow in order of their ids.
    pub sort: Sort,
    /// Only users after this position; from the start when it is none.
    pub after: Option<Position>,
    /// How many users a page may hold.
    pub limit: Limit,
}

impl TryFrom<ListUsers> for Listing {
    type Error = Error;

    fn try_from(asked: ListUsers) -> Result<Self, Error> {
        let filter = Filter { text: asked.q, role: asked.role, status: asked.status };
        let sort = asked.sort.unwrap_or_default();
        let after = match &asked.cursor {
            Some(cursor) => Some(Position::decode(cursor, sort, &filter)?),
            None => None,
        };
        Ok(Self { filter, sort, after, limit: asked.limit.unwrap_or_default() })
    }
}
