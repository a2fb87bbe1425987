//! The pages for people: what a browser gets, and what a program gets at the same address.

mod front;
mod setup;
mod texts;

/// What browsers send as `Accept`.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

/// What the browser's tab shows.
fn title(page: &str) -> &str {
    page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap()
}
