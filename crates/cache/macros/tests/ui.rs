//! What is wrong with a use of `#[cached]` is told in words, where it is.

#[test]
fn what_is_wrong_is_told_where_it_is() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
