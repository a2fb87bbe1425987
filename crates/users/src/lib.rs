//! Who exists: users, their names, roles and status. It is also the model domain crate: a new domain is a copy
//! of it, and the recipe below says how.
//!
//! [`Users`] holds the rules, [`UserStore`] keeps the users (in memory or in SQLite, PostgreSQL or MySQL), and
//! [`UserIdentities`] tells `palisade-auth` who may sign in.
//!
//! ```
//! # use std::sync::Arc;
//! # use palisade_auth::{Argon2Hasher, Auth, KeySet, MemorySessionStore, Passwords, Permissions, Settings, SigningKey};
//! # use palisade_core::{Ids, Role, input, Secret, SystemClock, SystemRandom};
//! # use palisade_events::Units;
//! # use palisade_telemetry::metrics::Off;
//! # use palisade_users::{MemoryUserStore, Registration, UserCache, UserIdentities, Users, UsersParts};
//! # fn auth(identities: UserIdentities, passwords: Passwords) -> Auth {
//! #     Auth::new(palisade_auth::AuthParts {
//! #         settings: Settings::default(),
//! #         keys: KeySet::new(SigningKey::hs256(&Secret::new("k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue")).unwrap()),
//! #         identities: Arc::new(identities),
//! #         sessions: Arc::new(MemorySessionStore::default()),
//! #         passwords,
//! #         permissions: Permissions::default(),
//! #         units: Units::in_memory(),
//! #         clock: Arc::new(SystemClock),
//! #         random: Arc::new(SystemRandom),
//! #         telemetry: Off::shared(),
//! #     })
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(MemoryUserStore::default());
//! let hasher = Arc::new(Argon2Hasher::new(Arc::new(SystemRandom)));
//! let passwords = Passwords::start(&Settings::default(), hasher, &Off::shared())?;
//! let users = Users::new(UsersParts {
//!     auth: auth(UserIdentities::new(store.clone()), passwords.clone()),
//!     store,
//!     cache: UserCache::off(),
//!     passwords,
//!     registration: Registration::Open,
//!     units: Units::in_memory(),
//!     ids: Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom)),
//!     clock: Arc::new(SystemClock),
//!     telemetry: Off::shared(),
//! });
//! let body = r#"{"email": "Ann@Example.com", "username": "ann", "password": "seven green herons wade"}"#;
//! let ann = users.register(input::read(&serde_json::from_str(body)?)?).await?;
//! assert_eq!(ann.email.as_str(), "ann@example.com");
//! assert_eq!(ann.roles, [Role::user()].into());
//! # Ok(())
//! # }
//! ```
//!
//! What it deliberately does not do: sign anyone in (that is `palisade-auth`), send mail, prove that an address
//! belongs to who gives it, or know a framework or a database outside the features `http` and `sql`.
//!
//! # How to add a domain
//!
//! The steps make a domain `books` out of this one, in the order of its dependencies: each uses only what the steps
//! before it made.
//!
//! 1. **The crate.** Copy `crates/users` to `crates/books`. In its `Cargo.toml` the package is `palisade-books`;
//!    `palisade-auth` stays only for its layer and caller extractor (feature `http`). Name the crate in the
//!    `[workspace.dependencies]` of the root manifest. `src/identities.rs` is what sign-in needs of users: drop it.
//! 2. **The types**, `src/user.rs` and its folder: one struct, and a type for each field that has a rule. Implement
//!    `palisade_core::Parse` for it, name the standard the rule is from, and hold it with a property test. Limits
//!    count code points; they are constants, of which `palisade_core::text_schema!` makes the API document.
//!    `palisade_core::parsed!` makes its `Deserialize`, so that what comes from outside is parsed.
//! 3. **The errors**, `src/error.rs`: at most eight facts in the domain's words, each with its row of the catalogue
//!    and its dotted reason in `REASONS`.
//! 4. **What callers ask for**, `src/input.rs`: a body per request, with `Deserialize`, `Validate` and `ToSchema`. A
//!    field that is not in it cannot be set. Its example in the API document can be sent as it is.
//! 5. **Lists**, `src/listing.rs` and its folder: filters, orders (each with an index), and the position a cursor
//!    stands for. The key in a cursor is parsed like any other text from outside.
//! 6. **The tables**, `migrations/sqlite/`, `migrations/postgres/` and `migrations/mysql/`: one file in each, with
//!    the same name `{YYYYMMDDhhmmss}_{what}.sql`, listed in `MIGRATIONS`. Ids are UUIDs made here, times whole
//!    microseconds in UTC, text compares by bytes, and a unique constraint is named `{table}_{column}_key`, by which
//!    the store knows which fact its violation is. A file that was released is never changed again.
//! 7. **The store**, `src/store.rs`: the trait, whose writes take a unit of work, each doc saying which errors it promises. Then
//!    `src/store/memory.rs`, and `src/store/sql.rs` with its folder: sea-query statements, one for all dialects.
//! 8. **The suite**, `src/conformance.rs` and its folder: a claim for each promise of the trait, races included.
//!    `tests/it/stores.rs` runs it on memory and on all three databases.
//! 9. **What is kept at hand**, `src/cache.rs`: what is read often and changed seldom, without what only some may see.
//!    Who may see it is decided before; each write announces itself before the store and says afterwards how it ended.
//! 10. **The rules**, `src/service.rs` and its folder: a struct made of its collaborators. A method takes the caller
//!     if the rule depends on who asks. A write is decided in its unit of work, in which the caller and the thing are read
//!     and stay as they are: no update is lost, and nobody acts with a right that was taken away. What has happened is
//!     recorded there as an event, `src/events.rs`, of which others hear, and of which `src/subscribers.rs` hears itself: `src/audit.rs` tells the log. What is done is measured: `src/metrics.rs` declares it, once, and the service counts it.
//! 11. **The routes**, `src/routes.rs` and its folder (feature `http`): extract, call, answer. All domains share the
//!     names of schemas and of operations: `BookStatus`, not `Status`. The `security` in
//!     `#[utoipa::path]` is what the server enforces; a route without it is closed. The first line of a handler's
//!     documentation is its name in the documents, what follows a blank line its description. A page of a list gets a
//!     name by an alias, and the group of the routes its purpose in `TAGS`. Fixed paths such as `/users/me`
//!     are registered before `/users/{id}`.
//! 12. **What a server takes**, `src/domain.rs` (feature `domain`): one value with the routes, their groups, the
//!     migrations, the reasons, the permissions and the services; `src/settings.rs` is its settings section,
//!     `src/command.rs` its command. The program names the value in its `main`.
//! 13. **The proof.** `tests/it/recipe.rs` holds these steps against the crate, the house tests in
//!     `crates/testkit/tests/house.rs` hold the rest. Then write the generated documents anew with `just generate`.

