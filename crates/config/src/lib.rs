//! Layered, typed settings. Every problem is found in one run and named with its origin, and the documents are
//! generated from the same structs.
//!
//! ```
//! use palisade_config::{Capture, Problems, Rules, Sources, load};
//! use palisade_core::{Environment, Secret};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
//! #[serde(default, deny_unknown_fields)]
//! struct AppSettings {
//!     /// The listener.
//!     server: ServerSettings,
//! }
//!
//! #[derive(Debug, Serialize, Deserialize, JsonSchema)]
//! #[serde(default, deny_unknown_fields)]
//! struct ServerSettings {
//!     /// The port to listen on; 0 picks a free one.
//!     #[schemars(extend("x-env-aliases" = ["PORT"]))]
//!     port: u16,
//!     /// The key that callers show.
//!     api_key: Option<Secret>,
//! }
//!
//! impl Default for ServerSettings {
//!     fn default() -> Self {
//!         Self { port: 8000, api_key: None }
//!     }
//! }
//!
//! impl Rules for AppSettings {
//!     fn check(&self, environment: Environment, problems: &mut Problems) {
//!         if environment.is_production() && self.server.api_key.is_none() {
//!             problems.reject("server.api_key", "must be set in production");
//!         }
//!     }
//! }
//!
//! // A program takes `Capture::from_process()` and adds `.in_directory(".")` for the files.
//! let sources = Sources::new(Capture::new([("PORT", "9000"), ("HOME", "/root")]));
//! let loaded = load::<AppSettings>(&sources).unwrap();
//! assert_eq!(loaded.settings.server.port, 9000);
//! assert_eq!(loaded.notes, ["PORT is read as SERVER_PORT"]);
//!
//! let sources = Sources::new(Capture::new([("SERVER_PORT", "eighty"), ("SERVER_API_KYE", "x")]));
//! let report = load::<AppSettings>(&sources).unwrap_err();
//! assert_eq!(report.problems().len(), 2);
//! assert!(report.to_string().contains("did you mean SERVER_API_KEY?"));
//! ```
//!
//! # Layers
//! The struct's own defaults < `palisade.toml` < `palisade.{environment}.toml` < `.env` < environment < command
//! line. `app.environment` decides which of the second kind of file is read.
//!
//! # How a field is described
//! Doc comments become the documentation, `#[serde(default)]` on the struct gives the defaults,
//! [`Secret`](palisade_core::Secret) makes a secret: never shown, and also accepted as `NAME_FILE`. In
//! `#[schemars(extend(…))]` these words add what types cannot say:
//!
//! | word | meaning |
//! |---|---|
//! | `x-env-aliases` | other variables, see [`Alias`]. Beside the setting's own variable they do not count |
//! | `x-env-name` | the variable, where it is not `SECTION_FIELD` |
//! | `x-default` | the default to document, for a secret type whose default may be told (a local database URL) |
//! | `x-default-by-environment` | in words, how the default depends on the environment |
//! | `x-env-standard` | of a section: its variables are a public standard, see [`Standard`] |
//! | `x-env-form`, `x-env-else` | of a setting of such a section: what a value must look like, see [`Form`], and what stands for one that this program does not know |
//! | `x-env-ours-alone` | of a section: variables that begin with its name and are no settings are named at start |
//!
//! A map of structs, best as [`Named`], is one table for each name that the operator chooses: of the field `providers` it
//! is `[providers.google]` and `PROVIDERS_GOOGLE_CLIENT_ID`.
//!
//! What it deliberately does not do: know any section, read the process environment by itself
//! ([`Capture::from_process`] does when asked), set variables, print, watch files.

pub mod docs;
pub mod redact;

mod capture;
mod coerce;
mod dotenv;
mod dump;
mod explain;
mod extract;
mod fingerprint;
mod layers;
mod layout;
mod load;
mod loaded;
mod named;
mod near;
mod origin;
mod problem;
mod report;
mod rules;
mod schema;
mod sections;
mod shown;
mod sources;

pub use capture::Capture;
pub use explain::{Explanation, TableExplanation};
pub use figment;
pub use layout::{Layout, SectionError};
pub use load::load;
pub use loaded::Loaded;
pub use named::Named;
pub use origin::Origin;
pub use problem::{Problem, Problems};
pub use report::Report;
pub use rules::Rules;
pub use schema::{Alias, Form, Items, Schema, Section, Setting, Standard, Unit, ValueKind};
pub use sections::{Section as SectionSettings, Sections};
pub use sources::Sources;
