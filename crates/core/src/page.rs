//! Lists in pages.

use serde::Serialize;

use crate::{
    FieldError, Parse,
    input::{Shape, digits},
};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, in the order asked for.
    pub items: Vec<T>,
    /// Give this as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page from `items`, of which the store fetched one more than the limit to learn whether there
    /// is a next page; `cursor` makes the cursor that continues after an item.
    pub fn cut(mut items: Vec<T>, limit: Limit, cursor: impl FnOnce(&T) -> String) -> Self {
        let more = items.len() > limit.get();
        items.truncate(limit.get());
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }

    /// The same page with each item changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

/// How many items a page may hold: 1 to 100, 50 unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The most items of a page.
    pub const MAX: u8 = 100;

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// How many rows a store fetches to cut a page: one more than its limit.
    #[must_use]
    pub const fn with_lookahead(self) -> u64 {
        self.0 as u64 + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl Parse for Limit {
    const SHAPE: Shape = Shape::Integer;

    fn parse(text: &str) -> Result<Self, FieldError> {
        match digits(text).map(str::parse) {
            Some(Ok(limit @ 1..=Self::MAX)) => Ok(Self(limit)),
            _ => Err(FieldError::unplaced("out_of_range", "must be a whole number from 1 to 100")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_from_1_to_100() {
        for text in ["0", "101", "-1", "1.5", "", "ten", "256", "+1", " 1", "1 ", "0x1", "١"] {
            assert!(Limit::parse(text).is_err(), "{text}");
        }
        assert_eq!(Limit::parse("100").unwrap().get(), 100);
    }

    #[test]
    fn only_a_full_page_with_more_behind_it_has_a_cursor() {
        let limit = Limit::parse("2").unwrap();
        assert_eq!(Page::cut(vec![1, 2], limit, ToString::to_string).next_cursor, None);
        let page = Page::cut(vec![1, 2, 3], limit, ToString::to_string);
        assert_eq!((page.items, page.next_cursor.as_deref()), (vec![1, 2], Some("2")));
    }
}
