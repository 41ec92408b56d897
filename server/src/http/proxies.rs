//! Determines the client address behind proxies. It believes `X-Forwarded-*` and `Forwarded` only when a proxy listed
//! in `TRUSTED_PROXIES` sent them. All code that counts or logs addresses uses this module.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::network::Network;
use ipnet::IpNet;

/// The proxies whose forwarding headers are trusted.
#[derive(Clone, Debug)]
pub struct Proxies(Arc<[IpNet]>);

impl Default for Proxies {
    /// Trusts only this machine.
    fn default() -> Self {
        let v4 = IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8);
        let v6 = IpNet::new_assert(std::net::Ipv6Addr::LOCALHOST.into(), 128);
        Self(Arc::new([v4, v6]))
    }
}

/// Where a request came from, as far as that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCaller {
    /// The IP address.
    pub ip: IpAddr,
    /// True if the address is the caller's own. False if only a proxy is known, behind which there may be many
    /// callers.
    pub own: bool,
    /// True if the headers say something about the caller that cannot be read or contradicts itself. A trusted
    /// proxy alone would not write that, so the caller caused it.
    pub doubtful: bool,
    /// `http` or `https`; `None` if no trusted proxy says.
    pub scheme: Option<String>,
    /// Host and port of the address that the caller used; `None` if the request names none.
    pub host: Option<String>,
}

impl RemoteCaller {
    /// Returns the networks under which this caller is counted, each with its limit. All callers with doubtful
    /// headers share one more. Nothing is counted for a proxy that names no caller, because the request is its
    /// own.
    #[must_use]
    pub fn limits(&self, most: usize) -> Vec<(Network, usize)> {
        let limit = |network: Network| (network, most.saturating_mul(usize::from(network.share())));
        let own = if self.own { Network::all(self.ip) } else { Vec::new() };
        own.into_iter().chain(self.doubtful.then_some(Network::Unknown)).map(limit).collect()
    }
}

impl Proxies {
    /// Parses addresses and networks, separated by commas or white space.
    ///
    /// # Errors
    /// A sentence that names the part that is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty());
        let read = |part: &str| part.parse().or_else(|_| part.parse().map(|ip: IpAddr| IpNet::from(ip)));
        let networks: Result<Vec<IpNet>, String> = parts
            .map(|part| read(part).map_err(|_| format!("{part:?} is neither an address nor a network like 10.0.0.0/8")))
            .collect();
        Ok(Self(networks?.into()))
    }

    /// True if this is the address of a trusted proxy.
    #[must_use]
    pub fn trusts(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// True if every address is trusted, so that anybody could claim any address.
    #[must_use]
    pub fn trusts_all(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Determines the caller from the peer's address and the headers.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> RemoteCaller {
        let peer = peer.to_canonical();
        let host = text(headers, header::HOST);
        if !self.trusts(peer) {
            // The peer may be a proxy that is not configured, and TLS may end there. So the scheme is unknown.
            return RemoteCaller { ip: peer, own: true, doubtful: false, scheme: None, host };
        }
        let (ip, doubtful) = self.behind(peer, headers);
        let said = |name: &'static str, in_forwarded: &str| {
            let listed = text(headers, HeaderName::from_static(name));
            let first = listed.as_deref().and_then(|list| list.split(',').next()).map(|one| one.trim().to_owned());
            first.or_else(|| forwarded(headers, in_forwarded).into_iter().next())
        };
        let scheme = said("x-forwarded-proto", "proto");
        RemoteCaller { ip, own: !self.trusts(ip), doubtful, scheme, host: said("x-forwarded-host", "host").or(host) }
    }

    /// Over all header lines, returns the rightmost address that is not a trusted proxy, and whether it is in
    /// doubt. Anybody may have written what stands left of it. A proxy that writes one of the two headers passes
    /// the other one on. Nearly every proxy writes `X-Forwarded-For`, so that one counts where they disagree, and
    /// the address is in doubt.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> (IpAddr, bool) {
        let common: Vec<String> = lines(headers, &HeaderName::from_static("x-forwarded-for"))
            .flat_map(|line| line.split(',').map(ToOwned::to_owned).collect::<Vec<_>>())
            .collect();
        let standard = forwarded(headers, "for");
        let is_said = !common.is_empty() || headers.contains_key(header::FORWARDED);
        let (one, other) = (self.rightmost(peer, &common), self.rightmost(peer, &standard));
        let found = if self.trusts(one) { other } else { one };
        let contradicts = !common.is_empty() && !standard.is_empty() && one != other;
        (found, contradicts || (is_said && self.trusts(found)))
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

