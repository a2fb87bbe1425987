//! The one-time link that makes the first admin.
//!
//! An empty database has nobody who could make an admin. At start, in local and test, the server therefore makes a
//! link that does so once, within 30 minutes, and shows it on the terminal of whoever started it; its token lives
//! in this process's memory only. Elsewhere `api users create --admin` does the same from the command line.

mod answer;
mod form;
mod page;
mod routes;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::constant_time;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use palisade_core::{Clock, Error, ErrorKind, Random, error::Reason, prefix::SETUP_TOKEN};
use palisade_server::{Failure, Foundation, Notice};

use crate::{SignUp, User, Users};
pub(crate) use routes::{TAGS, configure};

/// This module's names for what goes wrong.
pub(crate) const REASONS: &[Reason] = &[Reason::new(
    "setup.link_used",
    ErrorKind::Gone,
    "The link that makes the first administrator has been used or is older than 30 minutes.",
)];

/// How long the link is good.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The link, with what its pages need.
pub(crate) struct Setup {
    pub(crate) link: FirstAdmin,
    users: Users,
    clock: Arc<dyn Clock>,
    /// The name of the service.
    service: String,
    /// The prefix of the API.
    prefix: String,
    /// Whether the pages about the API are served.
    has_documents: bool,
}

/// Makes it.
pub(crate) async fn setup(foundation: Arc<Foundation>, users: Users) -> Result<Arc<Setup>, Failure> {
    let settings = foundation.settings();
    Ok(Arc::new(Setup {
        link: FirstAdmin::default(),
        users,
        clock: Arc::clone(foundation.clock()),
        service: settings.app.name.clone(),
        prefix: settings.app.api_prefix.clone(),
        has_documents: settings.docs_enabled(),
    }))
}

/// Opens the link on a developer's machine whose database has no admin.
pub(crate) async fn invite(
    foundation: Arc<Foundation>,
    users: Users,
    setup: Arc<Setup>,
) -> Result<Vec<Notice>, Failure> {
    if users.has_admin().await.map_err(|error| anyhow::anyhow!("the users cannot be read: {error}"))? {
        return Ok(Vec::new());
    }
    if !foundation.settings().app.environment.is_development() {
        tracing::info!(remedy = "users create --admin", "users.no_admin");
        return Ok(Vec::new());
    }
    let text = "No admin yet. Make the first one here, within 30 minutes and once:".to_owned();
    let path = setup.link.open(&**foundation.clock(), &**foundation.random());
    Ok(vec![Notice { name: FIRST_ADMIN, text, path }])
}

/// The name of the notice with the link.
pub const FIRST_ADMIN: &str = "users.first_admin";

/// The link's state: open until it is used or too old.
#[derive(Debug, Default)]
pub(crate) struct FirstAdmin(Mutex<Option<Invitation>>);

#[derive(Clone)]
struct Invitation {
    token: String,
    expires_at: DateTime<Utc>,
}

impl FirstAdmin {
    /// Opens the link and returns its path.
    pub(crate) fn open(&self, clock: &dyn Clock, random: &dyn Random) -> String {
        let token = format!("{SETUP_TOKEN}{}", BASE64_URL_SAFE_NO_PAD.encode(random.bytes::<32>()));
        let path = format!("/setup/{token}");
        *self.lock() = Some(Invitation { token, expires_at: clock.now() + LIFETIME });
        path
    }

    /// Whether the link with this token is still good.
    ///
    /// # Errors
    /// 404 for any other token, 410 once it is used or too old.
    pub(crate) fn check(&self, token: &str, clock: &dyn Clock) -> Result<(), Error> {
        match &*self.lock() {
            None => Err(used_up()),
            Some(invitation) if !invitation.matches(token) => Err(Error::not_found("There is no such link")),
            Some(invitation) if invitation.expires_at <= clock.now() => Err(used_up()),
            Some(_) => Ok(()),
        }
    }

    /// Makes the first admin. The link closes when that succeeds, or when there is an admin already; a wrong
    /// field leaves it open for another try. Of several at once, the store lets one succeed.
    ///
    /// # Errors
    /// As [`FirstAdmin::check`], and as [`Users::create_admin`].
    pub(crate) async fn make(
        &self,
        token: &str,
        sign_up: SignUp,
        users: &Users,
        clock: &dyn Clock,
    ) -> Result<User, Error> {
        self.check(token, clock)?;
        match users.create_admin(sign_up).await {
            Ok(user) => {
                self.close();
                Ok(user)
            }
            Err(crate::Error::AdminExists) => {
                self.close();
                Err(used_up())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Invitation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Invitation {
    fn matches(&self, token: &str) -> bool {
        constant_time::verify_slices_are_equal(self.token.as_bytes(), token.as_bytes()).is_ok()
    }
}

/// Shows no token.
impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

fn used_up() -> Error {
    Error::gone(
        "This link has been used or is too old. `api users create --admin` makes an admin at any time.",
    )
    .with_reason("setup.link_used")
}

#[cfg(test)]
mod tests {
    use palisade_core::{ErrorKind, ManualClock, SystemRandom};

    use super::*;

    #[test]
    fn is_good_for_thirty_minutes_and_its_own_token_only() {
        let (clock, link) = (ManualClock::default(), FirstAdmin::default());
        assert_eq!(link.check("", &clock).unwrap_err().kind(), ErrorKind::Gone);
        let path = link.open(&clock, &SystemRandom);
        let token = path.strip_prefix("/setup/").unwrap();
        assert_eq!(token.strip_prefix(SETUP_TOKEN).map(str::len), Some(43));
        assert_eq!(link.check("guess", &clock).unwrap_err().kind(), ErrorKind::NotFound);
        clock.advance(LIFETIME - Duration::from_secs(1));
        assert!(link.check(token, &clock).is_ok());
        clock.advance(Duration::from_secs(1));
        assert_eq!(link.check(token, &clock).unwrap_err().kind(), ErrorKind::Gone);
    }

    #[test]
    fn its_token_is_never_printed() {
        let link = FirstAdmin::default();
        let path = link.open(&ManualClock::default(), &SystemRandom);
        assert!(!format!("{link:?}").contains(path.strip_prefix("/setup/").unwrap()));
    }
}
