//! The pages behind the link.

use std::fmt::Write as _;

use palisade_core::{Error, ErrorKind, error::Entry};
use palisade_http::page::{escaped, html, marked_up};

use super::{Setup, form::Typed};

/// What the pages say of the server.
pub(super) struct Site<'a> {
    service: &'a str,
    prefix: &'a str,
    has_documents: bool,
}

impl<'a> Site<'a> {
    pub(super) fn of(setup: &'a Setup) -> Self {
        let Setup { service, prefix, has_documents, .. } = setup;
        Self { service, prefix, has_documents: *has_documents }
    }

    /// The page with the form, with what was typed into it but for the passwords, and with what is wrong at its field.
    pub(super) fn form(&self, typed: &Typed, problems: &[Problem]) -> String {
        let mut body = match problems {
            [] => "<p>There is no administrator yet. This form makes the account that manages all others. It works \
                   once.</p>\n"
                .to_owned(),
            _ => "<p class=\"problem\" role=\"alert\">Nothing has been made yet. Please correct the marked fields.</p>\n"
                .to_owned(),
        };
        body.push_str("<form method=\"post\">\n");
        for field in FIELDS {
            let value = match field.name {
                "email" => typed.email.as_deref(),
                "username" => typed.username.as_deref(),
                _ => None,
            };
            field.write(&mut body, value.unwrap_or_default(), problems);
        }
        body.push_str("<button>Make the account</button>\n</form>");
        html("First administrator", self.service, &body)
    }

    /// The page after the form.
    pub(super) fn done(&self) -> String {
        let ready = "The administrator's account is ready, and this link is used up.";
        let body = format!("<p>{ready}</p>\n<p>To sign in, {}</p>", self.sign_in());
        html("Done", self.service, &body)
    }

    /// The page for a request that is refused.
    pub(super) fn refusal(&self, error: &Error) -> String {
        let (heading, body) = match error.kind() {
            ErrorKind::Gone => (
                "This link is used up",
                format!(
                    "<p>It has made the administrator's account, or it is older than 30 minutes.</p>\n<h2>What to do</h2>\n\
                     <p>If you have made the account, sign in: {}</p>\n<p>If there is no administrator yet, start the server \
                     again. It then prints a new link.</p>\n<p><code>api users create --admin</code> makes an \
                     administrator at any time.</p>",
                    self.sign_in()
                ),
            ),
            ErrorKind::NotFound => (
                "There is no such link",
                "<p>Open the whole link as the server printed it when it started. Each start prints another.</p>"
                    .to_owned(),
            ),
            kind => {
                let Entry { title, remedy, .. } = kind.entry();
                (*title, format!("<p>{}</p>\n<p>{}</p>", escaped(error.message()), marked_up(remedy)))
            }
        };
        html(heading, self.service, &body)
    }

    /// The end of a sentence.
    fn sign_in(&self) -> String {
        let route = format!("use <code>POST {}/auth/login</code>", escaped(self.prefix));
        match self.has_documents {
            true => format!("{route} or the <a href=\"/docs\">API documentation</a>."),
            false => format!("{route}."),
        }
    }
}

/// A field that broke a rule, and the rule in words.
pub(super) type Problem = (&'static str, String);

/// What of `error` can be told at a field.
pub(super) fn problems(error: &Error) -> Vec<Problem> {
    let taken = match error.reason() {
        Some("users.email_taken") => Some("email"),
        Some("users.username_taken") => Some("username"),
        _ => None,
    };
    if let Some(name) = taken {
        return vec![(name, error.message().to_owned())];
    }
    let told = |field: &'static Field| {
        let wrong = error.fields().iter().find(|wrong| wrong.field.strip_prefix('/') == Some(field.name))?;
        Some((field.name, format!("{} {}", field.subject, wrong.message)))
    };
    FIELDS.iter().filter_map(told).collect()
}

struct Field {
    name: &'static str,
    label: &'static str,
    /// How a sentence about the field begins.
    subject: &'static str,
    hint: &'static str,
    attributes: &'static str,
}

