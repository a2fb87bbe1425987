//! Each special range, at its edges and within, plain and embedded.

use ipnet::IpNet;
use proptest::prelude::*;

use super::*;

/// IANA's registry for IPv4, written down once more, from the registry and not from the table.
const SPECIAL_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
];

const SPECIAL_V6: &[&str] = &[
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

fn within(networks: &'static [&'static str]) -> impl Strategy<Value = IpAddr> {
    let networks: Vec<IpNet> = networks.iter().map(|text| text.parse().unwrap()).collect();
    (prop::sample::select(networks), any::<u128>()).prop_map(|(network, random)| inside(network, random))
}

fn inside(network: IpNet, random: u128) -> IpAddr {
    match network {
        IpNet::V4(network) => {
            let host = random as u32 & u32::from(network.hostmask());
            IpAddr::V4((u32::from(network.network()) | host).into())
        }
        IpNet::V6(network) => {
            let host = random & u128::from(network.hostmask());
            IpAddr::V6((u128::from(network.network()) | host).into())
        }
    }
}

/// The IPv6 addresses that may lead to an IPv4 address.
fn embeddings(address: Ipv4Addr) -> Vec<Ipv6Addr> {
    let low = u128::from(u32::from(address));
    let with = |prefix: &str| u128::from(prefix.parse::<Ipv6Addr>().unwrap());
    let bits = [
        low,
        with("::ffff:0:0") | low,
        with("::ffff:0:0:0") | low,
        with("64:ff9b::") | low,
        with("64:ff9b:1::") | low,
        with("2002::") | low << 80,
        // Teredo: the server in bits 32 to 63, the client inverted at the end.
        with("2001::") | low << 64,
        with("2001::") | (low ^ 0xffff_ffff),
        with("2a00:1450::5efe:0:0") | low,
        with("2a00:1450::200:5efe:0:0") | low,
    ];
    bits.into_iter().map(Ipv6Addr::from).collect()
}

proptest! {
    #[test]
    fn each_special_ipv4_address_is_set_aside_however_it_is_written(address in within(SPECIAL_V4)) {
        prop_assert!(set_aside(address).is_some(), "{address}");
        let IpAddr::V4(address) = address else { panic!("{address} is not of IPv4") };
        for embedded in embeddings(address) {
            prop_assert!(set_aside(embedded.into()).is_some(), "{embedded}");
        }
    }

    #[test]
    fn each_special_ipv6_address_is_set_aside(address in within(SPECIAL_V6)) {
        prop_assert!(set_aside(address).is_some(), "{address}");
    }

    #[test]
    fn an_ipv4_address_outside_of_the_ranges_is_public(random in any::<u32>()) {
        let address = Ipv4Addr::from(random);
        let special = SPECIAL_V4.iter().any(|text| text.parse::<Ipv4Net>().unwrap().contains(&address));
        let azure = address == Ipv4Addr::new(168, 63, 129, 16);
        prop_assert_eq!(set_aside(address.into()).is_some(), special || azure);
        // A network of IPv6 alone reaches the public IPv4.
        let nat64 = Ipv6Addr::from(u128::from("64:ff9b::".parse::<Ipv6Addr>().unwrap()) | u128::from(random));
        prop_assert_eq!(set_aside(nat64.into()).is_some(), special || azure);
    }

    #[test]
    fn of_ipv6_only_global_unicast_and_nat64_can_be_public(random in any::<u128>()) {
        let address = Ipv6Addr::from(random);
        if set_aside(address.into()).is_none() {
            prop_assert!(address.segments()[0] >> 13 == 1 || NAT64.contains(&address));
        }
    }
}

#[test]
fn each_range_is_set_aside_from_its_first_address_to_its_last() {
    for text in SPECIAL_V4.iter().chain(SPECIAL_V6) {
        let network: IpNet = text.parse().unwrap();
        for address in [network.network(), network.broadcast()] {
            assert!(set_aside(address).is_some(), "{address} of {text}");
        }
    }
}

#[test]
fn servers_of_the_public_internet_are_not_set_aside() {
    for text in [
        "8.8.8.8",
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::",
        "2606:4700:4700::1111",
        "2a00:1450:4001:82a::200e",
        "2001:4860:4860::8888",
        "64:ff9b::8.8.8.8",
    ] {
        assert_eq!(set_aside(text.parse().unwrap()), None, "{text}");
    }
}

#[test]
fn the_metadata_services_of_the_clouds_are_set_aside() {
    for text in [
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::a9fe:a9fe",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ] {
        assert!(set_aside(text.parse().unwrap()).is_some(), "{text}");
    }
}
