//! Addresses: whose they are, and whose word about others is taken.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// What proxies name their own peers in.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address, or all that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `192.0.2.7`, `192.0.2.0/24`, `::1` or `2001:db8::/32`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().ok()?.to_canonical();
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|it| it.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
            None => whole,
        };
        (bits <= whole).then_some(Self { address, bits })
    }

    /// Whether it is wider than any network that is somebody's own: `10.0.0.0/8` and `fc00::/7` are not.
    pub fn is_wide(&self) -> bool {
        self.bits < if self.address.is_ipv4() { 8 } else { 7 }
    }

    /// Whether an address is in it.
    pub fn has(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Whose an address is, for counting: of IPv6 everybody has a network of 64 bits to choose from.
pub fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Where a request came from: the peer, or what listed proxies say of theirs. What stands before the
/// last hop that is none of them was written by whoever wanted to.
pub fn origin(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_proxy = |address| proxies.iter().any(|proxy| proxy.has(address));
    let mut at = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    while is_proxy(at) {
        let hop = hops.next().and_then(|hop| std::str::from_utf8(hop).ok());
        // What is no address says no more than the proxy that wrote it.
        let Some(before) = hop.and_then(|hop| address(hop.trim())) else { break };
        at = before;
    }
    at
}

/// An address as proxies write it, some with the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_hold_what_begins_alike() {
        for (network, has, lacks) in [
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7", "::ffff:192.0.2.7", "::1"),
            ("10.0.0.0/8", "10.255.1.1", "11.0.0.1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("::1", "::1", "127.0.0.1"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ] {
            let read = Network::parse(network).unwrap();
            assert!(read.has(has.parse().unwrap()), "{network} {has}");
            assert!(!read.has(lacks.parse().unwrap()), "{network} {lacks}");
        }
        for text in ["", "a", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10/8", "::/129", "1.2.3"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(owner(one), owner("2001:db8::ffff".parse().unwrap()));
        assert_ne!(owner(one), owner("2001:db8:0:1::1".parse().unwrap()));
    }

    #[test]
    fn only_listed_proxies_are_believed_and_only_the_last_hop_before_them() {
        let proxies = ["127.0.0.1", "10.0.0.0/8"].map(|it| Network::parse(it).unwrap());
        for (peer, lines, expected) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1", "198.51.100.1, 10.1.2.3"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, 10.9.9.9 ,10.1.2.3"], "1.1.1.1"),
            ("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("127.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("127.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, "], "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let found = origin(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
        }
    }
}
