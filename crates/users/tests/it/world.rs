//! The service over memory, with a clock that is turned by hand and passwords that are cheap to hash.

use std::sync::{Arc, Mutex};

use palisade_auth::{
    Argon2Hasher, Auth, ClientInfo, Hasher, KeySet, MemorySessionStore, Passwords, Permissions, Settings,
    SigningKey,
};
use palisade_core::{Ids, ManualClock, Parse, Principal, Role, Secret, SystemRandom, UserId, input};
use palisade_events::{Delivery, Subscriptions, Units};
use palisade_telemetry::metrics::Off;
use palisade_users::{
    ListUsers, MemoryUserStore, NewUser, Registration, SignUp, User, UserCache, UserChange, UserDeleted,
    UserIdentities, UserStore, Users, UsersParts,
};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "seven green herons wade";

/// Expects nothing of the user to be changed.
pub(crate) const ANY: fn(&User) -> bool = |_| true;

pub(crate) struct World {
    pub(crate) users: Users,
    pub(crate) auth: Auth,
    pub(crate) store: Arc<dyn UserStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) gone: Arc<Gone>,
}

/// Notes who is gone.
#[derive(Default)]
pub(crate) struct Gone(pub(crate) Mutex<Vec<UserId>>);

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Registration::Open, Arc::new(MemoryUserStore::default()))
    }

    pub(crate) fn with(registration: Registration, store: Arc<dyn UserStore>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let gone = Arc::<Gone>::default();
        let told = Arc::clone(&gone);
        let note = move |told_of: Delivery<UserDeleted>| {
            told.0.lock().unwrap().push(told_of.event.user_id);
            std::future::ready(Ok(()))
        };
        let units = Units::in_memory();
        units.subscribe(palisade_users::subscribe(
            Subscriptions::default().after_commit("test.gone", note),
            &UserCache::off(),
        ));
        let hasher: Arc<dyn Hasher> =
            Arc::new(Argon2Hasher::with_cost(8, 1, Arc::new(SystemRandom)).unwrap());
        let settings = Settings::default();
        let passwords = Passwords::start(&settings, hasher, &Off::shared()).unwrap();
        let secret = Secret::new("k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue");
        let auth = Auth::new(palisade_auth::AuthParts {
            keys: KeySet::new(SigningKey::hs256(&secret).unwrap()),
            identities: Arc::new(UserIdentities::new(store.clone())),
            sessions: Arc::new(MemorySessionStore::default()),
            passwords: passwords.clone(),
            permissions: Permissions::default().grant("clerk", ["users:read", "users:write"]),
            units: units.clone(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            telemetry: Off::shared(),
            settings,
        });
        let users = Users::new(UsersParts {
            store: store.clone(),
            cache: UserCache::off(),
            auth: auth.clone(),
            passwords,
            registration,
            units,
            ids: Ids::new(clock.clone(), Arc::new(SystemRandom)),
            clock: clock.clone(),
            telemetry: Off::shared(),
        });
        Self { users, auth, store, clock, gone }
    }

    /// Someone who signed up.
    pub(crate) async fn sign_up(&self, username: &str) -> User {
        self.users.register(sign_up(username)).await.unwrap()
    }

    /// Someone with these roles.
    pub(crate) async fn with_roles(&self, username: &str, roles: &[&str]) -> User {
        self.users.create_with_roles(new_user(username, json!({"roles": roles}))).await.unwrap()
    }

    /// Signs in as the user with [`PASSWORD`] and gives the access token.
    pub(crate) async fn token(&self, username: &str) -> palisade_core::Result<Secret> {
        let tokens = self.auth.login(username, Secret::new(PASSWORD), ClientInfo::default()).await?;
        Ok(tokens.access_token)
    }

    /// The caller that a request of this user would have.
    pub(crate) async fn caller(&self, user: &User) -> Principal {
        let token = self.token(user.username.as_str()).await.unwrap();
        self.auth.authenticate(token.expose()).await.unwrap()
    }

    pub(crate) async fn present(&self, id: UserId) -> User {
        self.store.find(id).await.unwrap().unwrap().user
    }

    pub(crate) async fn usernames(&self, query: &[(&str, &str)]) -> Vec<String> {
        let pairs = query.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let asked: ListUsers = input::read_pairs(pairs).unwrap();
        let page = self.users.list(asked).await.unwrap();
        page.items.iter().map(|user| user.username.to_string()).collect()
    }
}

pub(crate) fn sign_up(username: &str) -> SignUp {
    read(json!({"email": format!("{username}@example.com"), "username": username, "password": PASSWORD}))
}

pub(crate) fn new_user(username: &str, more: Value) -> NewUser {
    let mut body =
        json!({"email": format!("{username}@example.com"), "username": username, "password": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(body)
}

pub(crate) fn change(body: Value) -> UserChange {
    read(body)
}

pub(crate) fn roles(names: &[&str]) -> std::collections::BTreeSet<Role> {
    names.iter().map(|name| Role::parse(name).unwrap()).collect()
}

/// The kind's code and the reason of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(result: palisade_users::Result<T>) -> (u16, Option<String>) {
    let error = palisade_core::Error::from(result.unwrap_err());
    (error.status(), error.reason().map(str::to_owned))
}

pub(crate) fn refused(status: u16, reason: &str) -> (u16, Option<String>) {
    (status, Some(reason.to_owned()))
}

fn read<T: serde::de::DeserializeOwned + validator::Validate>(body: Value) -> T {
    input::read(&body).unwrap()
}
