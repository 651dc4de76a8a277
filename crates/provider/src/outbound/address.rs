//! Which addresses may be connected to: those of the public internet, and those the operator lists.
//!
//! Clients choose the URLs that are fetched for them. One that leads back into the operator's network would have
//! this server ask there on a stranger's behalf (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::Host;

/// IPv4 networks that are not the public internet (IANA's special-purpose registry, RFC 6890), and one address that
/// looks public and is not.
const SPECIAL_V4: [Ipv4Net; 17] = [
    v4([0, 0, 0, 0], 8),          // this network
    v4([10, 0, 0, 0], 8),         // private
    v4([100, 64, 0, 0], 10),      // carriers' shared addresses
    v4([127, 0, 0, 0], 8),        // loopback
    v4([168, 63, 129, 16], 32),   // the host of a virtual machine at Azure
    v4([169, 254, 0, 0], 16),     // link-local, and most clouds' metadata
    v4([172, 16, 0, 0], 12),      // private
    v4([192, 0, 0, 0], 24),       // protocol assignments
    v4([192, 0, 2, 0], 24),       // documentation
    v4([192, 88, 99, 0], 24),     // 6to4 relays
    v4([192, 168, 0, 0], 16),     // private
    v4([198, 18, 0, 0], 15),      // benchmarking
    v4([198, 51, 100, 0], 24),    // documentation
    v4([203, 0, 113, 0], 24),     // documentation
    v4([224, 0, 0, 0], 4),        // multicast
    v4([240, 0, 0, 0], 4),        // reserved
    v4([255, 255, 255, 255], 32), // broadcast
];

/// The only IPv6 addresses that are given out for the internet. What lies outside is loopback, unspecified,
/// IPv4-compatible, private (fc00::/7), link-local, site-local, multicast, or nobody's.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);
/// What is special in there.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0x0000], 23), // protocol assignments: Teredo, benchmarking, ORCHID
    v6([0x2001, 0x0db8], 32), // documentation
    v6([0x2002, 0x0000], 16), // 6to4: an IPv4 address, and through whichever relay
    v6([0x3fff, 0x0000], 20), // documentation
];
/// RFC 6052 §2.1: an IPv4 address follows, and that one is reached.
const NAT64: Ipv6Net = v6([0x0064, 0xff9b], 96);

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]), prefix)
}

const fn v6(begin: [u16; 2], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(begin[0], begin[1], 0, 0, 0, 0, 0, 0), prefix)
}

/// Whether an address belongs to the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match reached(address) {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|network| network.contains(&address))
        }
    }
}

/// The address that is in fact reached: an IPv4 one may be written inside an IPv6 one.
fn reached(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if NAT64.contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::from([a, b, c, d])
        }
        other => other.to_canonical(),
    }
}

/// What an operator lists in `outbound.allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// A network, or one address, that may be connected to under any name.
    Network(IpNet),
    /// A host name that may be connected to wherever it lies, in lower case.
    Host(String),
}

/// Neither a network nor a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a network like 10.1.0.0/16 nor an address nor a host name")]
pub struct NotListable(String);

impl FromStr for Listed {
    type Err = NotListable;

    fn from_str(text: &str) -> Result<Self, NotListable> {
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        if let Some(network) = network {
            return Ok(Self::Network(network.trunc()));
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) if !name.ends_with('.') && !name.contains('*') => Ok(Self::Host(name)),
            _ => Err(NotListable(text.to_owned())),
        }
    }
}

/// Whether the operator lists that name.
pub(super) fn lists_name(allow: &[Listed], name: &str) -> bool {
    allow.iter().any(|listed| matches!(listed, Listed::Host(host) if host == name))
}

/// Whether the operator lists a network with that address.
pub(super) fn lists_address(allow: &[Listed], address: IpAddr) -> bool {
    let address = reached(address);
    allow.iter().any(|listed| matches!(listed, Listed::Network(network) if network.contains(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap_or_else(|_| panic!("{text}")))
    }

    #[test]
    fn rfc6890_special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.0.0.53",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.255",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "254.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::127.0.0.1",
            "::10.0.0.1",
            "::ffff:0.0.0.0",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "::ffff:10.1.2.3",
            "::ffff:169.254.169.254",
            "::ffff:192.168.1.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "64:ff9b:1::10.0.0.1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.17",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2001:db7:ffff::1",
            "2003::1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "3ffe::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn a_network_an_address_or_a_name_is_listed() {
        let listed = |text: &str| text.parse::<Listed>();
        assert_eq!(listed("10.1.2.3/16"), Ok(Listed::Network("10.1.0.0/16".parse().unwrap())));
        assert_eq!(listed("127.0.0.1"), Ok(Listed::Network("127.0.0.1/32".parse().unwrap())));
        assert_eq!(listed("fd00::/8"), Ok(Listed::Network("fd00::/8".parse().unwrap())));
        assert_eq!(listed("App.Example.Internal"), Ok(Listed::Host("app.example.internal".into())));
        for text in [
            "",
            "10.1.0.0/33",
            "https://app.example",
            "app.example:443",
            "*.example",
            "app.example.",
            "0x7f.1",
            "a b",
        ] {
            assert!(listed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_listed_network_holds_its_addresses_in_every_spelling() {
        let allow = ["10.1.0.0/16".parse().unwrap(), "app.internal".parse().unwrap()];
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3"] {
            assert!(lists_address(&allow, text.parse().unwrap()), "{text}");
        }
        assert!(!lists_address(&allow, "10.2.0.0".parse().unwrap()));
        assert!(lists_name(&allow, "app.internal") && !lists_name(&allow, "other.internal"));
    }
}
