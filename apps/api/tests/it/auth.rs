//! Who is calling: signing in, sessions, tokens.

mod forgeries;
mod password;
mod refresh;
mod sessions;
mod sign_in;
