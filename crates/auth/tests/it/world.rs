//! A service over memory, with a clock that is turned by hand and a hasher that counts.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use palisade_auth::{
    Argon2Hasher, Auth, AuthParts, ClientInfo, HashError, Hasher, Identities, Identity, KeySet,
    MemorySessionStore, PasswordHash, Passwords, Permissions, Settings, SigningKey, Tokens,
};
use palisade_core::{ErrorKind, Ids, ManualClock, Result, Role, Secret, SystemRandom, UserId};
use palisade_events::{Subscriptions, UnitOfWork, Units};
use palisade_telemetry::metrics::Off;

pub(crate) const SECRET: &str = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue";
pub(crate) const PASSWORD: &str = "seven green herons wade";
pub(crate) const NEW_PASSWORD: &str = "nine brown otters drift";

pub(crate) struct World {
    pub(crate) auth: Auth,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) users: Arc<Users>,
    pub(crate) hasher: Arc<CountingHasher>,
    pub(crate) units: Units,
    pub(crate) ann: UserId,
}

impl World {
    /// A world in which `ann` has signed up with [`PASSWORD`].
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let hasher = Arc::new(CountingHasher::costing(8));
        let (clock, users) = (Arc::new(ManualClock::default()), Arc::new(Users::default()));
        let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
        let ann = ids.id();
        users.insert(identity(ann, "ann", hasher.argon2.hash(PASSWORD).unwrap()));
        let units = Units::in_memory();
        let auth = Auth::new(AuthParts {
            keys: KeySet::new(SigningKey::hs256(&Secret::new(SECRET)).unwrap()),
            identities: users.clone(),
            sessions: Arc::new(MemorySessionStore::default()),
            passwords: Passwords::start(&settings, hasher.clone(), &Off::shared()).unwrap(),
            permissions: Permissions::default(),
            units: units.clone(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            telemetry: Off::shared(),
            settings,
        });
        units.subscribe(palisade_auth::subscribe(Subscriptions::default(), &auth));
        Self { auth, clock, users, hasher, units, ann }
    }

    pub(crate) async fn login(&self) -> Tokens {
        self.try_login("ann", PASSWORD).await.unwrap()
    }

    pub(crate) async fn try_login(&self, login: &str, password: &str) -> Result<Tokens> {
        self.auth.login(login, Secret::new(password), ClientInfo::default()).await
    }

    /// What a request with this pair's access token would meet: the status of its refusal, if any.
    pub(crate) async fn refusal(&self, tokens: &Tokens) -> Option<u16> {
        self.auth.authenticate(tokens.access_token.expose()).await.err().map(|error| error.status())
    }

    pub(crate) fn advance_seconds(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
    }
}

pub(crate) fn identity(user_id: UserId, name: &str, hash: PasswordHash) -> Identity {
    Identity {
        name: None,
        user_id,
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        roles: [Role::user()].into(),
        active: true,
        password_hash: Some(hash),
    }
}

/// Users in memory, that can be lost like a database.
#[derive(Default)]
pub(crate) struct Users {
    rows: Mutex<HashMap<UserId, Identity>>,
    pub(crate) lost: AtomicBool,
    pub(crate) look_ups: AtomicUsize,
    /// While a test holds it, an answer that has been read is on its way.
    pub(crate) on_its_way: tokio::sync::Mutex<()>,
}

impl Users {
    pub(crate) fn insert(&self, identity: Identity) {
        self.rows.lock().unwrap().insert(identity.user_id, identity);
    }

    pub(crate) fn change(&self, user_id: UserId, change: impl FnOnce(&mut Identity)) {
        change(self.rows.lock().unwrap().get_mut(&user_id).unwrap());
    }

    pub(crate) fn hash_of(&self, user_id: UserId) -> PasswordHash {
        self.rows.lock().unwrap()[&user_id].password_hash.clone().unwrap()
    }

    fn reachable(&self) -> Result<()> {
        match self.lost.load(Ordering::SeqCst) {
            true => Err(ErrorKind::ServiceUnavailable.into()),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Identities for Users {
    async fn find(&self, user_id: UserId) -> Result<Option<Identity>> {
        self.reachable()?;
        self.look_ups.fetch_add(1, Ordering::SeqCst);
        let found = self.rows.lock().unwrap().get(&user_id).cloned();
        let _arrived = self.on_its_way.lock().await;
        Ok(found)
    }

    async fn find_by_login(&self, login: &str) -> Result<Option<Identity>> {
        self.reachable()?;
        let rows = self.rows.lock().unwrap();
        Ok(rows.values().find(|row| row.username == login || row.email == login).cloned())
    }

    async fn set_password_hash(&self, _: &mut UnitOfWork, user_id: UserId, hash: PasswordHash) -> Result<()> {
        self.reachable()?;
        self.change(user_id, |identity| identity.password_hash = Some(hash));
        Ok(())
    }

    async fn replace_password_hash(
        &self,
        _: &mut UnitOfWork,
        user_id: UserId,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<bool> {
        self.reachable()?;
        let mut rows = self.rows.lock().unwrap();
        let holder = rows.get_mut(&user_id).filter(|identity| identity.password_hash.as_ref() == Some(old));
        Ok(holder.map(|identity| identity.password_hash = Some(new)).is_some())
    }
}

/// Argon2 at a cost a test can bear, which counts how often it verifies.
pub(crate) struct CountingHasher {
    pub(crate) argon2: Argon2Hasher,
    pub(crate) verified: AtomicUsize,
    /// While it is set, no verification comes to its end.
    pub(crate) computing: AtomicBool,
}

impl CountingHasher {
    fn costing(memory_kib: u32) -> Self {
        let argon2 = Argon2Hasher::with_cost(memory_kib, 1, Arc::new(SystemRandom)).unwrap();
        Self { argon2, verified: AtomicUsize::new(0), computing: AtomicBool::new(false) }
    }

    /// How often it has verified since it was last asked.
    pub(crate) fn taken(&self) -> usize {
        self.verified.swap(0, Ordering::SeqCst)
    }
}

impl Hasher for CountingHasher {
    fn hash(&self, password: &str) -> Result<PasswordHash, HashError> {
        self.argon2.hash(password)
    }

    fn verify(&self, password: &str, hash: &PasswordHash) -> Result<bool, HashError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        while self.computing.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        assert!(!self.argon2.needs_rehash(hash) || hash.as_phc().contains("m=16"), "each costs the same");
        self.argon2.verify(password, hash)
    }

    fn needs_rehash(&self, hash: &PasswordHash) -> bool {
        self.argon2.needs_rehash(hash)
    }

    fn decoy(&self) -> Result<PasswordHash, HashError> {
        self.argon2.decoy()
    }
}

/// Polls a future once: what it gives, or `None` while it waits.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}
