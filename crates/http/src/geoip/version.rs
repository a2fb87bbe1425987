//! Telling one version of a file from another without reading it.

use std::{fs::Metadata, io, time::SystemTime};

/// A version of a file, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version(Option<Facts>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Facts {
    length: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Version {
    pub(super) fn of(metadata: io::Result<Metadata>) -> Self {
        Self(metadata.ok().map(|metadata| Facts {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            inode: inode(&metadata),
        }))
    }
}

/// A file that is moved into place may have the length and the time of the one before.
#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
