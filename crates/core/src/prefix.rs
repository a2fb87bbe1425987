//! How the secrets that Palisade issues begin.
//!
//! A secret that leaves the process as text begins with one of these, so that our own masking and scanners for leaked
//! secrets recognise it wherever it stands. Whoever adds a kind of secret adds its prefix to [`ALL`]; a test fails
//! when code defines one that is missing here.
//!
//! ```
//! use palisade_core::prefix;
//!
//! assert!(prefix::ALL.contains(&prefix::REFRESH_TOKEN));
//! ```

/// Refresh tokens.
pub const REFRESH_TOKEN: &str = "prt_";

/// API keys.
pub const API_KEY: &str = "plsd_";

/// The token of the link that makes the first administrator.
pub const SETUP_TOKEN: &str = "plst_";

/// Secrets that webhooks are signed with, as Standard Webhooks writes them.
pub const WEBHOOK_SECRET: &str = "whsec_";

/// Each of them.
pub const ALL: [&str; 4] = [REFRESH_TOKEN, API_KEY, SETUP_TOKEN, WEBHOOK_SECRET];
