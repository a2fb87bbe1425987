//! A database file that has been read whole and looked through.

use std::{collections::HashSet, io, net::IpAddr, path::Path};

use maxminddb::{MaxMindDbError, PathElement, Reader, WithinOptions};

use super::Country;

/// Where a record has its country's code. Not `registered_country`, which is where the owner of the network is.
const CODE: [PathElement<'_>; 2] = [PathElement::Key("country"), PathElement::Key("iso_code")];

/// Why a file is no database of countries.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("is damaged or no MaxMind database: {0}")]
    Malformed(#[from] MaxMindDbError),
    #[error("is damaged: its search tree runs in a circle")]
    Circular,
    #[error("is a MaxMind database without countries ({0})")]
    NoCountries(String),
}

/// A database in memory. It is not mapped from the file: whoever truncates a mapped file kills the process.
#[derive(Debug)]
pub(super) struct Countries(Reader<Vec<u8>>);

impl Countries {
    /// Reads the file and makes sure that each look-up in it will work. It blocks.
    pub(super) fn read(path: &Path) -> Result<Self, Damage> {
        let countries = Self(Reader::from_source(std::fs::read(path)?)?);
        countries.verify()?;
        Ok(countries)
    }

    /// Goes through the whole tree and reads each record. The crate's own `verify` is stricter: it refuses
    /// databases without a description too, which some programs that write them leave out.
    fn verify(&self) -> Result<(), Damage> {
        // A tree of n nodes has n + 1 leaves; one that has been damaged may lead back into itself.
        let most = u64::from(self.0.metadata().node_count) + 1;
        let mut leaves = 0_u64;
        let mut seen = HashSet::new();
        let mut countries = false;
        for network in self.0.networks(WithinOptions::default().include_networks_without_data())? {
            let network = network?;
            leaves += 1;
            if leaves > most {
                return Err(Damage::Circular);
            }
            if network.offset().is_some_and(|offset| seen.insert(offset)) {
                countries |=
                    network.decode_path::<&str>(&CODE)?.is_some_and(|code| Country::named(code).is_some());
            }
        }
        match countries {
            true => Ok(()),
            false => Err(Damage::NoCountries(self.0.metadata().database_type.clone())),
        }
    }

    /// The country that the address is in, if that is known. An IPv4 database knows no IPv6 address.
    pub(super) fn find(&self, address: IpAddr) -> Option<Country> {
        let found = self.0.lookup(address.to_canonical()).ok()?;
        Country::named(found.decode_path::<&str>(&CODE).ok()??)
    }

    /// When the database was made, in seconds since 1970.
    pub(super) fn built_at(&self) -> u64 {
        self.0.metadata().build_epoch
    }

    /// What the database calls itself.
    pub(super) fn kind(&self) -> &str {
        &self.0.metadata().database_type
    }
}
