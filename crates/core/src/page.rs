//! Lists in pages.

use serde::Serialize;

use crate::{
    FieldError, Parse,
    input::{Shape, digits},
};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

#[cfg(feature = "openapi")]
mod openapi {
    use std::borrow::Cow;

    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, SchemaFormat,
            schema::Type,
        },
    };

    use super::{Limit, Page};
    use crate::Cursor;

    /// Made by hand, because the derived one repeats the schema of the items in place of pointing to it.
    impl<T: ToSchema> PartialSchema for Page<T> {
        fn schema() -> RefOr<Schema> {
            let items = ArrayBuilder::new()
                .items(Ref::from_schema_name(T::name()))
                .max_items(Some(Limit::MAX.into()))
                .description(Some("The items, in the order asked for."));
            let next_cursor = OneOfBuilder::new()
                .item(Ref::from_schema_name(Cursor::name()))
                .item(ObjectBuilder::new().schema_type(Type::Null))
                .description(Some("Give this as `cursor` to get the next page; null on the last one."));
            ObjectBuilder::new()
                .description(Some("One page of a list."))
                .property("items", items)
                .property("next_cursor", next_cursor)
                .required("items")
                .required("next_cursor")
                .into()
        }
    }

    impl<T: ToSchema> ToSchema for Page<T> {
        fn name() -> Cow<'static, str> {
            format!("{}Page", T::name()).into()
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((T::name().into_owned(), T::schema()));
            schemas.push((Cursor::name().into_owned(), Cursor::schema()));
            T::schemas(schemas);
        }
    }

    impl PartialSchema for Limit {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
                .minimum(Some(1))
                .maximum(Some(Limit::MAX))
                .default(Some(Limit::default().0.into()))
                .into()
        }
    }

    impl ToSchema for Limit {}
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

crate::parsed! { Limit, "50" }

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
