//! Query strings and forms: everything is text, and a name may be given more than once.

use palisade_core::{Limit, Role, input};
use serde::Deserialize;
use validator::Validate;

use super::shown;

#[derive(Debug, Default, Deserialize, Validate)]
#[serde(default)]
struct Search {
    q: Option<String>,
    #[validate(range(min = 1))]
    page: u32,
    offset: i32,
    ratio: f32,
    open: Option<bool>,
    tags: Vec<String>,
    years: Vec<u16>,
    order: Order,
    limit: Option<Limit>,
    role: Option<Role>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

fn read(pairs: &[(&str, &str)]) -> palisade_core::Result<Search> {
    input::read_pairs(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    shown(read(pairs).err())
}

#[test]
fn numbers_flags_and_lists_are_read_from_text() {
    let search = read(&[
        ("q", ""),
        ("page", "3"),
        ("offset", "-4"),
        ("ratio", "1.5e0"),
        ("open", "true"),
        ("tags", "a,b"),
        ("tags", ""),
        ("years", "1815"),
        ("order", "oldest-first"),
        ("limit", "7"),
        ("role", "user"),
    ])
    .unwrap();
    assert_eq!((search.q.as_deref(), search.page, search.offset, search.ratio), (Some(""), 3, -4, 1.5));
    assert_eq!(
        (search.open, search.tags, search.years),
        (Some(true), vec!["a,b".to_owned(), String::new()], vec![1815])
    );
    assert_eq!(
        (search.order, search.limit.unwrap().get(), search.role),
        (Order::OldestFirst, 7, Some(Role::user()))
    );
    let search = read(&[("page", "1")]).unwrap();
    assert!(search.q.is_none() && search.tags.is_empty() && search.order == Order::NewestFirst);
}

#[test]
fn each_wrong_parameter_is_named() {
    for (pair, wanted) in [
        (("page", ""), "/page invalid_number"),
        (("page", "+1"), "/page invalid_number"),
        (("page", "-1"), "/page invalid_number"),
        (("page", "0"), "/page out_of_range"),
        (("offset", "--1"), "/offset invalid_number"),
        (("offset", "99999999999999999999999999999999999999999999"), "/offset invalid_number"),
        (("ratio", "inf"), "/ratio invalid_number"),
        (("open", "True"), "/open invalid_boolean"),
        (("years", "x"), "/years/0 invalid_number"),
        (("order", "newest"), "/order invalid_choice"),
        (("limit", "0"), "/limit out_of_range"),
        (("role", "Ä"), "/role invalid_role"),
        (("q", "a\0b"), "/q invalid_character"),
        (("colour", "red"), "/colour unknown_field"),
    ] {
        let mut pairs = vec![pair];
        pairs.extend((pair.0 != "page").then_some(("page", "1")));
        assert_eq!(problems(&pairs), [wanted], "{pair:?}");
    }
}

#[test]
fn only_lists_are_given_more_than_once() {
    let twice = [
        ("q", "a"),
        ("q", "b"),
        ("limit", "1"),
        ("limit", "x"),
        ("page", "1"),
        ("page", "1"),
        ("open", "true"),
    ];
    let repeated = problems(&[&twice[..], &[("open", "true"), ("order", "a"), ("order", "b")]].concat());
    let wanted = ["/q", "/page", "/open", "/order", "/limit"].map(|field| format!("{field} duplicate"));
    assert_eq!(repeated, wanted);
    assert_eq!(read(&[("years", "1"), ("years", "2"), ("page", "1")]).unwrap().years, [1, 2]);
}
