//! Setting and verifying passwords.

use std::{io, sync::Arc, time::Instant};

use palisade_core::Secret;

use palisade_telemetry::{metrics::Telemetry, trace_span};
use tracing::Instrument as _;

use super::{
    HashError, Hasher, PasswordHash, Policy,
    normal::normalized,
    pool::{HashingPool, Purpose},
};
use crate::{Error, Settings, metrics::HashingMetrics};

/// Sets and verifies passwords on threads of their own. Sign-ins are served ahead of new passwords, which wait in a
/// queue of their own. Clones share the threads, which end with the last.
#[derive(Clone)]
pub struct Passwords {
    pool: Arc<HashingPool>,
    hasher: Arc<dyn Hasher>,
    decoy: PasswordHash,
    policy: Policy,
    metrics: HashingMetrics,
}

impl Passwords {
    /// Starts one hashing thread per core, measured by `telemetry`.
    ///
    /// # Errors
    /// When the system gives no thread or the hasher makes no decoy.
    pub fn start(
        settings: &Settings,
        hasher: Arc<dyn Hasher>,
        telemetry: &Arc<dyn Telemetry>,
    ) -> io::Result<Self> {
        let pool = Arc::new(HashingPool::start(settings.hash_queue_limit.into())?);
        let metrics = HashingMetrics::new(telemetry);
        let (queue, measured) = (metrics.queue.with([]), Arc::clone(&pool));
        telemetry.before_reading(Box::new(move || queue.set_count(measured.waiting())));
        Ok(Self {
            pool,
            decoy: hasher.decoy().map_err(io::Error::other)?,
            policy: Policy::new(settings.password_min_length),
            hasher,
            metrics,
        })
    }

    /// The hash of a new password of someone known by the `personal` texts (e-mail, username, name).
    ///
    /// # Errors
    /// 422 at `/password` when it breaks the [`Policy`], 503 when too many wait.
    pub async fn set(&self, password: Secret, personal: &[&str]) -> palisade_core::Result<PasswordHash> {
        self.set_at("password", password, personal).await
    }

    /// The same for a password that came in the member `field`.
    ///
    /// # Errors
    /// 422 at that member when it breaks the [`Policy`], 503 when too many wait.
    pub async fn set_at(
        &self,
        field: &str,
        password: Secret,
        personal: &[&str],
    ) -> palisade_core::Result<PasswordHash> {
        let (policy, hasher) = (self.policy, Arc::clone(&self.hasher));
        // Before it waits: a queue of endless passwords would fill the memory.
        policy.check_length(password.expose()).map_err(|broken| broken.at(field))?;
        let password = normalized(&password);
        let personal: Vec<String> = personal.iter().map(|text| (*text).to_owned()).collect();
        let work = move || match policy.check(password.expose(), &personal) {
            Ok(()) => Ok(hasher.hash(password.expose())),
            Err(broken) => Err(broken),
        };
        let hashed =
            self.timed("hash", Purpose::NewPassword, work).await?.map_err(|broken| broken.at(field))?;
        Ok(hashed.map_err(|error| Error::Internal(error.into()))?)
    }

    /// Whether `password` is the one that was hashed, in whichever Unicode normalisation form it is shown. Without a hash
    /// the answer is `false` and takes as long, so that time does not tell whether there is an account. A password over
    /// the longest length is refused without being hashed, whoever's it is.
    ///
    /// # Errors
    /// 503 when too many wait, 500 when the stored hash cannot be read.
    pub async fn verify(&self, password: Secret, hash: Option<&PasswordHash>) -> palisade_core::Result<bool> {
        if Policy::is_too_long(password.expose()) {
            return Ok(false);
        }
        let known = hash.is_some();
        let (hasher, hash) = (Arc::clone(&self.hasher), hash.unwrap_or(&self.decoy).clone());
        let normal = normalized(&password);
        let work = move || -> Result<bool, HashError> {
            // Passwords that were set before they were normalised are hashed as they were typed.
            let as_typed = normal.expose() != password.expose();
            Ok(hasher.verify(normal.expose(), &hash)?
                || (as_typed && hasher.verify(password.expose(), &hash)?))
        };
        let verified = self.timed("verify", Purpose::SignIn, work).await?;
        Ok(known & verified.map_err(|error| Error::Internal(error.into()))?)
    }

    /// Whether two passwords are one, however their letters were typed.
    pub(crate) fn are_one(&self, one: &Secret, other: &Secret) -> bool {
        normalized(one).expose() == normalized(other).expose()
    }

    async fn timed<T: Send + 'static>(
        &self,
        operation: &str,
        purpose: Purpose,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let span = trace_span!("password", operation);
        let result = self.pool.run(purpose, work).instrument(span).await;
        self.metrics.took(operation, begun.elapsed());
        result
    }

    /// A new hash of a password that was just verified, without judging it anew; `None` when the present
    /// hash has the present cost.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub(crate) async fn rehash(
        &self,
        password: Secret,
        present: &PasswordHash,
    ) -> Result<Option<PasswordHash>, Error> {
        if !self.hasher.needs_rehash(present) {
            return Ok(None);
        }
        let (hasher, password) = (Arc::clone(&self.hasher), normalized(&password));
        // A sign-in waits for this one.
        let hashed = self.timed("hash", Purpose::SignIn, move || hasher.hash(password.expose())).await?;
        hashed.map(Some).map_err(|error| Error::Internal(error.into()))
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passwords").field("pool", &self.pool).field("policy", &self.policy).finish()
    }
}
