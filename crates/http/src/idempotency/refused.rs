//! A refusal as it is kept: what was raised, not the body it was given. So the replay has the form that it asks for
//! and the request id that is its own.

use palisade_core::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct Refused {
    code: String,
    message: String,
    reason: Option<String>,
}

impl Refused {
    /// `None` for an error that a repetition may not meet again, or that says more than is kept here.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let lasting = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Gone);
        if !lasting || error.headers().next().is_some() {
            return None;
        }
        Some(Self {
            code: error.kind().code().to_owned(),
            message: error.message().to_owned(),
            reason: error.reason().map(ToOwned::to_owned),
        })
    }

    /// The error again; of a kind that is not known any more, the one that `status` stands for.
    pub(super) fn into_error(self, status: u16) -> Error {
        let kind = ErrorKind::from_slug(&self.code.replace('_', "-"))
            .unwrap_or_else(|| ErrorKind::from_status(status));
        let error = Error::new(kind, self.message);
        match self.reason {
            Some(reason) => error.with_reason(reason),
            None => error,
        }
    }
}
