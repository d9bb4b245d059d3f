//! What can be looked at: how a registration is read and checked, and what follows from it.

use crate::error::{Allowed, Error, Result};
use crate::extract;
use crate::outgoing::rules::{Host, spoken};
use counterfoil_wire::diagnosis::{NewResource, Protocol, ResourceKind, ResourcePort};
use counterfoil_wire::ids::ResourceId;
use std::net::IpAddr;

/// The most ports of a resource.
const MOST_PORTS: u64 = 16;
/// The most names of a resource.
const MOST_NAMES: u64 = 8;

/// A resource as a diagnosis sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The resource.
    pub resource_id: ResourceId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The name or address that is connected to.
    host: String,
    /// What is asked of a website.
    path: String,
    ports: Vec<(u16, Protocol)>,
    names: Vec<String>,
}

/// What an address says: where it is, and for a URL how it is spoken to.
struct Place {
    host: String,
    path: String,
    port: Option<(u16, Protocol)>,
}

impl Target {
    /// Reads a registration; fails for the first field that is wrong.
    pub fn read(resource_id: ResourceId, new: &NewResource) -> Result<Self> {
        extract::text("resource.name", &new.name, 1..=64)?;
        extract::line("resource.name", &new.name)?;
        extract::text("resource.address", &new.address, 1..=512)?;
        extract::text("resource.region", &new.region, 0..=64)?;
        extract::line("resource.region", &new.region)?;
        extract::count("resource.ports", new.ports.len(), 0..=MOST_PORTS)?;
        extract::count("resource.names", new.names.len(), 0..=MOST_NAMES)?;
        let place = if new.kind == ResourceKind::Website { url(&new.address)? } else { address(&new.address)? };
        let names = new.names.iter().map(|name| host_name(name)).collect::<Result<Vec<_>>>()?;
        let ports = ports(new, place.port)?;
        let (name, kind) = (new.name.clone(), new.kind);
        Ok(Self { resource_id, name, kind, host: place.host, path: place.path, ports, names })
    }

    /// The name or address that is connected to, in the form in which it is looked for.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path and query that are asked of a website.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its ports, with what is spoken there.
    pub fn ports(&self) -> &[(u16, Protocol)] {
        &self.ports
    }

    /// The address, where it was written out.
    pub fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Every name that should lead to it.
    pub fn lookups(&self) -> impl Iterator<Item = &str> {
        let own = self.literal().is_none().then_some(self.host.as_str());
        own.into_iter().chain(self.names.iter().map(String::as_str).filter(|name| *name != self.host))
    }

    /// The name that its certificate has to be for.
    pub fn server_name(&self) -> &str {
        self.names.first().unwrap_or(&self.host)
    }
}

/// In the form in which a host is looked for; `None` for a text that is no host.
pub fn normal_host(text: &str) -> Option<String> {
    match Host::parse(text)? {
        Host::Name(name) => Some(name),
        Host::Address(address) => Some(spoken(address).to_string()),
    }
}

fn address(text: &str) -> Result<Place> {
    let allowed = || Allowed::text("须为主机名或IP地址", "a host name or an IP address is allowed");
    let host = normal_host(text).ok_or_else(|| Error::param("resource.address", allowed()))?;
    Ok(Place { host, path: "/".to_owned(), port: None })
}

fn url(text: &str) -> Result<Place> {
    let allowed = || {
        Error::param(
            "resource.address",
            Allowed::text(
                "须为http或https的URL，不含用户名和密码",
                "a URL with http or https and without a user is allowed",
            ),
        )
    };
    let uri: http::Uri = text.parse().map_err(|_| allowed())?;
    let protocol = match uri.scheme_str() {
        Some("http") => Protocol::Http,
        Some("https") => Protocol::Https,
        _ => return Err(allowed()),
    };
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(allowed)?;
    let host = normal_host(authority.host()).ok_or_else(allowed)?;
    let usual = if protocol == Protocol::Https { 443 } else { 80 };
    let port = match authority.as_str().strip_prefix(authority.host()).unwrap_or_default() {
        "" => usual,
        rest => rest[1..].parse().ok().filter(|port| *port > 0).ok_or_else(allowed)?,
    };
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    // A URL that ends after the host has no path.
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Place { host, path, port: Some((port, protocol)) })
}

fn host_name(text: &str) -> Result<String> {
    match Host::parse(text) {
        Some(Host::Name(name)) => Ok(name),
        _ => Err(Error::param("resource.names", Allowed::text("须为主机名", "host names are allowed"))),
    }
}

