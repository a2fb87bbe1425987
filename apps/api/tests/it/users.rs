//! Who exists, and who may see and change whom.

mod access;
mod changes;
mod first_admin;
mod listing;
mod races;
mod removal;