mod audit;
mod cache;
#[cfg(feature = "domain")]
mod command;
#[cfg(feature = "domain")]
mod domain;
mod error;
mod events;
mod identities;
mod input;
mod listing;
mod metrics;
#[cfg(feature = "http")]
mod routes;
mod service;
#[cfg(feature = "domain")]
mod settings;
mod store;
mod subscribers;
mod user;

#[cfg(feature = "testing")]
pub mod conformance;

pub use cache::UserCache;
#[cfg(feature = "domain")]
pub use domain::domain;
pub use error::{Error, REASONS, Result};
pub use events::{Change, Origin, UserCreated, UserDeleted, UserDisabled, UserUpdated};
pub use identities::UserIdentities;
pub use input::{NewUser, Roles, SignUp, UserChange};
pub use listing::{Direction, Filter, ListUsers, Listing, Position, SearchText, Sort, SortBy, SortKey};
#[cfg(feature = "domain")]
pub use routes::first_admin::FIRST_ADMIN;
pub use service::{Found, READ, Registration, Users, UsersParts, WRITE};
#[cfg(feature = "domain")]
pub use settings::Settings;
#[cfg(feature = "sql")]
pub use store::{MIGRATIONS, SqlUserStore};
pub use store::{MemoryUserStore, Replacing, UserStore};
pub use subscribers::subscribe;
pub use user::{Account, Email, Login, Name, Status, User, Username, Version};

/// What an actix-web server mounts: the routes under `/users`, and `/auth/register`.
#[cfg(feature = "http")]
pub mod http {
    pub use crate::routes::{TAGS, configure};
}
