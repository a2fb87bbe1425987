//! The documents that are made from the code.

use std::{fs, path::Path};

#[test]
fn every_generated_document_is_what_the_code_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let documents = palisade_api::server().build().unwrap().documents().unwrap();
    assert!(documents.iter().any(|document| document.path == "docs/configuration.md"));
    for document in documents {
        let present = fs::read_to_string(root.join(document.path)).unwrap();
        assert!(present == document.text, "{} is stale: run `cargo run -- docs`", document.path);
    }
}
