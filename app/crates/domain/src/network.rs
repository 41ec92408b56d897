//! Defines what counts as one caller for rate limits by address: an IPv4 address, or the /64 network of an IPv6
//! address. The /48 site of an IPv6 address is counted too, with twice the limit.
//! Every limit by address uses these networks as keys, in memory and in the database.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// A network whose addresses count as one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// One IPv4 address.
    Address(Ipv4Addr),
    /// An IPv6 /64.
    Subnet([u16; 4]),
    /// An IPv6 /48.
    Site([u16; 3]),
    /// All callers whose headers do not say reliably who they are.
    Unknown,
}

impl Network {
    /// The networks in which an address is counted, narrowest first. An IPv4-mapped IPv6 address counts as the
    /// IPv4 address.
    #[must_use]
    pub fn all(ip: IpAddr) -> Vec<Self> {
        match ip.to_canonical() {
            IpAddr::V4(ip) => vec![Self::Address(ip)],
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                vec![Self::Subnet([a, b, c, d]), Self::Site([a, b, c])]
            }
        }
    }

    /// Factor by which the limit of one caller is multiplied for this network.
    #[must_use]
    pub const fn share(self) -> u8 {
        match self {
            Self::Address(_) | Self::Subnet(_) | Self::Unknown => 1,
            Self::Site(_) => 2,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(ip) => write!(f, "{ip}"),
            Self::Subnet([a, b, c, d]) => write!(f, "{a:x}:{b:x}:{c:x}:{d:x}::/64"),
            Self::Site([a, b, c]) => write!(f, "{a:x}:{b:x}:{c:x}::/48"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(ip: &str) -> Vec<Network> {
        Network::all(ip.parse().unwrap())
    }

    #[test]
    fn a_site_of_ipv6_has_twice_the_limit_of_its_networks() {
        assert_eq!(all("2001:db8:1:2::1"), all("2001:db8:1:2:ffff::9"));
        assert_ne!(all("2001:db8:1:2::1")[0], all("2001:db8:1:3::1")[0]);
        assert_eq!(all("2001:db8:1:2::1")[1], all("2001:db8:1:3::1")[1]);
        assert_ne!(all("2001:db8:1:2::1")[1], all("2001:db8:2:2::1")[1]);
        assert_eq!(all("2001:db8:1:2::1").iter().map(|network| network.share()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(all("::ffff:192.0.2.1"), all("192.0.2.1"));
        assert_eq!(all("192.0.2.1")[0].share(), 1);
    }

    #[test]
    fn no_two_networks_have_one_name() {
        let names: Vec<String> = ["192.0.2.1", "2001:db8:1:2::1", "2001:db8:12::1"]
            .iter()
            .flat_map(|ip| all(ip))
            .map(|one| one.to_string())
            .collect();
        assert_eq!(
            names,
            ["192.0.2.1", "2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8:12:0::/64", "2001:db8:12::/48"]
        );
    }
}
