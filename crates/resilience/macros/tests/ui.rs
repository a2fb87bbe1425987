//! What the compiler says of a function that cannot be guarded.

#[test]
fn a_function_that_cannot_be_guarded_is_told_why() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
