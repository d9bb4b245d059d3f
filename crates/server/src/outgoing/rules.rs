//! Which addresses may be connected to, and how a host is read: decisions without I/O.
//!
//! An address is open when everybody on the internet could reach it anyway. All others (private, loopback, link-local,
//! reserved, ...) belong to somebody's inside and need the operator's permission, by network or by name. Forms in which an
//! IPv6 address carries an IPv4 address are judged by what they carry. The ranges are those of the IANA special-purpose
//! address registries.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not open to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Inside {
    /// 0.0.0.0/8 and `::`: most systems take it for themselves.
    Unspecified,
    /// This machine.
    Loopback,
    /// Private networks, unique local and shared addresses.
    Private,
    /// This cable.
    LinkLocal,
    /// Where clouds tell a machine its credentials.
    Metadata,
    /// Groups, not machines.
    Multicast,
    /// Documentation, measurements, tunnels and what is not assigned to anybody.
    Reserved,
}

impl Inside {
    /// Whether the permission for a name covers addresses of this kind. Metadata is named by address or not at all, so
    /// that whoever controls the name's zone cannot point it there.
    fn may_be_named(self) -> bool {
        !matches!(self, Self::Metadata | Self::Unspecified | Self::Multicast)
    }
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "an unspecified address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "a cloud's metadata address",
            Self::Multicast => "a multicast address",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Metadata services of the large clouds, some of which lie in public ranges.
const METADATA_V4: [Ipv4Addr; 5] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254), Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)];

/// Why `address` is not open to everybody; `None` when it is.
pub fn inside(address: IpAddr) -> Option<Inside> {
    match address {
        IpAddr::V4(v4) => inside_v4(v4),
        IpAddr::V6(v6) => inside_v6(v6),
    }
}

fn inside_v4(address: Ipv4Addr) -> Option<Inside> {
    if METADATA_V4.contains(&address) {
        return Some(Inside::Metadata);
    }
    Some(match address.octets() {
        [0, ..] => Inside::Unspecified,
        [127, ..] => Inside::Loopback,
        [169, 254, ..] => Inside::LinkLocal,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Inside::Private,
        [224..=239, ..] => Inside::Multicast,
        // Assignments of protocols, documentation, relays of 6to4, measurements, future use and broadcast.
        [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [240..=255, ..] => Inside::Reserved,
        _ => return None,
    })
}

fn inside_v6(address: Ipv6Addr) -> Option<Inside> {
    if METADATA_V6.contains(&address) {
        return Some(Inside::Metadata);
    }
    let carried = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        inside_v4(Ipv4Addr::new(a, b, c, d))
    };
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Inside::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Inside::Loopback),
        // IPv4-compatible and IPv4-translated: nobody uses them but to get past a check.
        [0, 0, 0, 0, 0 | 0xffff, 0, high, low] => Some(carried(high, low).unwrap_or(Inside::Reserved)),
        [0xfe80..=0xfebf, ..] => Some(Inside::LinkLocal),
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Some(Inside::Private),
        [0xff00..=0xffff, ..] => Some(Inside::Multicast),
        // 2001::/23 is for protocols (Teredo, ORCHID, benchmarks); then documentation.
        [0x2001, 0x0000..=0x01ff | 0x0db8, ..] | [0x3fff, 0x0000..=0x0fff, ..] => Some(Inside::Reserved),
        // IPv4-mapped, NAT64, 6to4 (its router's address) and ISATAP: what really is spoken to is the IPv4 address.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..]
        | [0x2000..=0x3fff, _, _, _, 0x0000 | 0x0200, 0x5efe, high, low] => carried(high, low),
        [0x2000..=0x3fff, ..] => None,
        _ => Some(Inside::Reserved),
    }
}

/// The address that is spoken to: IPv4 where it was only written as IPv6.
pub fn spoken(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.segments() {
            [0, 0, 0, 0, 0, 0xffff, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => {
                IpAddr::V4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
            }
            _ => address,
        },
        IpAddr::V4(_) => address,
    }
}

