//! What someone signs in with.

use palisade_core::{FieldError, Parse};

use super::{Email, Username};

/// What a user is found by when signing in. Only an e-mail address has an `@`, so no text can mean both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// By e-mail address.
    Email(Email),
    /// By username.
    Username(Username),
}

impl Parse for Login {
    fn parse(text: &str) -> Result<Self, FieldError> {
        if text.contains('@') {
            Email::parse(text).map(Self::Email)
        } else {
            Username::parse(text).map(Self::Username)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_at_sign_tells_an_address_from_a_username() {
        assert!(matches!(Login::parse("ann@example.com"), Ok(Login::Email(_))));
        assert!(matches!(Login::parse("ann"), Ok(Login::Username(_))));
        assert!(Login::parse("ann lee").is_err());
    }
}
