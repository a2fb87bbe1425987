//! What callers ask for: the bodies of requests, parsed. A body that names any other field is refused, so
//! that nothing is ignored in silence (mass assignment, OWASP API3:2023).

use std::collections::BTreeSet;

use palisade_core::{
    FieldError, Role, Secret, input,
    input::{FromValue, Source},
};

use crate::{Email, Name, Status, Username};

input! {
    /// Someone signs up.
    #[derive(Debug)]
    #[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(examples(json!({
        "email": "ann@example.com", "username": "ann_lee", "name": "Ann Lee", "password": "seven green herons wade",
    }))))]
    pub struct SignUp {
        /// No other user may have it.
        required email: Email,
        /// No other user may have it, in whatever case.
        required username: Username,
        /// What the person is called in full.
        optional name: Name,
        /// It must be hard to guess and hold neither the name nor the address.
        #[cfg_attr(feature = "http", schema(value_type = palisade_auth::http::NewPassword))]
        required password: Secret,
    }
}

input! {
    /// An administrator adds someone.
    #[derive(Debug)]
    #[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(examples(json!({
        "email": "bob@example.com", "username": "bob", "name": "Bob Ray", "password": "nine brown otters sail",
        "roles": ["user"],
    }))))]
    pub struct NewUser {
        /// No other user may have it.
        required email: Email,
        /// No other user may have it, in whatever case.
        required username: Username,
        /// What the person is called in full.
        optional name: Name,
        /// Left out: the person cannot sign in until a password is set. Rules as in registration.
        #[cfg_attr(feature = "http", schema(value_type = Option<palisade_auth::http::NewPassword>))]
        optional password: Secret,
        /// Left out: `user`.
        #[cfg_attr(feature = "http", schema(value_type = Option<Vec<Role>>, max_items = 16))]
        optional roles: Roles,
        /// Left out: `active`.
        optional status: Status,
    }
}

input! {
    /// What is to become different about a user. A field that is left out stays as it is.
    #[derive(Debug, Clone, Default)]
    #[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(examples(json!({"name": "Ann Lee-Smith"}))))]
    pub struct UserChange {
        /// No other user may have it.
        #[cfg_attr(feature = "http", schema(nullable = false))]
        settable email: Email,
        /// No other user may have it, in whatever case.
        #[cfg_attr(feature = "http", schema(nullable = false))]
        settable username: Username,
        /// Null takes it away.
        #[cfg_attr(feature = "http", schema(value_type = Option<Name>))]
        nullable name: Name,
        /// All roles the user has from now on. Only an administrator may set this.
        #[cfg_attr(feature = "http", schema(value_type = Vec<Role>, required = false, max_items = 16))]
        settable roles: Roles,
        /// `disabled` ends every session at once. Only an administrator may set this.
        #[cfg_attr(feature = "http", schema(nullable = false))]
        settable status: Status,
    }
}

/// At most 16 roles, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(pub BTreeSet<Role>);

impl Roles {
    /// The most roles of one user.
    pub const MAX: usize = 16;
}

impl FromValue for Roles {
    fn from_value(value: serde_json::Value, source: Source) -> Result<Self, Vec<FieldError>> {
        let roles = Vec::<Role>::from_value(value, source)?;
        if roles.len() > Self::MAX {
            return Err(vec![FieldError::unplaced("too_many", "must hold at most 16 roles")]);
        }
        Ok(Self(roles.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::{Fields, FromFields};
    use serde_json::{Value, json};

    use super::*;

    fn problems<T: FromFields + std::fmt::Debug>(body: Value) -> Vec<String> {
        let error = Fields::read::<T>(body).unwrap_err();
        error.fields().iter().map(|field| format!("{} {}", field.field, field.code)).collect()
    }

    #[test]
    fn nobody_signs_up_as_an_admin() {
        let body =
            json!({"email": "a@b.co", "username": "ann", "password": "p", "roles": ["admin"], "id": 1});
        assert_eq!(problems::<SignUp>(body), ["/id unknown_field", "/roles unknown_field"]);
    }

    #[test]
    fn a_change_takes_the_name_away_and_nothing_else() {
        let change: UserChange = Fields::read(json!({"name": null})).unwrap();
        assert_eq!(change.name, Some(None));
        let body = json!({"email": null, "username": null, "roles": null, "status": null});
        assert_eq!(
            problems::<UserChange>(body),
            ["/email missing", "/username missing", "/roles missing", "/status missing"]
        );
    }

    #[test]
    fn nothing_that_is_given_once_can_be_changed() {
        let body = json!({"id": "x", "created_at": "x", "updated_at": "x", "version": 2, "password": "x"});
        assert_eq!(problems::<UserChange>(body).len(), 5);
    }

    #[test]
    fn roles_are_a_short_list_of_names() {
        let body = |roles: Value| json!({"roles": roles});
        let change: UserChange = Fields::read(body(json!(["b", "a", "b"]))).unwrap();
        assert_eq!(change.roles.unwrap().0.len(), 2);
        assert_eq!(problems::<UserChange>(body(json!("admin"))), ["/roles invalid_type"]);
        assert_eq!(
            problems::<UserChange>(body(json!(["Admin", 1]))),
            ["/roles/0 invalid_role", "/roles/1 invalid_type"]
        );
        assert_eq!(problems::<UserChange>(body(json!(vec!["a"; 17]))), ["/roles too_many"]);
    }
}