const FIELDS: &[Field] = &[
    Field {
        name: "email",
        label: "E-mail address",
        subject: "The e-mail address",
        hint: "",
        attributes: "type=\"email\" maxlength=\"254\" autocomplete=\"email\"",
    },
    Field {
        name: "username",
        label: "Username",
        subject: "The username",
        hint: "3 to 50 letters, digits and underscores",
        attributes: "minlength=\"3\" maxlength=\"50\" pattern=\"[A-Za-z0-9_]+\" autocomplete=\"username\"",
    },
    Field {
        name: "password",
        label: "Password",
        subject: "The password",
        hint: "8 to 128 characters; a few unrelated words are good",
        attributes: "type=\"password\" minlength=\"8\" maxlength=\"128\" autocomplete=\"new-password\"",
    },
    Field {
        name: "password_confirm",
        label: "The same password again",
        subject: "The second password",
        hint: "",
        attributes: "type=\"password\" maxlength=\"128\" autocomplete=\"new-password\"",
    },
];

impl Field {
    fn write(&self, body: &mut String, value: &str, problems: &[Problem]) {
        let Self { name, label, hint, attributes, .. } = self;
        let problem = problems.iter().find(|(wrong, _)| wrong == name).map(|(_, message)| message);
        let mut described = Vec::new();
        let mut notes = String::new();
        if let Some(message) = problem {
            described.push(format!("{name}-problem"));
            let _ = writeln!(notes, "<p class=\"problem\" id=\"{name}-problem\">{}</p>", escaped(message));
        }
        if !hint.is_empty() {
            described.push(format!("{name}-hint"));
            let _ = writeln!(notes, "<p class=\"hint\" id=\"{name}-hint\">{hint}</p>");
        }
        let mut state = String::new();
        if problem.is_some() {
            state.push_str(" aria-invalid=\"true\"");
        }
        if problems.first().is_some_and(|(first, _)| first == name) {
            state.push_str(" autofocus");
        }
        if !described.is_empty() {
            let _ = write!(state, " aria-describedby=\"{}\"", described.join(" "));
        }
        let value = escaped(value);
        let _ = write!(
            body,
            "<label for=\"{name}\">{label}</label>\n\
             <input id=\"{name}\" name=\"{name}\" value=\"{value}\" required {attributes}{state}>\n{notes}"
        );
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::{FieldError, Secret};

    use super::*;

    const SITE: Site<'_> = Site { service: "Books", prefix: "/api/v1", has_documents: true };

    #[test]
    fn the_form_comes_back_with_what_was_typed_but_for_the_passwords() {
        let typed = Typed {
            email: Some("\"><script>@example.com".to_owned()),
            username: Some("ann".to_owned()),
            password: Some(Secret::new("hunter2hunter2")),
            password_confirm: Some(Secret::new("hunter2hunter3")),
            ..Typed::default()
        };
        let page = SITE.form(&typed, &problems(&typed.sign_up().unwrap_err()));
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;@example.com\""), "{page}");
        assert!(page.contains("value=\"ann\""), "{page}");
        assert!(!page.contains("hunter2"), "{page}");
        assert!(
            page.contains("id=\"password_confirm-problem\">The second password is not the same"),
            "{page}"
        );
        assert_eq!(page.matches("autofocus").count(), 1, "{page}");
    }

    #[test]
    fn a_name_that_is_taken_is_told_at_its_field() {
        let error = Error::conflict("The username is taken").with_reason("users.username_taken");
        assert_eq!(problems(&error), [("username", "The username is taken".to_owned())]);
        let unknown = Error::validation(vec![FieldError::new("roles", "unknown_field", "is not known")]);
        assert!(problems(&unknown).is_empty());
    }

    #[test]
    fn documents_that_are_not_served_are_not_linked() {
        let gone = Error::gone("Gone");
        for (has_documents, links) in [(true, 1), (false, 0)] {
            let site = Site { has_documents, ..SITE };
            for page in [site.done(), site.refusal(&gone)] {
                assert_eq!(page.matches("/docs").count(), links, "{page}");
                assert!(page.contains("POST /api/v1/auth/login"), "{page}");
            }
        }
    }
}
