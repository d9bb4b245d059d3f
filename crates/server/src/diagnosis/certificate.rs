//! What a certificate says of itself, read without trusting it.

use counterfoil_wire::time::Micros;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// The most names that are read.
const MOST_NAMES: usize = 100;

/// A certificate's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Valid from here,
    pub not_before: Micros,
    /// to here.
    pub not_after: Micros,
    /// Names that it is for; `*.` stands for one label.
    pub names: Vec<String>,
    /// Addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// Whom it is for, in the long form.
    pub subject: String,
    /// Who issued it, in the long form.
    pub issuer: String,
}

impl Certificate {
    /// Reads DER; `None` when it is not a certificate.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let mut names = Vec::new();
        let mut addresses = Vec::new();
        if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
            for name in alternatives.value.general_names.iter().take(MOST_NAMES) {
                match name {
                    GeneralName::DNSName(name) => names.push(name.to_ascii_lowercase()),
                    GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
                    _ => {}
                }
            }
        }
        let validity = certificate.validity();
        let micros = |seconds: i64| Micros(seconds.saturating_mul(1_000_000));
        Some(Self {
            not_before: micros(validity.not_before.timestamp()),
            not_after: micros(validity.not_after.timestamp()),
            names,
            addresses,
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
        })
    }

    /// Whether it is for this name or address.
    pub fn is_for(&self, host: &str) -> bool {
        if let Ok(address) = host.parse::<IpAddr>() {
            return self.addresses.contains(&address);
        }
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            // One label, and never a whole top level.
            Some(rest) => {
                rest.contains('.')
                    && host.split_once('.').is_some_and(|(label, tail)| !label.is_empty() && tail == rest)
            }
            None => *name == host,
        })
    }

    /// Whole days until it ends; negative when it has.
    pub fn days_left(&self, now: Micros) -> i64 {
        self.not_after.0.saturating_sub(now.0).div_euclid(24 * 3600 * 1_000_000)
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(v4).into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|v6| Ipv6Addr::from(v6).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(names: &[&str]) -> Certificate {
        Certificate {
            not_before: Micros(0),
            not_after: Micros(10 * 24 * 3600 * 1_000_000),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            addresses: vec!["192.0.2.1".parse().unwrap()],
            subject: String::new(),
            issuer: String::new(),
        }
    }

    #[test]
    fn names_match_as_browsers_match_them() {
        let one = certificate(&["www.example.com", "*.api.example.com", "*.com"]);
        for good in ["www.example.com", "WWW.Example.com.", "v1.api.example.com", "192.0.2.1"] {
            assert!(one.is_for(good), "{good}");
        }
        for bad in
            ["example.com", "api.example.com", "a.b.api.example.com", "x.com", ".api.example.com", "192.0.2.2", ""]
        {
            assert!(!one.is_for(bad), "{bad}");
        }
    }

    #[test]
    fn days_are_whole_and_rounded_down() {
        let one = certificate(&[]);
        assert_eq!(one.days_left(Micros(0)), 10);
        assert_eq!(one.days_left(Micros(1)), 9);
        assert_eq!(one.days_left(one.not_after), 0);
        assert_eq!(one.days_left(one.not_after.plus_seconds(1)), -1);
    }

    #[test]
    fn anything_else_is_no_certificate() {
        for bytes in [&b""[..], b"hello", &[0x30, 0x82, 0xff, 0xff], &[0; 1000]] {
            assert_eq!(Certificate::read(bytes), None);
        }
    }
}
