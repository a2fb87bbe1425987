//! The pages.

use std::fmt::Write as _;

use palisade_core::error::{CATALOGUE, Entry, Reason};

/// The list of all kinds.
pub(super) fn index() -> String {
    let mut rows = String::new();
    for entry in CATALOGUE {
        let (slug, code, title) = (entry.kind.slug(), entry.code, escaped(entry.title));
        let status = entry.status;
        let _ = writeln!(
            rows,
            "<tr><td>{status}</td><td><a href=\"/errors/{slug}\"><code>{code}</code></a></td><td>{title}</td></tr>"
        );
    }
    let body = format!("<table><tr><th>Status</th><th>Code</th><th>Title</th></tr>\n{rows}</table>");
    document("Errors", &body)
}

/// The page of one kind.
pub(super) fn page(entry: &Entry, reasons: &[Reason]) -> String {
    let mut body = format!(
        "<p><code>{}</code>, HTTP status {}</p>\n<h2>What happened</h2>\n<p>{}</p>\n<h2>What to do</h2>\n<p>{}</p>\n",
        entry.code,
        statuses(entry),
        marked_up(entry.meaning),
        marked_up(entry.remedy)
    );
    let mut reasons = reasons.iter().filter(|reason| reason.kind == entry.kind).peekable();
    if reasons.peek().is_some() {
        body.push_str("<h2>Reasons</h2>\n<table><tr><th>Reason</th><th>Meaning</th></tr>\n");
        for reason in reasons {
            let (name, meaning) = (escaped(reason.name), marked_up(reason.meaning));
            let _ = writeln!(body, "<tr><td><code>{name}</code></td><td>{meaning}</td></tr>");
        }
        body.push_str("</table>\n");
    }
    body.push_str("<p><a href=\"/errors\">All errors</a></p>");
    document(entry.title, &body)
}

/// The usual status, and those that say the same more precisely.
pub(super) fn statuses(entry: &Entry) -> String {
    let also = entry.also.iter().map(|status| format!(" or {status}"));
    std::iter::once(entry.status.to_string()).chain(also).collect()
}

fn document(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n\
         </html>\n"
    )
}

/// The hash of [`STYLE`] as a `Content-Security-Policy` names it.
pub(super) const STYLE_HASH: &str = "sha256-Y61jMhQzDbEGjI1zlNl1tR9MVeCSgMD2l8sHDOYOLq0=";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}\
                     td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}\
                     @media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}";

/// The text with what stands between backticks as code.
fn marked_up(text: &str) -> String {
    let mut parts = escaped(text).split('`').map(str::to_owned).collect::<Vec<_>>();
    for code in parts.iter_mut().skip(1).step_by(2) {
        *code = format!("<code>{code}</code>");
    }
    parts.concat()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use palisade_core::Kind;

    use super::*;

    #[test]
    fn a_page_tells_what_happened_and_what_to_do() {
        let reason = Reason { name: "users.email_taken", kind: Kind::Conflict, meaning: "a <b> & `c`" };
        let page = page(Kind::Conflict.entry(), &[reason]);
        for part in ["409", "<code>conflict</code>", "users.email_taken", "a &lt;b&gt; &amp; <code>c</code>"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(!super::page(Kind::NotFound.entry(), &[reason]).contains("users.email_taken"));
    }

    #[test]
    fn the_hash_is_that_of_the_style() {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
        assert_eq!(STYLE_HASH, format!("sha256-{}", BASE64_STANDARD.encode(hash)));
        assert!(document("", "").contains(&format!("<style>{STYLE}</style>")));
    }

    #[test]
    fn no_page_names_another_host() {
        for text in CATALOGUE.iter().map(|entry| page(entry, &[])).chain([index()]) {
            assert!(!text.contains("//"), "{text}");
        }
    }
}
