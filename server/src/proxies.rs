//! Who is behind the proxies in front of us? Only what a proxy of `TRUSTED_PROXIES` says is believed: `X-Forwarded-*` and `Forwarded`
//! of everybody else are anybody's words. Everything that counts or names addresses asks here.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::network::Network;
use ipnet::IpNet;

/// The proxies whose headers are believed.
#[derive(Clone, Debug)]
pub struct Proxies(Arc<[IpNet]>);

impl Default for Proxies {
    /// This machine alone.
    fn default() -> Self {
        let v4 = IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8);
        let v6 = IpNet::new_assert(std::net::Ipv6Addr::LOCALHOST.into(), 128);
        Self(Arc::new([v4, v6]))
    }
}

/// From where a request came, as far as it may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address.
    pub ip: IpAddr,
    /// Whether the address is the caller's own. It is not when all that is known is a proxy, behind which many may be.
    pub own: bool,
    /// `http` or `https`, where a proxy says.
    pub scheme: Option<String>,
    /// Host and port in the address that the caller used, where the request names one.
    pub host: Option<String>,
}

impl Client {
    /// What is counted for this caller, each with its limit; nothing for a proxy that does not say for whom it asks.
    #[must_use]
    pub fn limits(&self, most: usize) -> Vec<(Network, usize)> {
        if !self.own {
            return Vec::new();
        }
        let limit = |network: Network| (network, most.saturating_mul(usize::from(network.share())));
        Network::all(self.ip).into_iter().map(limit).collect()
    }
}

impl Proxies {
    /// Reads addresses and networks, set apart by commas or blanks.
    ///
    /// # Errors
    /// A sentence that names what is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty());
        let read = |part: &str| part.parse().or_else(|_| part.parse().map(|ip: IpAddr| IpNet::from(ip)));
        let networks: Result<Vec<IpNet>, String> = parts
            .map(|part| read(part).map_err(|_| format!("{part:?} is neither an address nor a network like 10.0.0.0/8")))
            .collect();
        Ok(Self(networks?.into()))
    }

    /// Whether this is a proxy of ours.
    #[must_use]
    pub fn trusts(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// Whether everybody is trusted, which lets everybody name any address.
    #[must_use]
    pub fn trusts_all(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Who asks.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        let host = text(headers, header::HOST);
        if !self.trusts(peer) {
            // It may be a proxy that nobody named, and then TLS may stand before it.
            return Client { ip: peer, own: true, scheme: None, host };
        }
        let ip = self.behind(peer, headers);
        let said = |name: &'static str, in_forwarded: &str| {
            let listed = text(headers, HeaderName::from_static(name));
            let first = listed.as_deref().and_then(|list| list.split(',').next()).map(|one| one.trim().to_owned());
            first.or_else(|| forwarded(headers, in_forwarded).into_iter().next())
        };
        let scheme = said("x-forwarded-proto", "proto");
        Client { ip, own: !self.trusts(ip), scheme, host: said("x-forwarded-host", "host").or(host) }
    }

    /// Over all lines the rightmost address that is no proxy of ours: whatever stands left of it anybody may have written. A proxy
    /// that writes one of the two headers passes the other one on, so where they disagree neither is believed.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let common: Vec<String> = lines.flat_map(|line| line.split(',')).map(ToOwned::to_owned).collect();
        let standard = forwarded(headers, "for");
        match (common.is_empty(), standard.is_empty()) {
            (_, true) => self.rightmost(peer, &common),
            (true, false) => self.rightmost(peer, &standard),
            (false, false) => {
                let (one, other) = (self.rightmost(peer, &common), self.rightmost(peer, &standard));
                if one == other { one } else { peer }
            }
        }
    }

    fn rightmost(&self, peer: IpAddr, hops: &[String]) -> IpAddr {
        let mut found = peer;
        for hop in hops.iter().rev() {
            if !self.trusts(found) {
                return found;
            }
            let Some(ip) = address(hop) else { break };
            found = ip;
        }
        found
    }
}