/// A host as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// An address, in whichever notation.
    Address(IpAddr),
    /// A name to resolve, in small letters and without a dot at its end.
    Name(String),
}

impl Host {
    /// Reads a host: a name, an IPv4 address in any notation that system calls take (`127.1`, `0x7f000001`, `017700000001`),
    /// an IPv6 address with or without brackets. `None` for what is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text.strip_prefix('[') {
            Some(rest) => return rest.strip_suffix(']')?.parse().ok().map(|v6| Self::Address(IpAddr::V6(v6))),
            None => text,
        };
        if text.contains(':') {
            return text.parse().ok().map(|v6| Self::Address(IpAddr::V6(v6)));
        }
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let last = text.rsplit('.').next()?;
        if last.bytes().all(|b| b.is_ascii_digit()) || number(last).is_some() {
            return loose_v4(&text).map(|v4| Self::Address(IpAddr::V4(v4)));
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        (text.len() <= 253 && text.split('.').all(is_label)).then_some(Self::Name(text))
    }
}

/// One to four numbers, the last of which fills what is left.
fn loose_v4(text: &str) -> Option<Ipv4Addr> {
    let parts = text.split('.').map(number).collect::<Option<Vec<u32>>>()?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) {
        return None;
    }
    let rest_bits = 32 - 8 * u32::try_from(first.len()).ok()?;
    if u64::from(*last) >= 1 << rest_bits {
        return None;
    }
    let high = first.iter().fold(0_u32, |sum, part| (sum << 8) | part);
    let high = if rest_bits == 32 { 0 } else { high << rest_bits };
    Some(Ipv4Addr::from_bits(high | last))
}

/// Decimal, octal with a leading 0, or hexadecimal with a leading 0x.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some("") => return Some(0),
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    // `from_str_radix` would take a sign.
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// A block of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `address/bits` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
        };
        Some(Self { base: address, bits })
    }

    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let rest = width - u32::from(self.bits);
            // A shift by all bits is not defined.
            rest >= 128 || (a >> rest) == (b >> rest)
        };
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                same(u128::from(base.to_bits()), u128::from(address.to_bits()), 32)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => same(base.to_bits(), address.to_bits(), 128),
            _ => false,
        }
    }
}

/// What the operator allows beyond the open internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    networks: Vec<Network>,
    /// Whole names, and `.suffix` for all names below it.
    names: Vec<String>,
}

