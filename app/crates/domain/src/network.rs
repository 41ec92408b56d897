//! What counts as one caller? An address of IPv4; of IPv6 the /64 that everybody has, and with twice the limit the /48 that a site has.
//! Every limit by address counts under these, in memory and in the database.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// A network whose addresses count as one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// One address of IPv4.
    Address(Ipv4Addr),
    /// A /64 of IPv6.
    Subnet([u16; 4]),
    /// A /48 of IPv6.
    Site([u16; 3]),
    /// Everybody whose headers leave in doubt who they are.
    Unknown,
}

impl Network {
    /// The networks that an address counts in, the narrowest first. An IPv4 address written as IPv6 is the IPv4 address.
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

    /// How many times the limit of one caller it has.
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
