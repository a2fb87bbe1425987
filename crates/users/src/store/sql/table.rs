//! The table `users`: its columns, and how a user lies in them.

use palisade_auth::PasswordHash;
use palisade_core::{FieldError, Parse, UserId};
use palisade_database::Row;
use sea_query::{Expr, Iden};

use crate::{Account, Email, Error, Name, Result, Status, User, Username, Version};

/// The table and its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Iden)]
pub(super) enum Users {
    Table,
    Id,
    Email,
    Username,
    UsernameLower,
    Name,
    SearchText,
    Roles,
    Status,
    PasswordHash,
    Version,
    CreatedAt,
    UpdatedAt,
}

/// The one row that changes of administrators pass by.
#[derive(Debug, Clone, Copy, Iden)]
pub(super) enum UsersAdminGuard {
    Table,
    Id,
    Changes,
}

/// The columns that [`read_user`] reads.
pub(super) const USER: [Users; 9] = [
    Users::Id,
    Users::Email,
    Users::Username,
    Users::Name,
    Users::Roles,
    Users::Status,
    Users::Version,
    Users::CreatedAt,
    Users::UpdatedAt,
];

/// The values of a user in the columns that a change may write.
pub(super) fn changeable(user: &User) -> Result<[(Users, Expr); 9]> {
    let roles = serde_json::to_string(&user.roles).map_err(palisade_core::Error::internal)?;
    Ok([
        (Users::Email, Expr::val(user.email.as_str())),
        (Users::Username, Expr::val(user.username.as_str())),
        (Users::UsernameLower, Expr::val(user.username.key())),
        (Users::Name, Expr::val(user.name.as_ref().map(Name::as_str))),
        (Users::SearchText, Expr::val(user.search_text())),
        (Users::Roles, Expr::val(roles)),
        (Users::Status, Expr::val(user.status.as_str())),
        (Users::Version, Expr::val(user.version.number())),
        (Users::UpdatedAt, Expr::val(user.updated_at)),
    ])
}

/// Reads the columns of [`USER`].
pub(super) fn read_user(row: &Row) -> Result<User> {
    let roles: String = row.get("roles")?;
    Ok(User {
        id: UserId::from_uuid(row.get("id")?),
        email: parsed::<Email>(row, "email")?,
        username: parsed::<Username>(row, "username")?,
        name: row.get::<Option<String>>("name")?.map(|name| parse("name", &name)).transpose()?,
        roles: serde_json::from_str(&roles).map_err(palisade_core::Error::internal)?,
        status: parsed::<Status>(row, "status")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: Version::from_number(row.get("version")?),
    })
}

/// Reads the columns of [`USER`] and the password hash.
pub(super) fn read_account(row: &Row) -> Result<Account> {
    let hash: Option<String> = row.get("password_hash")?;
    let password_hash =
        hash.map(PasswordHash::from_phc).transpose().map_err(palisade_core::Error::internal)?;
    Ok(Account { user: read_user(row)?, password_hash })
}

fn parsed<T: Parse>(row: &Row, column: &str) -> Result<T> {
    parse(column, &row.get::<String>(column)?)
}

/// What is stored was parsed before, so a failure here means that someone else wrote the row.
fn parse<T: Parse>(column: &str, text: &str) -> Result<T> {
    let described = |broken: FieldError| format!("users.{column} holds what {}", broken.message);
    T::parse(text).map_err(|broken| Error::Other(palisade_core::Error::internal(described(broken))))
}