/// Returns the values of one parameter over all lines of `Forwarded` (RFC 7239), in order.
fn forwarded(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut values = Vec::new();
    for line in lines(headers, &header::FORWARDED) {
        let named = line.split([',', ';']).filter_map(|part| part.trim().split_once('='));
        let named = named.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        values.extend(named.map(|(_, value)| value.trim().trim_matches('"').to_owned()));
    }
    values
}

/// Returns all lines of a header. A proxy appends its own words to a line that a caller began, so invalid bytes
/// must spoil only the part that contains them.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Cow<'a, str>> {
    headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()))
}

/// Parses an address that a proxy wrote, with or without a port or brackets.
fn address(hop: &str) -> Option<IpAddr> {
    let text = hop.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

/// Determines the caller and stores it in the request, for all inner layers.
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

    fn of(proxies: &str, peer: &str, lines: &[(&'static str, &'static str)]) -> RemoteCaller {
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
        assert_eq!(ip("127.0.0.1", &[(XFF, "192.0.2.7"), ("forwarded", "for=192.0.2.7")]), "192.0.2.7");
        assert_eq!(
            ip("127.0.0.1", &[(XFF, "192.0.2.7"), ("forwarded", "for=203.0.113.9")]),
            "192.0.2.7",
            "a proxy passes the caller's own Forwarded on"
        );
    }

    /// A caller's own header never changes the address that the proxy reports, and never leaves the caller without
    /// a limit.
    #[test]
    fn no_header_of_a_caller_takes_their_limits_away() {
        let bytes = [b"\xff".as_slice(), b"\xc3\x28, \x80", b"x", b"", b",,,", b"203.0.113.9\xff", b"10.0.0.3", b"\t"];
        let said = ["for=1.2.3.4", "for=unknown", "for=", "for=\"", "nonsense", "for=10.0.0.3", ",", "for=192.0.2.7"];
        let proxies = Proxies::parse("10.0.0.0/24").unwrap();
        let peer = "10.0.0.2".parse().unwrap();
        for sent in bytes {
            for forwarded in said.iter().map(|text| text.as_bytes()).chain(bytes) {
                let mut headers = HeaderMap::new();
                // As nginx's $proxy_add_x_forwarded_for writes it.
                let line = [sent, b", 192.0.2.7"].concat();
                headers.append(XFF, HeaderValue::from_bytes(&line).unwrap());
                headers.append(header::FORWARDED, HeaderValue::from_bytes(forwarded).unwrap());
                let client = proxies.client(peer, &headers);
                assert!(client.own && client.ip.to_string() == "192.0.2.7", "{sent:?} {forwarded:?}: {client:?}");
                assert!(client.limits(5).contains(&(Network::Address("192.0.2.7".parse().unwrap()), 5)));
            }
        }
    }

    #[test]
    fn callers_with_doubtful_headers_share_one_limit() {
        for lines in [
            &[(XFF, "192.0.2.7, nonsense")][..],
            &[(XFF, "10.0.0.3")],
            &[(XFF, "")],
            &[("forwarded", "for=unknown")],
            &[("forwarded", "nonsense")],
        ] {
            let client = of("10.0.0.0/24", "10.0.0.2", lines);
            assert_eq!((client.own, client.limits(5)), (false, vec![(Network::Unknown, 5)]), "{lines:?}");
        }
        // A proxy that only writes `Forwarded` passes on what callers write into `X-Forwarded-For`.
        let forged = of("10.0.0.0/24", "10.0.0.2", &[(XFF, "192.0.2.7"), ("forwarded", "for=192.0.2.8")]);
        assert!(forged.limits(5).contains(&(Network::Unknown, 5)), "{forged:?}");
    }

    #[test]
    fn a_proxy_that_says_nothing_of_any_caller_asks_for_itself() {
        let client = of("10.0.0.0/24", "10.0.0.2", &[]);
        assert!(!client.own && client.limits(5).is_empty());
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