/// The values of one parameter over all lines of `Forwarded` (RFC 7239), in their order.
fn forwarded(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(header::FORWARDED).iter().filter_map(|line| line.to_str().ok());
    let parts = lines.flat_map(|line| line.split([',', ';']));
    let named = parts.filter_map(|part| part.trim().split_once('='));
    named
        .filter(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .collect()
}

/// The address a proxy wrote, with or without a port or brackets.
fn address(hop: &str) -> Option<IpAddr> {
    let text = hop.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

/// Notes who asks, for every layer behind.
pub async fn layer(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if let Some(peer) = peer {
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(proxies: &str, peer: &str, lines: &[(&'static str, &'static str)]) -> Client {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_static(line));
        }
        Proxies::parse(proxies).unwrap().client(peer.parse().unwrap(), &headers)
    }

    const XFF: &str = "x-forwarded-for";

    #[test]
    fn only_what_a_trusted_proxy_saw_is_believed() {
        let office = "10.0.0.0/24, 127.0.0.1 ::1/128";
        let ip = |peer, lines: &[_]| of(office, peer, lines).ip.to_string();
        assert_eq!(ip("198.51.100.1", &[(XFF, "192.0.2.7")]), "198.51.100.1", "a stranger says nothing about others");
        assert_eq!(ip("192.168.1.9", &[(XFF, "192.0.2.7")]), "192.168.1.9", "nor does a neighbour who is no proxy");
        assert_eq!(ip("127.0.0.1", &[(XFF, "192.0.2.7")]), "192.0.2.7");
        assert_eq!(ip("10.0.0.2", &[(XFF, "203.0.113.9, 192.0.2.7")]), "192.0.2.7", "left of it is anybody's word");
        assert_eq!(ip("10.0.0.2", &[(XFF, "203.0.113.9"), (XFF, "192.0.2.7")]), "192.0.2.7");
        assert_eq!(ip("::ffff:127.0.0.1", &[(XFF, "203.0.113.9, 192.0.2.7, 10.0.0.3")]), "192.0.2.7");
        assert_eq!(
            ip("10.0.0.2", &[(XFF, "203.0.113.9, 10.1.1.1")]),
            "10.1.1.1",
            "an office's own addresses are people"
        );
        assert_eq!(ip("127.0.0.1", &[(XFF, "[2001:db8::7]:4711")]), "2001:db8::7");
        assert_eq!(
            ip("127.0.0.1", &[("forwarded", "for=203.0.113.9, for=\"[2001:db8::7]\";proto=https")]),
            "2001:db8::7"
        );
        assert_eq!(
            ip("127.0.0.1", &[(XFF, "203.0.113.9"), ("forwarded", "for=192.0.2.7")]),
            "127.0.0.1",
            "one is forged"
        );
        assert_eq!(ip("127.0.0.1", &[(XFF, "192.0.2.7"), ("forwarded", "for=192.0.2.7")]), "192.0.2.7");
    }

    #[test]
    fn a_proxy_that_does_not_say_for_whom_it_asks_is_nobody() {
        for lines in [&[][..], &[(XFF, "192.0.2.7, nonsense")], &[(XFF, "10.0.0.3")], &[("forwarded", "for=unknown")]] {
            let client = of("10.0.0.0/24", "10.0.0.2", lines);
            assert!(!client.own && client.limits(5).is_empty(), "{lines:?}");
        }
        assert!(of("", "127.0.0.1", &[(XFF, "192.0.2.7")]).own, "with none trusted every peer is a caller");
    }

    #[test]
    fn scheme_and_host_are_the_callers_own() {
        let lines = [("x-forwarded-proto", "https"), ("x-forwarded-host", "app.example"), ("host", "127.0.0.1:3000")];
        let client = of("127.0.0.1", "127.0.0.1", &lines);
        assert_eq!((client.scheme.as_deref(), client.host.as_deref()), (Some("https"), Some("app.example")));
        let client = of("127.0.0.1", "192.0.2.1", &lines);
        assert_eq!((client.scheme.as_deref(), client.host.as_deref()), (None, Some("127.0.0.1:3000")));
        let client = of("127.0.0.1", "127.0.0.1", &[("forwarded", "for=192.0.2.1;host=app.example;proto=https")]);
        assert_eq!((client.scheme.as_deref(), client.host.as_deref()), (Some("https"), Some("app.example")));
    }

    #[test]
    fn a_site_of_ipv6_has_twice_the_limit_of_its_networks() {
        let limits = |ip: &str| of("", ip, &[]).limits(10);
        assert_eq!(limits("2001:db8:1:2::1"), limits("2001:db8:1:2:ffff::9"));
        assert_ne!(limits("2001:db8:1:2::1")[0], limits("2001:db8:1:3::1")[0]);
        assert_eq!(limits("2001:db8:1:2::1")[1], limits("2001:db8:1:3::1")[1]);
        assert_eq!(limits("2001:db8:1:2::1")[1].1, 20);
        assert_eq!(limits("::ffff:192.0.2.1"), limits("192.0.2.1"));
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert!(Proxies::parse("10.0.0.0/33").unwrap_err().contains("10.0.0.0/33"));
        assert!(Proxies::parse("proxy.example").is_err());
        assert!(Proxies::parse("0.0.0.0/0").unwrap().trusts_all() && !Proxies::default().trusts_all());
        assert!(Proxies::default().trusts("127.8.8.8".parse().unwrap()));
    }
}
