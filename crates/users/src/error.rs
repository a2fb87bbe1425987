//! What can go wrong with users, in this crate's words.

use palisade_core::{ErrorKind, error::Reason};
use palisade_events::Contention;

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no user of that id.
    #[error("there is no such user")]
    NotFound,
    /// Another user has the e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another user has the username, in whatever case.
    #[error("the username is taken")]
    UsernameTaken,
    /// The user is no longer at the version that the change was made for.
    #[error("the user has changed in the meantime")]
    Changed,
    /// Nobody could manage anything any more.
    #[error("the last active administrator must stay one")]
    LastAdmin,
    /// The first administrator exists already.
    #[error("there is an administrator already")]
    AdminExists,
    /// Nobody may sign up here.
    #[error("registration is closed")]
    RegistrationClosed,
    /// A failure that the shared catalogue already has words for: a store, a rule for passwords, a caller
    /// who may not.
    #[error(transparent)]
    Other(#[from] palisade_core::Error),
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The caller may not set a field; the message names it.
pub(crate) const FIELD_FORBIDDEN: &str = "users.field_forbidden";
/// The user is not the caller, who lacks the permission to see or change others.
pub(crate) const NOT_YOURS: &str = "users.not_yours";

/// Others write the same at this moment, and one of them goes first, again and again. Nothing was changed.
pub(crate) const BUSY: &str = "users.busy";

/// The reasons of this crate that a client may meet.
pub const REASONS: &[Reason] = &[
    Reason::new("users.not_found", ErrorKind::NotFound, "There is no user of that id."),
    Reason::new("users.email_taken", ErrorKind::Conflict, "Another user has this e-mail address."),
    Reason::new(
        "users.username_taken",
        ErrorKind::Conflict,
        "Another user has this username, in whatever case.",
    ),
    Reason::new(
        "users.changed",
        ErrorKind::PreconditionFailed,
        "The user has changed since the version named in `If-Match`.",
    ),
    Reason::new(
        BUSY,
        ErrorKind::Conflict,
        "Too many change this user at once; nothing was changed. Send the request again.",
    ),
    Reason::new(
        "users.last_admin",
        ErrorKind::Conflict,
        "The last active administrator cannot be disabled, deleted or deprived of the role.",
    ),
    Reason::new("users.admin_exists", ErrorKind::Conflict, "The first administrator exists already."),
    Reason::new(
        "users.registration_closed",
        ErrorKind::Forbidden,
        "Nobody may sign up here; ask an administrator.",
    ),
    Reason::new(
        FIELD_FORBIDDEN,
        ErrorKind::Forbidden,
        "Only an administrator may set the field that the message names.",
    ),
    Reason::new(
        NOT_YOURS,
        ErrorKind::Forbidden,
        "Only the user and an administrator may see or change this user.",
    ),
];

/// Too many were in the way of a unit of work.
pub(crate) fn busy(cause: Error) -> Error {
    let busy = palisade_core::Error::conflict("Too many change this user at once; send it again");
    Error::Other(busy.with_reason(BUSY).with_source(cause))
}

impl Error {
    /// Whether it is ours, and no refusal.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, Self::Other(error) if error.status() >= 500)
    }
}

impl Contention for Error {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Other(error) if error.is_contention())
    }
}

impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("There is no such user").with_reason("users.not_found"),
            Error::EmailTaken => {
                Self::conflict("The e-mail address is taken").with_reason("users.email_taken")
            }
            Error::UsernameTaken => {
                Self::conflict("The username is taken").with_reason("users.username_taken")
            }
            Error::Changed => {
                Self::precondition_failed("The user has changed in the meantime").with_reason("users.changed")
            }
            Error::LastAdmin => {
                Self::conflict("The last active administrator must stay one").with_reason("users.last_admin")
            }
            Error::AdminExists => {
                Self::conflict("There is an administrator already").with_reason("users.admin_exists")
            }
            Error::RegistrationClosed => {
                Self::forbidden("Registration is closed").with_reason("users.registration_closed")
            }
            Error::Other(error) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_that_is_raised_is_listed_with_its_kind() {
        let raised = [
            Error::NotFound,
            Error::EmailTaken,
            Error::UsernameTaken,
            Error::Changed,
            Error::LastAdmin,
            Error::AdminExists,
            Error::RegistrationClosed,
        ];
        for error in raised {
            let error = palisade_core::Error::from(error);
            let listed = REASONS.iter().find(|reason| Some(reason.name) == error.reason());
            assert_eq!(listed.map(|reason| reason.kind), Some(error.kind()), "{error}");
        }
    }
}