fn ports(new: &NewResource, of_url: Option<(u16, Protocol)>) -> Result<Vec<(u16, Protocol)>> {
    if let Some(port) = of_url {
        if new.ports.is_empty() {
            return Ok(vec![port]);
        }
        let allowed = Allowed::text("网站的端口写在URL中", "the port of a website is part of its URL");
        return Err(Error::param("resource.ports", allowed));
    }
    let usual = match new.kind {
        ResourceKind::Host | ResourceKind::Website => 22,
        ResourceKind::Postgres => 5432,
        ResourceKind::Mysql => 3306,
    };
    let of_kind = |port: u16| match new.kind {
        ResourceKind::Postgres => Protocol::Postgres,
        ResourceKind::Mysql => Protocol::Mysql,
        ResourceKind::Host | ResourceKind::Website => Protocol::usual(port),
    };
    let given = [ResourcePort { port: usual, protocol: None }];
    let given = if new.ports.is_empty() { &given[..] } else { &new.ports };
    let mut ports: Vec<(u16, Protocol)> = Vec::new();
    for ResourcePort { port, protocol } in given {
        if *port == 0 {
            return Err(Error::param("resource.ports.port", Allowed::Range(1, 65_535)));
        }
        if ports.iter().any(|(known, _)| known == port) {
            let allowed = Allowed::text("端口不能重复", "a port may be named once");
            return Err(Error::param("resource.ports.port", allowed));
        }
        ports.push((*port, protocol.unwrap_or_else(|| of_kind(*port))));
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil_wire::lang::Lang;
    use counterfoil_wire::time::Micros;

    fn new(kind: ResourceKind, address: &str) -> NewResource {
        NewResource {
            name: "one".to_owned(),
            kind,
            address: address.to_owned(),
            ports: Vec::new(),
            names: Vec::new(),
            region: String::new(),
            project_id: None,
        }
    }

    fn read(new: &NewResource) -> Result<Target> {
        Target::read(ResourceId::random(Micros(0)), new)
    }

    #[test]
    fn addresses_are_read_in_one_form() {
        let host = |address: &str| read(&new(ResourceKind::Host, address)).map(|target| target.host().to_owned());
        assert_eq!(host("Web.Example.COM.").unwrap(), "web.example.com");
        assert_eq!(host("0x0a000001").unwrap(), "10.0.0.1");
        assert_eq!(host("[::ffff:10.0.0.1]").unwrap(), "10.0.0.1");
        assert_eq!(host("2001:DB8::1").unwrap(), "2001:db8::1");
        for bad in ["", "a b", "http://x", "host:22", "256.0.0.1"] {
            assert!(host(bad).unwrap_err().message(Lang::EnUs).contains("resource.address"), "{bad}");
        }
    }

    #[test]
    fn urls_say_how_they_are_spoken_to() {
        let read = |address: &str| read(&new(ResourceKind::Website, address));
        let target = read("https://Example.com/health?x=1").unwrap();
        assert_eq!((target.host(), target.path()), ("example.com", "/health?x=1"));
        assert_eq!(target.ports(), [(443, Protocol::Https)]);
        assert_eq!(read("http://example.com").unwrap().ports(), [(80, Protocol::Http)]);
        assert_eq!(read("http://example.com:8080").unwrap().ports(), [(8080, Protocol::Http)]);
        assert_eq!(read("http://[::1]:81/").unwrap().host(), "::1");
        assert_eq!(read("http://example.com?x").unwrap().path(), "/?x");
        for bad in [
            "example.com",
            "ftp://example.com",
            "http://user@example.com/",
            "http://a b/",
            "http://x:99999/",
            "http:///x",
            "/x",
        ] {
            assert!(read(bad).unwrap_err().message(Lang::EnUs).contains("resource.address"), "{bad}");
        }
        let mut with_ports = new(ResourceKind::Website, "https://example.com/");
        with_ports.ports = vec![ResourcePort { port: 443, protocol: None }];
        assert!(super::Target::read(ResourceId::random(Micros(0)), &with_ports).is_err());
    }

    #[test]
    fn ports_are_those_of_the_kind_unless_they_are_given() {
        assert_eq!(read(&new(ResourceKind::Host, "a.b")).unwrap().ports(), [(22, Protocol::Ssh)]);
        assert_eq!(read(&new(ResourceKind::Postgres, "a.b")).unwrap().ports(), [(5432, Protocol::Postgres)]);
        assert_eq!(read(&new(ResourceKind::Mysql, "a.b")).unwrap().ports(), [(3306, Protocol::Mysql)]);
        let mut odd = new(ResourceKind::Postgres, "a.b");
        odd.ports =
            vec![ResourcePort { port: 6432, protocol: None }, ResourcePort { port: 22, protocol: Some(Protocol::Ssh) }];
        assert_eq!(read(&odd).unwrap().ports(), [(6432, Protocol::Postgres), (22, Protocol::Ssh)]);
        odd.ports = vec![ResourcePort { port: 0, protocol: None }];
        assert!(read(&odd).is_err());
        odd.ports = vec![ResourcePort { port: 9, protocol: None }; 2];
        assert!(read(&odd).unwrap_err().message(Lang::EnUs).contains("once"));
        odd.ports = (1..=17).map(|port| ResourcePort { port, protocol: None }).collect();
        assert!(read(&odd).is_err());
    }

    #[test]
    fn the_first_name_is_the_certificates() {
        let mut host = new(ResourceKind::Host, "192.0.2.1");
        assert_eq!(read(&host).unwrap().server_name(), "192.0.2.1");
        assert_eq!(read(&host).unwrap().lookups().count(), 0);
        host.names = vec!["www.example.com".to_owned(), "b.example.com".to_owned()];
        let target = read(&host).unwrap();
        assert_eq!(target.server_name(), "www.example.com");
        assert_eq!(target.lookups().collect::<Vec<_>>(), ["www.example.com", "b.example.com"]);
        host.address = "b.example.com".to_owned();
        assert_eq!(read(&host).unwrap().lookups().collect::<Vec<_>>(), ["b.example.com", "www.example.com"]);
        host.names = vec!["192.0.2.1".to_owned()];
        assert!(read(&host).is_err());
    }
}
