//! Small databases of countries in MaxMind's format (version 2.0 of its specification), as bytes.
//!
//! ```
//! use palisade_testkit::mmdb::Mmdb;
//!
//! let bytes = Mmdb::ipv6().country("203.0.113.0/24", "DE").country("2001:db8::/32", "FR").build();
//! assert!(bytes.windows(11).any(|window| window == b"MaxMind.com"));
//! ```

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test that describes no database has failed")]

use std::net::IpAddr;

/// Between the tree and the data.
const SEPARATOR: [u8; 16] = [0; 16];
/// Before the metadata.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// A database that is being written. A later network overrides what an earlier one says of its addresses.
#[derive(Debug, Clone)]
pub struct Mmdb {
    ip_version: u16,
    description: bool,
    nodes: Vec<[Child; 2]>,
    data: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Child {
    Nothing,
    Node(usize),
    Record(usize),
}

impl Mmdb {
    /// A database of IPv6 addresses, in which IPv4 addresses stand under `::/96`.
    #[must_use]
    pub fn ipv6() -> Self {
        Self { ip_version: 6, description: true, nodes: vec![[Child::Nothing; 2]], data: Vec::new() }
    }

    /// A database of IPv4 addresses alone.
    #[must_use]
    pub fn ipv4() -> Self {
        Self { ip_version: 4, ..Self::ipv6() }
    }

    /// The same without a description, as some programs write it.
    #[must_use]
    pub fn undescribed(self) -> Self {
        Self { description: false, ..self }
    }

    /// The same, in which a network such as `203.0.113.0/24` is in this country.
    #[must_use]
    pub fn country(self, network: &str, code: &str) -> Self {
        let mut record = map(1);
        record.extend(text("country"));
        record.extend(map(1));
        record.extend(text("iso_code"));
        record.extend(text(code));
        self.record(network, &record)
    }

    /// The same, in which a network is known and its country is not.
    #[must_use]
    pub fn nowhere(self, network: &str) -> Self {
        let mut record = map(1);
        record.extend(text("autonomous_system_number"));
        record.extend(number(6, 64_496));
        self.record(network, &record)
    }

    /// The bytes of the file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut file = Vec::new();
        for child in self.nodes.iter().flatten() {
            let value = match child {
                Child::Nothing => self.nodes.len(),
                Child::Node(index) => *index,
                Child::Record(offset) => self.nodes.len() + SEPARATOR.len() + offset,
            };
            // Records of 24 bits.
            file.extend(&(value as u32).to_be_bytes()[1..]);
        }
        file.extend(SEPARATOR);
        file.extend(&self.data);
        file.extend(MARKER);
        file.extend(self.metadata());
        file
    }

    fn record(mut self, network: &str, record: &[u8]) -> Self {
        let offset = self.data.len();
        self.data.extend(record);
        let bits = self.bits(network);
        let Some((last, path)) = bits.split_last() else { panic!("{network} is everything") };
        let mut node = 0;
        for bit in path {
            node = match self.nodes[node][*bit] {
                Child::Node(index) => index,
                before => {
                    self.nodes.push([before; 2]);
                    let index = self.nodes.len() - 1;
                    self.nodes[node][*bit] = Child::Node(index);
                    index
                }
            };
        }
        self.nodes[node][*last] = Child::Record(offset);
        self
    }

    /// The way through the tree to a network.
    fn bits(&self, network: &str) -> Vec<usize> {
        let parsed = network.split_once('/').and_then(|(address, length)| {
            Some((address.parse::<IpAddr>().ok()?, length.parse::<usize>().ok()?))
        });
        let Some((address, length)) = parsed else { panic!("{network} is no network") };
        let (octets, length) = match (address, self.ip_version) {
            (IpAddr::V4(address), 4) => (address.octets().to_vec(), length),
            (IpAddr::V4(address), _) => ([&[0; 12], &address.octets()[..]].concat(), length + 96),
            (IpAddr::V6(address), 6) => (address.octets().to_vec(), length),
            _ => panic!("{network} is of another version"),
        };
        let bits = octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| usize::from(octet >> bit & 1)));
        bits.take(length).collect()
    }

    fn metadata(&self) -> Vec<u8> {
        let mut description = map(u8::from(self.description));
        if self.description {
            description.extend([text("en"), text("made by a test")].concat());
        }
        let fields: [(&str, Vec<u8>); 9] = [
            ("binary_format_major_version", number(5, 2)),
            ("binary_format_minor_version", number(5, 0)),
            ("build_epoch", number(9, 1_795_132_800)),
            ("database_type", text("Test-Country")),
            ("description", description),
            ("ip_version", number(5, u64::from(self.ip_version))),
            ("languages", head(11, 0)),
            ("node_count", number(6, self.nodes.len() as u64)),
            ("record_size", number(5, 24)),
        ];
        let mut bytes = map(9);
        for (name, value) in fields {
            bytes.extend(text(name));
            bytes.extend(value);
        }
        bytes
    }
}

/// The first bytes of a value: its type and its size.
fn head(kind: u8, size: u8) -> Vec<u8> {
    assert!(size < 29, "longer values are not needed");
    if kind < 8 { vec![kind << 5 | size] } else { vec![size, kind - 7] }
}

fn map(entries: u8) -> Vec<u8> {
    head(7, entries)
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = head(2, text.len() as u8);
    bytes.extend(text.as_bytes());
    bytes
}

/// A whole number without its leading zeros.
fn number(kind: u8, value: u64) -> Vec<u8> {
    let bytes: Vec<u8> = value.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [head(kind, bytes.len() as u8), bytes].concat()
}
