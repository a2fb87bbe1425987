//! The settings of the edge: one file for each section.

#[cfg(feature = "compression")]
mod compression;
mod errors;
mod management;
mod server;

#[cfg(feature = "compression")]
pub use compression::CompressionSettings;
pub use errors::ErrorsSettings;
pub use management::ManagementSettings;
pub use server::ServerSettings;
