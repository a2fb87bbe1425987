//! The settings of the edge: one file for each section.

mod errors;
mod management;
mod server;

pub use errors::ErrorsSettings;
pub use management::ManagementSettings;
pub use server::ServerSettings;