impl Allowed {
    /// Reads the entries of the configuration: networks, addresses, names, `*.name` for all names below one. Fails with
    /// the entry that is none of them.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut allowed = Self::default();
        for entry in entries {
            if let Some(network) = Network::parse(entry) {
                allowed.networks.push(network);
                continue;
            }
            let (is_below, name) = entry.strip_prefix("*.").map_or((false, entry), |name| (true, name));
            match Host::parse(name) {
                Some(Host::Name(name)) => allowed.names.push(if is_below { format!(".{name}") } else { name }),
                _ => return Err(entry.to_owned()),
            }
        }
        Ok(allowed)
    }

    /// Fails with the reason unless `address`, which `name` resolved to if it was not written out, may be connected to.
    pub fn check(&self, name: Option<&str>, address: IpAddr) -> Result<(), Inside> {
        let Some(inside) = inside(address) else { return Ok(()) };
        let by_network = |address| self.networks.iter().any(|network| network.contains(address));
        if by_network(address) || by_network(spoken(address)) {
            return Ok(());
        }
        if inside.may_be_named() && name.is_some_and(|name| self.names_cover(name)) {
            return Ok(());
        }
        Err(inside)
    }

    fn names_cover(&self, name: &str) -> bool {
        self.names
            .iter()
            .any(|known| if known.starts_with('.') { name.ends_with(known.as_str()) } else { known == name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(text: &str) -> Option<Inside> {
        inside(text.parse().unwrap())
    }

    fn host(text: &str) -> Option<String> {
        Host::parse(text).map(|host| match host {
            Host::Address(address) => format!("address {address}"),
            Host::Name(name) => format!("name {name}"),
        })
    }

    #[test]
    fn what_is_inside_is_known_in_every_form() {
        use Inside::*;
        for (text, expected) in [
            ("0.0.0.0", Unspecified),
            ("0.1.2.3", Unspecified),
            ("127.0.0.1", Loopback),
            ("127.255.255.254", Loopback),
            ("10.1.2.3", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.0.1", Private),
            ("100.64.0.1", Private),
            ("169.254.1.1", LinkLocal),
            ("169.254.169.254", Metadata),
            ("100.100.100.200", Metadata),
            ("168.63.129.16", Metadata),
            ("192.0.0.192", Metadata),
            ("224.0.0.1", Multicast),
            ("255.255.255.255", Reserved),
            ("240.0.0.1", Reserved),
            ("192.0.2.1", Reserved),
            ("198.18.0.1", Reserved),
            ("203.0.113.9", Reserved),
            ("::", Unspecified),
            ("::1", Loopback),
            ("::127.0.0.1", Loopback),
            ("::8.8.8.8", Reserved),
            ("::ffff:127.0.0.1", Loopback),
            ("::ffff:10.0.0.1", Private),
            ("::ffff:169.254.169.254", Metadata),
            ("64:ff9b::10.0.0.1", Private),
            ("64:ff9b::169.254.169.254", Metadata),
            ("64:ff9b:1::1", Reserved),
            ("2002:7f00:1::", Loopback),
            ("2002:a00:1::1", Private),
            ("2002:a9fe:a9fe::1", Metadata),
            ("2001:0:4136:e378::1", Reserved),
            ("2400::5efe:a00:1", Private),
            ("2001:db8::1", Reserved),
            ("fe80::1", LinkLocal),
            ("fec0::1", Private),
            ("fd12::1", Private),
            ("fd00:ec2::254", Metadata),
            ("ff02::1", Multicast),
            ("4000::1", Reserved),
            ("100::1", Reserved),
        ] {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
        for open in [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "169.253.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert_eq!(kind(open), None, "{open}");
        }
    }

    #[test]
    fn hosts_are_read_in_every_notation() {
        for text in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "017700000001",
            "0177.0.0.01",
            "127.0.0.1.",
            "0x7f.0x0.0x0.0x1",
        ] {
            assert_eq!(host(text).as_deref(), Some("address 127.0.0.1"), "{text}");
        }
        assert_eq!(host("0x").as_deref(), Some("address 0.0.0.0"));
        assert_eq!(host("[::1]").as_deref(), Some("address ::1"));
        assert_eq!(host("::1").as_deref(), Some("address ::1"));
        assert_eq!(host("DB.Internal.").as_deref(), Some("name db.internal"));
        assert_eq!(host("localhost").as_deref(), Some("name localhost"));
        assert_eq!(host("_ldap._tcp.example.com").as_deref(), Some("name _ldap._tcp.example.com"));
        for bad in [
            "",
            ".",
            "a..b",
            "-a.com",
            "a b",
            "a/b",
            "a@b",
            "a%2e",
            "256.1.1.1",
            "1.2.3.4.5",
            "1.2.3.256",
            "4294967296",
            "08",
            "host.123",
            "[::1",
            "[127.0.0.1]",
            "fe80::1%eth0",
            "exämple.com",
            "a\0b",
            "1.-2.3.4",
            "a.0xg.1",
        ] {
            assert_eq!(host(bad), None, "{bad:?}");
        }
        assert_eq!(host(&"a".repeat(64)), None);
        assert_eq!(host(&["a"; 128].join(".")), None);
    }

    #[test]
    fn the_operator_allows_by_network_and_by_name() {
        let entries = ["10.0.0.0/8", "192.168.1.7", "fd12::/16", "db.internal", "*.corp.example"];
        let allowed = Allowed::parse(entries).unwrap();
        let check = |name: Option<&str>, address: &str| allowed.check(name, address.parse().unwrap());
        for address in ["10.9.9.9", "::ffff:10.9.9.9", "64:ff9b::10.9.9.9", "192.168.1.7", "fd12::1", "8.8.8.8"] {
            assert_eq!(check(None, address), Ok(()), "{address}");
        }
        assert_eq!(check(None, "192.168.1.8"), Err(Inside::Private));
        assert_eq!(check(None, "11.0.0.1"), Ok(()));
        assert_eq!(check(None, "2002:a00:1::1"), Err(Inside::Private), "the network of a tunnel's form is another one");
        assert_eq!(check(Some("db.internal"), "127.0.0.1"), Ok(()));
        assert_eq!(check(Some("a.b.corp.example"), "172.16.0.1"), Ok(()));
        assert_eq!(check(Some("corp.example"), "172.16.0.1"), Err(Inside::Private));
        assert_eq!(check(Some("evilcorp.example"), "172.16.0.1"), Err(Inside::Private));
        assert_eq!(check(Some("x.db.internal"), "127.0.0.1"), Err(Inside::Loopback));
        assert_eq!(check(Some("db.internal"), "169.254.169.254"), Err(Inside::Metadata));
        assert_eq!(check(Some("db.internal"), "0.0.0.0"), Err(Inside::Unspecified));
        for bad in ["10.0.0.0/33", "10.0.0/8", "::/129", "a b", "", "*", "*.", "10.0.0.0/-1", "http://x"] {
            assert_eq!(Allowed::parse([bad]), Err(bad.to_owned()));
        }
        let everything = Allowed::parse(["0.0.0.0/0", "::/0"]).unwrap();
        assert_eq!(everything.check(None, "169.254.169.254".parse().unwrap()), Ok(()));
        assert_eq!(everything.check(None, "fe80::1".parse().unwrap()), Ok(()));
    }

    proptest! {
        /// However an IPv4 address is written or carried, it is judged alike.
        #[test]
        fn every_notation_is_judged_alike(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = address.octets();
            let expected = inside_v4(address);
            for text in [
                format!("{a}.{b}.{c}.{d}"),
                format!("{bits}"),
                format!("{bits:#x}"),
                format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
                format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
                format!("0{bits:o}"),
                format!("{a}.{}", bits & 0x00ff_ffff),
                format!("{a}.{b}.{}", bits & 0xffff),
                format!("[::ffff:{a}.{b}.{c}.{d}]"),
                format!("64:ff9b::{a}.{b}.{c}.{d}"),
                format!("2002:{:x}:{:x}::", bits >> 16, bits & 0xffff),
            ] {
                let Some(Host::Address(read)) = Host::parse(&text) else {
                    return Err(TestCaseError::fail(format!("{text} is not read as an address")));
                };
                prop_assert_eq!(inside(read), expected, "{}", text);
            }
        }

        /// A network holds exactly the addresses that share its first bits.
        #[test]
        fn a_network_is_its_first_bits(base in any::<u32>(), other in any::<u32>(), bits in 0_u8..=32) {
            let network = Network::parse(&format!("{}/{bits}", Ipv4Addr::from_bits(base))).unwrap();
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            prop_assert_eq!(network.contains(IpAddr::V4(Ipv4Addr::from_bits(other))), base & mask == other & mask);
            prop_assert!(network.contains(IpAddr::V4(Ipv4Addr::from_bits(base))));
        }

        /// What is inside stays refused whatever the name, unless it is in the list.
        #[test]
        fn nothing_inside_gets_through_by_chance(bits in any::<u128>(), name in "[a-z]{1,12}(\\.[a-z]{1,8}){0,2}") {
            let allowed = Allowed::parse(["0.example"]).unwrap();
            let address = IpAddr::V6(Ipv6Addr::from_bits(bits));
            prop_assert_eq!(allowed.check(Some(&name), address).err(), inside(address));
        }

        /// No text makes reading fail in another way than by saying so.
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,40}") {
            if let Some(Host::Name(name)) = Host::parse(&text) {
                prop_assert!(name.is_ascii());
                prop_assert_eq!(Host::parse(&name), Some(Host::Name(name.clone())));
            }
        }
    }
}
