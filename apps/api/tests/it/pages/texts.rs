//! Texts come from doc comments. What only rustdoc understands, or only Markdown, must not reach readers of anything else.

use palisade_core::error::CATALOGUE;
use palisade_testkit::TestApp;

use super::BROWSER;

/// How links between items begin or end in doc comments.
const RUSTDOC: [&str; 5] = ["[`", "`]", "](crate", "](super", "](Self"];

#[test]
fn no_generated_document_holds_a_link_of_rustdoc() {
    for document in palisade_api::server().build().unwrap().documents().unwrap() {
        for (number, line) in document.text.lines().enumerate() {
            let found = RUSTDOC.iter().find(|mark| line.contains(**mark));
            assert!(found.is_none(), "{}:{}: {line}", document.path, number + 1);
        }
    }
}

#[test]
fn every_summary_is_one_line_of_plain_text() {
    let program = palisade_api::server().build().unwrap();
    let openapi = program.openapi(&program.default_settings().unwrap());
    let document = serde_json::to_value(openapi).unwrap();
    let mut summaries = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for summary in
            item.as_object().unwrap().values().filter_map(|operation| operation["summary"].as_str())
        {
            summaries += 1;
            assert!(!summary.contains(['`', '\n', '[', '*']), "{path}: {summary}");
        }
    }
    assert!(summaries > 20, "{summaries}");
}

#[tokio::test]
async fn no_page_shows_markdown() {
    let app = TestApp::spawn().await;
    let mut pages = vec!["/".to_owned(), "/errors".to_owned(), app.first_admin().unwrap().to_owned()];
    pages.extend(CATALOGUE.iter().map(|entry| format!("/errors/{}", entry.kind.slug())));
    for target in pages {
        let page = app.get(&target).header("accept", BROWSER).await.expect(200).text();
        assert!(!page.contains('`') && !page.contains("]("), "{target}: {page}");
    }
}
