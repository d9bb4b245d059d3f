//! Every observation, and the level that follows from it.

use super::super::checks::{Finding, Level};
use super::*;
use counterfoil_wire::diagnosis::{NewResource, ResourceKind, ResourcePort};
use counterfoil_wire::ids::ResourceId;
use proptest::prelude::*;

const NOW: Micros = Micros(1_767_605_415_000_000); // 2026-01-05T09:30:15Z

fn target(kind: ResourceKind, address: &str, ports: &[(u16, Protocol)], names: &[&str]) -> Target {
    let new = NewResource {
        name: "one".to_owned(),
        kind,
        address: address.to_owned(),
        ports: ports.iter().map(|(port, protocol)| ResourcePort { port: *port, protocol: Some(*protocol) }).collect(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        region: String::new(),
        project_id: None,
    };
    Target::read(ResourceId::random(NOW), &new).unwrap()
}

fn port(port: u16, protocol: Protocol, knock: Knock) -> PortSeen {
    PortSeen { port, protocol, knock, greeting: None, handshake: None, exchange: None }
}

fn said(text: &str) -> Said {
    Said::Bytes(text.as_bytes().to_vec())
}

#[test]
fn what_is_asked_follows_from_the_kind_and_the_ports() {
    let everything =
        [(22, Protocol::Ssh), (3389, Protocol::Rdp), (443, Protocol::Https), (80, Protocol::Http), (9, Protocol::Tcp)];
    let host = target(ResourceKind::Host, "a.example", &everything, &[]);
    assert_eq!(plan(Kind::Host, &host).len(), 10);
    let ids = |kind, target: &Target| plan(kind, target).iter().map(|check| check.id()).collect::<Vec<_>>();
    assert_eq!(ids(Kind::RemoteLogin, &host), ["name_resolves", "address_answers", "ssh_greets", "rdp_greets"]);
    assert!(ids(Kind::Database, &host).is_empty(), "a machine is no database");
    let plain = target(ResourceKind::Host, "a.example", &[(9, Protocol::Tcp)], &[]);
    assert_eq!(ids(Kind::Host, &plain), ["name_resolves", "address_answers", "ports_open"]);
    let database = target(ResourceKind::Postgres, "a.example", &[], &[]);
    let expected = ["name_resolves", "address_answers", "ports_open", "postgres_greets"];
    assert_eq!(ids(Kind::Database, &database), expected);
    assert!(ids(Kind::Host, &database).is_empty());
    let site = target(ResourceKind::Website, "http://a.example/", &[], &[]);
    let expected = ["name_resolves", "address_answers", "ports_open", "http_status", "clock_difference"];
    assert_eq!(ids(Kind::Network, &site), expected);
}

#[test]
fn some_kinds_need_to_be_told_what_to_look_at() {
    let params = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let both = params(&[("eip", " 10.0.0.1 "), ("instanceId", "db")]);
    assert_eq!(wanted(Kind::Host, &both), Ok(Some("10.0.0.1")));
    assert_eq!(wanted(Kind::RemoteLogin, &both), Ok(Some("10.0.0.1")));
    assert_eq!(wanted(Kind::Database, &both), Ok(Some("db")));
    assert_eq!(wanted(Kind::Network, &both), Ok(Some("10.0.0.1")));
    assert_eq!(wanted(Kind::Network, &params(&[("instanceId", "db")])), Ok(Some("db")));
    assert_eq!(wanted(Kind::Network, &params(&[])), Ok(None));
    assert_eq!(wanted(Kind::Host, &params(&[("instanceId", "db")])), Err("params.eip"));
    assert_eq!(wanted(Kind::RemoteLogin, &params(&[("eip", "  ")])), Err("params.eip"));
    assert_eq!(wanted(Kind::Database, &params(&[("eip", "x")])), Err("params.instanceId"));
}

#[test]
fn names_lead_somewhere_or_not() {
    let found = |addresses: &[&str]| Lookup::Found(addresses.iter().map(|a| a.parse().unwrap()).collect());
    let judged = |seen: &[(&str, Lookup)], literal: Option<&str>| {
        let seen: Vec<_> = seen.iter().map(|(name, lookup)| ((*name).to_owned(), lookup.clone())).collect();
        names(&seen, literal.map(|address| address.parse().unwrap()))
    };
    assert_eq!(judged(&[], Some("192.0.2.1")).finding, Finding::NoName);
    let verdict = judged(&[("a.example", found(&["192.0.2.1", "192.0.2.2"]))], None);
    assert_eq!((verdict.finding, verdict.response.as_str()), (Finding::Fine, "a.example = 192.0.2.1, 192.0.2.2"));
    assert_eq!(judged(&[("a", found(&["192.0.2.1"]))], Some("192.0.2.1")).finding, Finding::Fine);
    assert_eq!(judged(&[("a", found(&["192.0.2.9"]))], Some("192.0.2.1")).finding, Finding::NameElsewhere);
    for (lookup, finding) in [
        (Lookup::Missing, Finding::NameMissing),
        (Lookup::Silent, Finding::NameSilent),
        (Lookup::NotAllowed, Finding::NotAllowed),
    ] {
        let verdict = judged(&[("a", found(&["192.0.2.1"])), ("b", lookup)], None);
        assert_eq!(verdict.finding, finding);
        assert!(verdict.response.contains("a = 192.0.2.1; b: "), "{}", verdict.response);
    }
}

#[test]
fn a_refused_connection_is_an_answer() {
    let of = |knocks: &[Knock]| {
        let ports: Vec<_> = knocks.iter().map(|knock| port(22, Protocol::Ssh, knock.clone())).collect();
        address(&ports).finding
    };
    assert_eq!(of(&[Knock::Silent, Knock::Open(3)]), Finding::Fine);
    assert_eq!(of(&[Knock::Silent, Knock::Refused]), Finding::Fine);
    assert_eq!(of(&[Knock::Silent]), Finding::Silent);
    assert_eq!(of(&[Knock::Unreachable("host unreachable".to_owned())]), Finding::Unreachable);
    assert_eq!(of(&[Knock::NotAllowed]), Finding::NotAllowed);
    assert_eq!(of(&[Knock::NoAddress]), Finding::NotReached);
    assert_eq!(of(&[]), Finding::NotReached);
    assert_eq!(address(&[port(22, Protocol::Ssh, Knock::Open(3))]).response, "TCP 22: open, 3 ms");
}

#[test]
fn the_worst_port_counts_and_all_are_shown() {
    let host = target(ResourceKind::Host, "192.0.2.1", &[(22, Protocol::Ssh), (23, Protocol::Tcp)], &[]);
    let seen = |first, second| Seen {
        names: Vec::new(),
        ports: vec![port(22, Protocol::Ssh, first), port(23, Protocol::Tcp, second)],
    };
    let open = judge(Check::PortsOpen, &seen(Knock::Open(1), Knock::Open(2)), &host, NOW);
    assert_eq!((open.finding, open.response.as_str()), (Finding::Fine, "22: open, 1 ms; 23: open, 2 ms"));
    let closed = judge(Check::PortsOpen, &seen(Knock::Open(1), Knock::Refused), &host, NOW);
    assert_eq!((closed.finding, closed.response.as_str()), (Finding::PortClosed, "22: open, 1 ms; 23: refused"));
    let silent = judge(Check::PortsOpen, &seen(Knock::Silent, Knock::Open(1)), &host, NOW);
    assert_eq!(silent.finding, Finding::PortSilent);
    // Only ports of the protocol count.
    let greeting = judge(Check::SshGreets, &seen(Knock::Open(1), Knock::Refused), &host, NOW);
    assert_eq!(greeting.finding, Finding::NotReached);
    let mut greeted = seen(Knock::Open(1), Knock::Refused);
    greeted.ports[0].greeting = Some(said("SSH-2.0-x\r\n"));
    assert_eq!(judge(Check::SshGreets, &greeted, &host, NOW).finding, Finding::Fine);
}

#[test]
fn silence_and_hanging_up_are_told_apart() {
    let fine = |_: &[u8]| Verdict::new(Finding::Fine, "");
    assert_eq!(heard(&Said::HungUp, fine).finding, Finding::HungUp);
    assert_eq!(heard(&Said::Silent, fine).finding, Finding::NoGreeting);
    assert_eq!(heard(&Said::NotReached, fine).finding, Finding::NotReached);
    assert_eq!(heard(&Said::NoTls("x".to_owned()), fine).finding, Finding::NotReached);
    assert_eq!(heard(&said("x"), fine).finding, Finding::Fine);
}

#[test]
fn ssh_says_its_version() {
    let verdict = ssh(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    assert_eq!((verdict.finding, verdict.response.as_str()), (Finding::Fine, "SSH-2.0-OpenSSH_9.2p1 Debian-2"));
    assert_eq!(ssh(b"Welcome\r\nSSH-2.0-x\r\n").finding, Finding::Fine);
    assert_eq!(ssh(b"SSH-1.99-old\n").finding, Finding::OldSsh);
    assert_eq!(ssh(b"SSH-1.5-older\n").finding, Finding::OldSsh);
    let other = ssh(b"HTTP/1.1 400 Bad\x00\xff\r\n");
    assert_eq!(
        (other.finding, other.response.as_str()),
        (Finding::OtherProtocol, "HTTP/1.1 400 Bad\\x00\\xff\\x0d\\x0a")
    );
}

#[test]
fn remote_desktops_confirm() {
    assert_eq!(rdp(&[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0]).finding, Finding::Fine);
    assert_eq!(rdp(&[3, 0, 0, 19, 14, 0xe0, 0]).finding, Finding::OtherProtocol);
    assert_eq!(rdp(b"SSH-2.0-x").finding, Finding::OtherProtocol);
    assert_eq!(rdp(&[3]).finding, Finding::OtherProtocol);
}

#[test]
fn postgres_asks_for_a_login_or_complains() {
    let error = |state: &str| {
        let fields = format!("SFATAL\0VFATAL\0C{state}\0Mno\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        [b"E", &length[..], fields.as_bytes()].concat()
    };
    let login = postgres(&[b'R', 0, 0, 0, 23, 0, 0, 0, 10, b'S']);
    assert_eq!((login.finding, login.response.as_str()), (Finding::Fine, "asks for a login, method 10"));
    for (state, finding) in [
        ("28000", Finding::NotAdmitted),
        ("28P01", Finding::NotAdmitted),
        ("3D000", Finding::NotAdmitted),
        ("57P03", Finding::DatabaseNotReady),
        ("53300", Finding::DatabaseFull),
        ("XX000", Finding::DatabaseError),
    ] {
        let verdict = postgres(&error(state));
        assert_eq!((verdict.finding, verdict.response), (finding, format!("{state} no")));
    }
    assert_eq!(postgres(b"Error").finding, Finding::OtherProtocol);
    assert_eq!(postgres(b"SSH-2.0-x").finding, Finding::OtherProtocol);
    assert_eq!(postgres(b"R").finding, Finding::OtherProtocol);
}

#[test]
fn mysql_says_its_version_or_complains() {
    let packet = |payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
        [&length[..3], &[0], payload].concat()
    };
    let hello = mysql(&packet(b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xf7"));
    assert_eq!((hello.finding, hello.response.as_str()), (Finding::Fine, "8.0.36"));
    for (number, finding) in [
        (1040_u16, Finding::DatabaseFull),
        (1129, Finding::DatabaseBlocked),
        (1130, Finding::NotAdmitted),
        (1053, Finding::DatabaseNotReady),
        (1105, Finding::DatabaseError),
    ] {
        let payload = [&[0xff], &number.to_le_bytes()[..], b"sorry"].concat();
        let verdict = mysql(&packet(&payload));
        assert_eq!((verdict.finding, verdict.response), (finding, format!("{number} sorry")));
    }
    assert_eq!(mysql(b"SSH-2.0-OpenSSH\r\n").finding, Finding::OtherProtocol);
    assert_eq!(mysql(b"").finding, Finding::OtherProtocol);
}

fn certificate(from_days: i64, to_days: i64) -> Certificate {
    let day = 24 * 3600;
    Certificate {
        not_before: NOW.plus_seconds(from_days * day),
        not_after: NOW.plus_seconds(to_days * day),
        names: vec!["www.example.com".to_owned()],
        addresses: Vec::new(),
        subject: "CN=www".to_owned(),
        issuer: "CN=ca".to_owned(),
    }
}

#[test]
fn certificates_end() {
    for (from, to, finding) in [
        (-100, 100, Finding::Fine),
        (-100, 14, Finding::Fine),
        (-100, 13, Finding::ExpiresSoon),
        (-100, 0, Finding::ExpiresSoon),
        (-100, -1, Finding::Expired),
        (1, 100, Finding::NotYetValid),
    ] {
        assert_eq!(validity(&certificate(from, to), NOW).finding, finding, "{from} {to}");
    }
    let shown = validity(&certificate(-1, 20), NOW).response;
    assert_eq!(shown, "valid from 2026-01-04T09:30:15Z to 2026-01-25T09:30:15Z, days left: 20");
    assert_eq!(name(&certificate(-1, 1), "www.example.com").finding, Finding::Fine);
    let other = name(&certificate(-1, 1), "example.com");
    assert_eq!(other.finding, Finding::NameMismatch);
    assert_eq!(other.response, "asked for example.com; the certificate is for www.example.com");
}

#[test]
fn handshakes_that_did_not_come_about_are_told() {
    let rule = |_: &Certificate, _: &Handshake| Verdict::new(Finding::Fine, "");
    let unreadable = Handshake::Done { certificate: vec![1, 2, 3], distrust: None, version: String::new() };
    for (seen, finding) in [
        (unreadable, Finding::BadCertificate),
        (Handshake::Failed("alert".to_owned()), Finding::TlsFailed),
        (Handshake::HungUp, Finding::HungUp),
        (Handshake::Silent, Finding::NoGreeting),
        (Handshake::NotReached, Finding::NotReached),
    ] {
        assert_eq!(shaken(&seen, &rule).finding, finding);
    }
    let done = |distrust: Option<&str>| Handshake::Done {
        certificate: Vec::new(),
        distrust: distrust.map(str::to_owned),
        version: "TLSv1_3".to_owned(),
    };
    let good = trust(&certificate(-1, 1), &done(None));
    assert_eq!((good.finding, good.response.as_str()), (Finding::Fine, "TLSv1_3; subject CN=www; issuer CN=ca"));
    assert_eq!(trust(&certificate(-1, 1), &done(Some("unknown issuer"))).finding, Finding::Untrusted);
}

#[test]
fn statuses_have_their_levels() {
    for (line, finding) in [
        ("HTTP/1.1 200 OK", Finding::Fine),
        ("HTTP/1.0 302 Found", Finding::Fine),
        ("HTTP/1.1 401 Unauthorized", Finding::Fine),
        ("HTTP/1.1 403 Forbidden", Finding::Fine),
        ("HTTP/1.1 404 Not Found", Finding::ClientError),
        ("HTTP/1.1 500 Oops", Finding::ServerError),
        ("HTTP/1.1 503", Finding::ServerError),
        ("HTTP/1.1 999 X", Finding::OtherProtocol),
        ("HTTP/2 200", Finding::OtherProtocol),
        ("SSH-2.0-x", Finding::OtherProtocol),
        ("", Finding::OtherProtocol),
    ] {
        let verdict = status(format!("{line}\r\nServer: x\r\n\r\n").as_bytes());
        assert_eq!((verdict.finding, verdict.response.as_str()), (finding, line));
    }
}

#[test]
fn clocks_may_differ_by_a_minute() {
    let at = |date: &str| {
        clock(&Exchange {
            said: said(&format!("HTTP/1.1 200 OK\r\ndate: {date}\r\n\r\nDate: x")),
            asked_at: NOW,
            answered_at: NOW.plus_seconds(2),
        })
    };
    for (date, finding, shown) in [
        ("Mon, 05 Jan 2026 09:30:15 GMT", Finding::Fine, "difference 0 s"),
        ("Mon, 05 Jan 2026 09:31:17 GMT", Finding::Fine, "difference 60 s"),
        ("Mon, 05 Jan 2026 09:31:18 GMT", Finding::ClockOff, "difference 61 s"),
        ("Mon, 05 Jan 2026 09:29:14 GMT", Finding::Fine, "difference -60 s"),
        ("Mon, 05 Jan 2026 09:29:13 GMT", Finding::ClockOff, "difference -61 s"),
        ("Tue, 05 Jan 2027 09:30:15 GMT", Finding::ClockOff, "difference 31535998 s"),
        ("yesterday", Finding::NoDate, ""),
    ] {
        let verdict = at(date);
        assert_eq!(verdict.finding, finding, "{date}");
        assert!(verdict.response.ends_with(shown), "{date}: {}", verdict.response);
    }
    let without = Exchange {
        said: said("HTTP/1.1 200 OK\r\n\r\nDate: Mon, 05 Jan 2026 09:30:15 GMT"),
        asked_at: NOW,
        answered_at: NOW,
    };
    assert_eq!(clock(&without).finding, Finding::NoDate, "a body is no header");
}

#[test]
fn jobs_end_as_they_should() {
    let of = |findings: &[Finding]| ending(&findings.iter().map(|f| Verdict::new(*f, "")).collect::<Vec<_>>());
    assert_eq!(of(&[Finding::NotAllowed, Finding::Fine]), JobState::Done);
    assert_eq!(of(&[Finding::NotAllowed, Finding::Silent]), JobState::Done);
    assert_eq!(of(&[Finding::NotAllowed, Finding::NoName]), JobState::NotRun);
    assert_eq!(of(&[]), JobState::NotRun);
    assert_eq!(start(0, 1, 0, 600, 1), Start::Go);
    assert_eq!(start(2, 2, 1000, 600, 1), Start::Go, "another node takes over, however late");
    assert_eq!(start(0, 1, 600, 600, 1), Start::Go);
    assert_eq!(start(0, 1, 601, 600, 1), Start::End(JobState::Unavailable));
    assert_eq!(start(2, 4, 0, 600, 1), Start::End(JobState::Failed));
    assert_eq!(start(0, 1, 0, 600, 0), Start::End(JobState::NotRun));
    for ended in [3, 4, 7, 8] {
        assert_eq!(start(ended, 1, 0, 600, 1), Start::Ended);
    }
}

#[test]
fn what_is_shown_is_short_and_printable() {
    assert_eq!(shorten("a\r\nb\u{202e}c\u{1b}[31m"), "a··b·c·[31m");
    assert_eq!(shorten(&"界".repeat(RESPONSE_CHARS + 1)).chars().count(), RESPONSE_CHARS + 1);
    assert!(shorten(&"界".repeat(RESPONSE_CHARS + 1)).ends_with('…'));
    assert_eq!(help_url("https://h/{lang}/{check}#{finding}", "a", "b", Lang::EnUs), "https://h/en-us/a#b");
    assert_eq!(help_url("", "a", "b", Lang::ZhCn), "");
}

proptest! {
    /// Whatever a machine answers, there is a verdict that can be shown.
    #[test]
    fn any_answer_has_a_verdict(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for rule in [ssh, rdp, postgres, mysql, status] {
            let verdict = rule(&bytes);
            prop_assert!(!verdict.response.chars().any(char::is_control));
            prop_assert!(verdict.finding.level() != Level::NotRun);
        }
        let exchange = Exchange { said: Said::Bytes(bytes), asked_at: NOW, answered_at: NOW };
        prop_assert!(!clock(&exchange).response.chars().any(char::is_control));
    }
}
