//! Error pages in HTML.

use std::fmt::Write as _;

use palisade_core::error::{CATALOGUE, Entry, Reason};
use palisade_http::page::{escaped, html, marked_up};

/// Page with the list of all kinds.
pub(super) fn index(service: &str) -> String {
    let mut rows = String::new();
    for Entry { kind, code, status, title, .. } in CATALOGUE {
        // Where a narrow screen may break it.
        let code = code.replace('_', "_<wbr>");
        let (slug, title) = (kind.slug(), escaped(title));
        let _ = writeln!(
            rows,
            "<tr><td>{status}</td><td><a href=\"/errors/{slug}\"><code>{code}</code></a></td><td>{title}</td></tr>"
        );
    }
    let head =
        "<tr><th scope=\"col\">Status</th><th scope=\"col\">Code</th><th scope=\"col\">Title</th></tr>";
    html("Errors", service, &format!("<table>\n<thead>{head}</thead>\n<tbody>\n{rows}</tbody>\n</table>"))
}

/// Page of one kind.
pub(super) fn page(entry: &Entry, reasons: &[Reason], service: &str) -> String {
    let mut body = format!(
        "<p><code>{}</code>, HTTP status {}</p>\n<h2>What happened</h2>\n<p>{}</p>\n<h2>What to do</h2>\n<p>{}</p>\n",
        entry.code,
        statuses(entry),
        marked_up(entry.meaning),
        marked_up(entry.remedy)
    );
    let mut reasons = reasons.iter().filter(|reason| reason.kind == entry.kind).peekable();
    if reasons.peek().is_some() {
        body.push_str("<h2>Reasons</h2>\n<dl>\n");
        for reason in reasons {
            let (name, meaning) = (escaped(reason.name), marked_up(reason.meaning));
            let _ = writeln!(body, "<dt><code>{name}</code></dt><dd>{meaning}</dd>");
        }
        body.push_str("</dl>\n");
    }
    body.push_str("<p><a href=\"/errors\">All errors</a></p>");
    html(entry.title, service, &body)
}

/// The usual status, and the more precise ones.
pub(super) fn statuses(entry: &Entry) -> String {
    let also = entry.also.iter().map(|status| format!(" or {status}"));
    std::iter::once(entry.status.to_string()).chain(also).collect()
}

#[cfg(test)]
mod tests {
    use palisade_core::ErrorKind;

    use super::*;

    #[test]
    fn a_page_tells_what_happened_and_what_to_do() {
        let reason = Reason { name: "users.email_taken", kind: ErrorKind::Conflict, meaning: "a <b> & `c`" };
        let page = page(ErrorKind::Conflict.entry(), &[reason], "Books");
        for part in ["409", "<code>conflict</code>", "users.email_taken", "a &lt;b&gt; &amp; <code>c</code>"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(!super::page(ErrorKind::NotFound.entry(), &[reason], "Books").contains("users.email_taken"));
    }

    #[test]
    fn no_page_names_another_host() {
        for text in CATALOGUE.iter().map(|entry| page(entry, &[], "Books")).chain([index("Books")]) {
            assert!(!text.contains("//"), "{text}");
        }
    }
}
