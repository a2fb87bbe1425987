//! What the form of the page sends, and what is wrong with it.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use palisade_core::{Error, FieldError, Secret, input};
use palisade_http::{Rejection, accept::prefers_html, extract::FormOrBody};
use serde::Deserialize;
use validator::Validate;

use crate::SignUp;

/// The body of `POST /setup/{token}`: from the page's form, or from a program. A program's is read as any request's; the
/// form's values are kept as they were typed, so that the page can show them again.
#[derive(Debug)]
pub(super) enum Entry {
    Form(Typed),
    Program(SignUp),
}

/// The form as it was filled in.
#[derive(Debug, Default, Deserialize, Validate)]
pub(super) struct Typed {
    pub(super) email: Option<String>,
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) password_confirm: Option<Secret>,
}

impl FromRequest for Entry {
    type Error = Rejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Rejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            Ok(if prefers_html(request.headers()) {
                Self::Form(FormOrBody::from_request(&request, &mut payload).await?.0)
            } else {
                Self::Program(FormOrBody::from_request(&request, &mut payload).await?.0)
            })
        })
    }
}

impl Typed {
    /// What the form asks for.
    ///
    /// # Errors
    /// 422 with each field that breaks a rule, and `password_confirm` when the passwords differ.
    pub(super) fn sign_up(&self) -> Result<SignUp, Error> {
        let expose = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        let (password, again) = (expose(&self.password), expose(&self.password_confirm));
        let differ = again.is_some() && again != password;
        let values = [
            ("email", self.email.clone()),
            ("username", self.username.clone()),
            ("name", self.name.clone()),
            ("password", password),
        ];
        let pairs = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let read = input::read_pairs(pairs);
        if !differ {
            return read;
        }
        let unequal = FieldError::new("password_confirm", "unequal", "is not the same as the first");
        let others = read.err().into_iter().flat_map(|error| error.fields().to_vec());
        Err(Error::validation(others.chain([unequal]).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(password_confirm: Option<&str>) -> Typed {
        Typed {
            email: Some("ann@example.com".to_owned()),
            username: Some("a".to_owned()),
            password: Some(Secret::new("seven green herons wade")),
            password_confirm: password_confirm.map(Secret::new),
            ..Typed::default()
        }
    }

    fn problems(typed: &Typed) -> Vec<String> {
        typed.sign_up().unwrap_err().fields().iter().map(|field| field.field.clone()).collect()
    }

    #[test]
    fn passwords_that_differ_are_told_beside_other_problems() {
        assert_eq!(problems(&typed(Some("seven green herons"))), ["/username", "/password_confirm"]);
        assert_eq!(problems(&typed(Some("seven green herons wade"))), ["/username"]);
        assert_eq!(problems(&typed(None)), ["/username"]);
    }

    #[test]
    fn a_form_that_is_right_is_a_sign_up() {
        let sign_up = Typed { username: Some("ann".to_owned()), ..typed(None) }.sign_up().unwrap();
        assert_eq!((sign_up.email.as_str(), sign_up.username.as_str()), ("ann@example.com", "ann"));
        assert_eq!(sign_up.password.expose(), "seven green herons wade");
    }
}
