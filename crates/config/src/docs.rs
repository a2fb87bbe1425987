//! Documents generated from the schema. A test compares them with the files in the repository, so that no
//! document states a setting that the code does not have.

mod env_example;
mod json_schema;
mod markdown;

pub use env_example::env_example;
pub use json_schema::json_schema;
pub use markdown::markdown;
