//! `docs/errors.md`.

use std::fmt::Write as _;

use palisade_core::error::{CATALOGUE, Reason};

use super::html::statuses;

/// Text of `docs/errors.md`: the catalogue, and the reasons of the domains.
#[must_use]
pub fn errors_markdown(reasons: &[Reason]) -> String {
    let mut text = HEADER.to_owned();
    text.push_str("\n| status | `code` | title | what happened | what to do |\n|---|---|---|---|---|\n");
    for entry in CATALOGUE {
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | {} | {} |",
            statuses(entry),
            entry.code,
            cell(entry.title),
            cell(entry.meaning),
            cell(entry.remedy)
        );
    }
    text.push_str(
        "\n## Reasons\n\nA reason says more precisely what happened. It stands in `details.reason` of the \
                   envelope and in `reason` of the problem.\n\n",
    );
    text.push_str("| reason | `code` | what happened |\n|---|---|---|\n");
    let mut sorted: Vec<_> = reasons.iter().collect();
    sorted.sort_by_key(|reason| reason.name);
    for reason in sorted {
        let _ = writeln!(text, "| `{}` | `{}` | {} |", reason.name, reason.kind.code(), cell(reason.meaning));
    }
    text
}

const HEADER: &str = "# Errors\n\nGenerated from the catalogue in `crates/core/src/error/catalogue.rs`.\n\n\
    Every response of status 400 and above has one of these two bodies. `Accept` decides between them when it names \
    `application/json` or `application/problem+json`; otherwise `ERRORS_FORMAT` does.\n\n\
    ```json\n{\"error\": {\"code\": \"not_found\", \"message\": \"Not Found\", \"request_id\": \"…\", \"details\": null}}\n```\n\n\
    ```json\n{\"type\": \"/errors/not-found\", \"title\": \"Resource Not Found\", \"status\": 404, \"detail\": \"Not Found\",\n \
    \"instance\": \"/api/v1/users/…\", \"code\": \"not_found\", \"request_id\": \"…\", \"timestamp\": \"…\"}\n```\n\n\
    A `validation_error` lists `{field, code, message}` for each broken rule, in `details` of the envelope and in `errors` \
    of the problem; `field` is a JSON Pointer. `GET /errors/{slug}`, where the slug is the code with hyphens, is a page \
    about one error.\n\n## Catalogue\n";

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use palisade_core::ErrorKind;

    use super::*;

    #[test]
    fn names_every_kind_and_every_reason() {
        let reason = |name, kind| Reason { name, kind, meaning: "x | y" };
        let text = errors_markdown(&[reason("b.two", ErrorKind::Gone), reason("a.one", ErrorKind::Conflict)]);
        assert!(CATALOGUE.iter().all(|entry| text.contains(&format!("`{}`", entry.code))));
        assert!(text.contains("| `a.one` | `conflict` | x \\| y |\n| `b.two` | `gone`"));
    }
}
