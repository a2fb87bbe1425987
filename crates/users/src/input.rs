//! What callers ask for: the bodies of requests, parsed. A body that names any other field is refused, so
//! that nothing is ignored in silence (mass assignment, OWASP API3:2023).

use std::collections::BTreeSet;

use palisade_core::{FieldError, Role, Secret, input};
use serde::{Deserialize, Deserializer, de::Error as _};
use validator::Validate;

use crate::{Email, Name, Status, Username};

/// Someone signs up.
#[derive(Debug, Deserialize, Validate)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(examples(json!({
    "email": "ann@example.com", "username": "ann_lee", "name": "Ann Lee", "password": "seven green herons wade",
}))))]
pub struct SignUp {
    /// No other user may have it.
    pub email: Email,
    /// No other user may have it, in whatever case.
    pub username: Username,
    /// What the person is called in full.
    pub name: Option<Name>,
    /// It must be hard to guess and hold neither the name nor the address.
    #[cfg_attr(feature = "http", schema(value_type = palisade_auth::http::NewPassword))]
    pub password: Secret,
}

/// An administrator adds someone.
#[derive(Debug, Deserialize, Validate)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(examples(json!({
    "email": "bob@example.com", "username": "bob", "name": "Bob Ray", "password": "nine brown otters sail",
    "roles": ["user"],
}))))]
pub struct NewUser {
    /// No other user may have it.
    pub email: Email,
    /// No other user may have it, in whatever case.
    pub username: Username,
    /// What the person is called in full.
    pub name: Option<Name>,
    /// Left out: the person cannot sign in until a password is set. Rules as in registration.
    #[cfg_attr(feature = "http", schema(value_type = Option<palisade_auth::http::NewPassword>))]
    pub password: Option<Secret>,
    /// Left out: `user`.
    #[cfg_attr(feature = "http", schema(value_type = Option<Vec<Role>>, max_items = 16))]
    pub roles: Option<Roles>,
    /// Left out: `active`.
    pub status: Option<Status>,
}

/// What is to become different about a user. A field that is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(examples(json!({"name": "Ann Lee-Smith"}))))]
pub struct UserChange {
    /// No other user may have it.
    #[cfg_attr(feature = "http", schema(nullable = false))]
    #[serde(default, deserialize_with = "input::settable")]
    pub email: Option<Email>,
    /// No other user may have it, in whatever case.
    #[cfg_attr(feature = "http", schema(nullable = false))]
    #[serde(default, deserialize_with = "input::settable")]
    pub username: Option<Username>,
    /// Null takes it away.
    #[cfg_attr(feature = "http", schema(value_type = Option<Name>))]
    #[serde(default, deserialize_with = "input::nullable")]
    pub name: Option<Option<Name>>,
    /// All roles the user has from now on. Only an administrator may set this.
    #[cfg_attr(feature = "http", schema(value_type = Vec<Role>, required = false, max_items = 16))]
    #[serde(default, deserialize_with = "input::settable")]
    pub roles: Option<Roles>,
    /// `disabled` ends every session at once. Only an administrator may set this.
    #[cfg_attr(feature = "http", schema(nullable = false))]
    #[serde(default, deserialize_with = "input::settable")]
    pub status: Option<Status>,
}

/// At most 16 roles, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(pub BTreeSet<Role>);

impl Roles {
    /// The most roles of one user.
    pub const MAX: usize = 16;
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let roles = Vec::<Role>::deserialize(deserializer)?;
        if roles.len() > Self::MAX {
            return Err(D::Error::custom(FieldError::unplaced("too_many", "must hold at most 16 roles")));
        }
        Ok(Self(roles.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;

    fn problems<T: DeserializeOwned + Validate + std::fmt::Debug>(body: Value) -> Vec<String> {
        let error = input::read::<T>(&body).unwrap_err();
        error.fields().iter().map(|field| format!("{} {}", field.field, field.code)).collect()
    }

    #[test]
    fn nobody_signs_up_as_an_admin() {
        let body =
            json!({"email": "a@b.co", "username": "ann", "password": "p", "roles": ["admin"], "id": 1});
        assert_eq!(problems::<SignUp>(body), ["/roles unknown_field", "/id unknown_field"]);
    }

    #[test]
    fn a_change_takes_the_name_away_and_nothing_else() {
        let change: UserChange = input::read(&json!({"name": null})).unwrap();
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
        let change: UserChange = input::read(&body(json!(["b", "a", "b"]))).unwrap();
        assert_eq!(change.roles.unwrap().0.len(), 2);
        assert_eq!(problems::<UserChange>(body(json!("admin"))), ["/roles invalid_type"]);
        assert_eq!(
            problems::<UserChange>(body(json!(["Admin", 1]))),
            ["/roles/0 invalid_role", "/roles/1 invalid_type"]
        );
        assert_eq!(problems::<UserChange>(body(json!(vec!["a"; 17]))), ["/roles too_many"]);
    }
}
