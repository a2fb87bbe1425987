//! Pages for people: one plain style for every width and colour scheme, no scripts, and nothing from another host.
//!
//! ```
//! use actix_web::{HttpResponse, http::header::CONTENT_SECURITY_POLICY};
//! use palisade_http::page::{self, escaped};
//!
//! let body = format!("<p>Open until {}</p>", escaped("17:00"));
//! let answer = HttpResponse::Ok()
//!     .content_type(page::MEDIA_TYPE)
//!     .insert_header((CONTENT_SECURITY_POLICY, page::POLICY))
//!     .body(page::html("Opening hours", "Library", &body));
//! # let _ = answer;
//! ```

/// The media type of a page.
pub const MEDIA_TYPE: &str = "text/html; charset=utf-8";

macro_rules! policy {
    ($form_action:literal) => {
        concat!(
            // The hash of the style.
            "default-src 'none'; style-src 'sha256-dPNxQ/gSbfEbQ0eHAxJhbI0beYmIaujXOm0iXgCtP7k='; img-src data:; ",
            "form-action ",
            $form_action,
            "; base-uri 'none'; frame-ancestors 'none'"
        )
    };
}

/// The `Content-Security-Policy` of a page: it may show its one style and the pictures that it holds itself.
pub const POLICY: &str = policy!("'none'");

/// The same for a page with a form, which may be sent to this host.
pub const FORM_POLICY: &str = policy!("'self'");

const STYLE: &str = include_str!("../assets/page.css");

/// A page with a heading. The browser's tab shows the heading and the name of the service. `body` is HTML, the other two
/// are text.
#[must_use]
pub fn html(heading: &str, service: &str, body: &str) -> String {
    let (heading, service) = (escaped(heading), escaped(service));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{heading} – {service}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n{body}\n\
         </main>\n</body>\n</html>\n"
    )
}

/// Text as HTML, in an element or in a quoted attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The same, with what stands between backticks as code.
#[must_use]
pub fn marked_up(text: &str) -> String {
    let mut parts = escaped(text).split('`').map(str::to_owned).collect::<Vec<_>>();
    for code in parts.iter_mut().skip(1).step_by(2) {
        *code = format!("<code>{code}</code>");
    }
    parts.concat()
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;

    #[test]
    fn the_policies_allow_the_style_of_the_page() {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
        let source = format!("style-src 'sha256-{}';", BASE64_STANDARD.encode(hash));
        assert!(POLICY.contains(&source) && FORM_POLICY.contains(&source), "{source}");
        assert!(html("", "", "").contains(&format!("<style>{STYLE}</style>")));
    }

    #[test]
    fn headings_and_names_are_text() {
        let page = html("a <b> & \"c\"", "<x>", "<p>1</p>");
        assert!(page.contains("<title>a &lt;b&gt; &amp; &quot;c&quot; – &lt;x&gt;</title>"), "{page}");
        assert!(page.contains("<h1>a &lt;b&gt; &amp; &quot;c&quot;</h1>\n<p>1</p>"), "{page}");
        assert_eq!(marked_up("a `<b>` c `d`"), "a <code>&lt;b&gt;</code> c <code>d</code>");
    }
}
