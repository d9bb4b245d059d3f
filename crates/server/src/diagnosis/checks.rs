//! The catalogue of checks and of what they may find, in both languages: data, in one place.
//!
//! A check says what is asked of a resource, a finding what the answer was. A finding has a level and an advice; which
//! finding an observation is, `rules.rs` decides. Ids of both are stored and seen by clients: they never change.

use counterfoil_wire::diagnosis::{Protocol, ResourceKind};
use counterfoil_wire::lang::Lang;

/// How bad a finding is, with its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The check could not be made.
    NotRun = 0,
    /// All is well.
    Normal = 3,
    /// Somebody should look.
    Abnormal = 4,
}

impl Level {
    /// The number on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $zh:literal, $en:literal;)*) => {
        /// Something that is asked of a resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Check { $($(#[$doc])* $name),* }

        impl Check {
            /// All checks, in the order in which results are listed.
            pub const ALL: &[Check] = &[$(Check::$name),*];

            /// Its id.
            pub fn id(self) -> &'static str {
                match self { $(Check::$name => $id),* }
            }

            /// Its name.
            pub fn name(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Check::$name, Lang::ZhCn) => $zh, (Check::$name, Lang::EnUs) => $en),* }
            }
        }
    };
}

checks! {
    /// Names lead to addresses.
    NameResolves = "name_resolves", "域名解析", "The name resolves";
    /// Something answers at the address. Asking by ICMP needs rights that a server should not have, so TCP is asked.
    AddressAnswers = "address_answers", "地址可达性（TCP）", "The address answers (TCP)";
    /// The registered ports are open.
    PortsOpen = "ports_open", "TCP端口", "TCP ports are open";
    /// An SSH server greets.
    SshGreets = "ssh_greets", "SSH服务应答", "SSH greets";
    /// A remote desktop server answers.
    RdpGreets = "rdp_greets", "远程桌面服务应答", "Remote desktop answers";
    /// The certificate is valid now and for some time.
    TlsValidity = "tls_validity", "TLS证书有效期", "The TLS certificate is valid";
    /// The certificate is for this name.
    TlsName = "tls_name", "TLS证书域名", "The TLS certificate has the right name";
    /// The certificate comes from an authority that is trusted.
    TlsTrust = "tls_trust", "TLS证书链", "The TLS certificate is trusted";
    /// The website answers without an error.
    HttpStatus = "http_status", "HTTP状态码", "HTTP status";
    /// The machine's clock is right.
    ClockDifference = "clock_difference", "时钟偏差", "Clock difference";
    /// PostgreSQL answers.
    PostgresGreets = "postgres_greets", "PostgreSQL服务应答", "PostgreSQL greets";
    /// MySQL answers.
    MysqlGreets = "mysql_greets", "MySQL服务应答", "MySQL greets";
}

impl Check {
    /// The check with this id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.id() == id)
    }

    /// Protocols of which a resource needs a port for this check to make sense; none where any will do.
    pub fn protocols(self) -> &'static [Protocol] {
        match self {
            Self::NameResolves | Self::AddressAnswers | Self::PortsOpen => &[],
            Self::SshGreets => &[Protocol::Ssh],
            Self::RdpGreets => &[Protocol::Rdp],
            Self::TlsValidity | Self::TlsName | Self::TlsTrust => &[Protocol::Https],
            Self::HttpStatus | Self::ClockDifference => &[Protocol::Http, Protocol::Https],
            Self::PostgresGreets => &[Protocol::Postgres],
            Self::MysqlGreets => &[Protocol::Mysql],
        }
    }
}

/// A kind of diagnosis, with its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A machine.
    Host = 1,
    /// A database.
    Database = 2,
    /// Getting into a machine.
    RemoteLogin = 3,
    /// The way to whatever is registered.
    Network = 4,
}

/// What each kind of diagnosis looks at, and what it asks.
const KINDS: &[(Kind, &[ResourceKind], &[Check])] = {
    use Check::{
        AddressAnswers, ClockDifference, HttpStatus, MysqlGreets, NameResolves, PortsOpen, PostgresGreets, RdpGreets,
        SshGreets, TlsName, TlsTrust, TlsValidity,
    };
    use ResourceKind::{Host, Mysql, Postgres, Website};
    &[
        (
            Kind::Host,
            &[Host],
            &[
                NameResolves,
                AddressAnswers,
                PortsOpen,
                SshGreets,
                RdpGreets,
                TlsValidity,
                TlsName,
                TlsTrust,
                HttpStatus,
                ClockDifference,
            ],
        ),
        (Kind::Database, &[Postgres, Mysql], &[NameResolves, AddressAnswers, PortsOpen, PostgresGreets, MysqlGreets]),
        (Kind::RemoteLogin, &[Host], &[NameResolves, AddressAnswers, SshGreets, RdpGreets]),
        (
            Kind::Network,
            &[Host, Postgres, Mysql, Website],
            &[NameResolves, AddressAnswers, PortsOpen, TlsValidity, TlsName, TlsTrust, HttpStatus, ClockDifference],
        ),
    ]
};

impl Kind {
    /// The kind with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        KINDS.iter().map(|(kind, ..)| *kind).find(|kind| *kind as i64 == number)
    }

    /// The number on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// What it looks at.
    pub fn resources(self) -> &'static [ResourceKind] {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or(&[], |(_, resources, _)| resources)
    }

    /// What it asks.
    pub fn checks(self) -> &'static [Check] {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or(&[], |(.., checks)| checks)
    }
}

macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $level:ident, $zh:literal, $en:literal;)*) => {
        /// What a check found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Finding { $($(#[$doc])* $name),* }

        impl Finding {
            /// All findings.
            pub const ALL: &[Finding] = &[$(Finding::$name),*];

            /// Its id.
            pub fn id(self) -> &'static str {
                match self { $(Finding::$name => $id),* }
            }

            /// How bad it is.
            pub fn level(self) -> Level {
                match self { $(Finding::$name => Level::$level),* }
            }

            /// What to do about it.
            pub fn advice(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Finding::$name, Lang::ZhCn) => $zh, (Finding::$name, Lang::EnUs) => $en),* }
            }
        }
    };
}

findings! {
    /// Nothing to say.
    Fine = "fine", Normal, "正常，无需处理。", "All is well; there is nothing to do.";
    /// A server answers, but does not let this machine in.
    NotAdmitted = "not_admitted", Normal,
        "服务正常应答，但不允许诊断服务器登录，这不影响业务。",
        "The server answers. It does not let the diagnosing machine in, which does no harm.";
    /// The address was written out.
    NoName = "no_name", NotRun,
        "登记的是IP地址，没有需要解析的域名。",
        "The resource is registered with an IP address; there is no name to resolve.";
    /// The operator does not let the server connect there.
    NotAllowed = "not_allowed", NotRun,
        "服务端的外连规则不允许访问该地址，请联系管理员放行。",
        "The operator's rules for outgoing connections do not allow this address. Ask the operator to allow it.";
    /// Something that this check needs did not work.
    NotReached = "not_reached", NotRun,
        "端口无法连接，未能执行该检查，请先处理连通性问题。",
        "The check could not be made because there was no connection. Repair the connection first.";
    /// The server does not tell its time.
    NoDate = "no_date", NotRun,
        "服务器的应答中没有Date头，无法比较时钟。",
        "The server's answer has no Date header, so that clocks cannot be compared.";
    /// The name has no address.
    NameMissing = "name_missing", Abnormal,
        "域名没有解析记录，请检查域名是否过期、DNS记录是否正确。",
        "The name has no address. Check whether the domain has expired and whether its DNS records are right.";
    /// Nobody said what the name's address is.
    NameSilent = "name_silent", Abnormal,
        "域名解析超时，请检查域名的DNS服务器。",
        "The name was not resolved in time. Check the DNS servers of its zone.";
    /// The name leads somewhere else.
    NameElsewhere = "name_elsewhere", Abnormal,
        "域名解析到了其他地址，请检查DNS记录或资源登记的地址。",
        "The name leads to another address. Check the DNS record, or the address that is registered.";
    /// No sign of life.
    Silent = "silent", Abnormal,
        "地址没有任何应答，请检查主机是否运行、安全组和防火墙是否放行。",
        "Nothing answers at the address. Check whether the machine runs, and its security group and firewall.";
    /// The network says that there is no way.
    Unreachable = "unreachable", Abnormal,
        "网络不可达，请检查弹性公网IP、路由和网络ACL。",
        "There is no way to the address. Check its public IP address, routes and network ACL.";
    /// Nobody listens on a port.
    PortClosed = "port_closed", Abnormal,
        "端口没有被监听，请检查服务是否启动、监听地址是否正确。",
        "Nobody listens on the port. Check whether the service runs and on which address it listens.";
    /// A port does not answer.
    PortSilent = "port_silent", Abnormal,
        "端口没有应答，请检查安全组和防火墙是否放行该端口。",
        "The port does not answer. Check whether the security group and the firewall let it through.";
    /// Connected, and then nothing.
    NoGreeting = "no_greeting", Abnormal,
        "连接已建立但服务没有应答，服务可能过载或卡死，请检查其负载和日志。",
        "The connection was made, but the service says nothing. It may be overloaded or stuck; check its load and log.";
    /// Connected, and then cut off.
    HungUp = "hung_up", Abnormal,
        "服务在应答前断开了连接，请检查其访问控制（如hosts.deny）、连接数上限和日志。",
        "The service cut the connection before it said anything. Check its access rules, connection limit and log.";
    /// Something else is spoken there.
    OtherProtocol = "other_protocol", Abnormal,
        "端口上的应答不是预期的协议，请检查端口是否被其他程序占用。",
        "What answers on the port speaks another protocol. Check whether another program took the port.";
    /// A version that should no longer be used.
    OldSsh = "old_ssh", Abnormal,
        "SSH服务仍允许已不安全的1.x协议，请升级SSH服务。",
        "The SSH server still speaks the insecure protocol 1. Upgrade it.";
    /// No agreement on TLS.
    TlsFailed = "tls_failed", Abnormal,
        "TLS握手失败，请检查证书配置以及是否支持TLS 1.2或1.3。",
        "The TLS handshake failed. Check the certificate's configuration, and that TLS 1.2 or 1.3 is offered.";
    /// A certificate that cannot be read.
    BadCertificate = "bad_certificate", Abnormal,
        "证书无法解析，请重新签发证书。",
        "The certificate cannot be read. Have a new one issued.";
    /// Too late.
    Expired = "expired", Abnormal,
        "证书已过期，请立即更换证书。",
        "The certificate has expired. Replace it now.";
    /// Too early.
    NotYetValid = "not_yet_valid", Abnormal,
        "证书尚未生效，请检查证书的起始时间和主机时钟。",
        "The certificate is not valid yet. Check when it begins, and the machine's clock.";
    /// Soon too late.
    ExpiresSoon = "expires_soon", Abnormal,
        "证书即将过期，请尽快续期。",
        "The certificate expires soon. Renew it.";
    /// For somebody else.
    NameMismatch = "name_mismatch", Abnormal,
        "证书不包含该域名，请为该域名签发证书。",
        "The certificate is not for this name. Have one issued that is.";
    /// From nobody that is known.
    Untrusted = "untrusted", Abnormal,
        "证书不是由受信任的机构签发，或缺少中间证书，请检查证书链。",
        "No trusted authority has issued the certificate, or an intermediate one is missing. Check the chain.";
    /// The website says that it is broken.
    ServerError = "server_error", Abnormal,
        "网站返回服务端错误（5xx），请检查应用和后端服务的日志。",
        "The website answers with an error of its own (5xx). Check the logs of the application and what is behind it.";
    /// The website does not know its own first page.
    ClientError = "client_error", Abnormal,
        "网站返回客户端错误（4xx），请检查登记的URL和网站配置。",
        "The website answers with 4xx. Check the registered URL and the website's configuration.";
    /// The clock is wrong.
    ClockOff = "clock_off", Abnormal,
        "服务器时钟偏差超过60秒，请检查NTP配置。",
        "The server's clock differs by more than 60 seconds. Check its time synchronisation.";
    /// The database is not ready.
    DatabaseNotReady = "database_not_ready", Abnormal,
        "数据库正在启动、停止或恢复，请稍后重试；若持续如此，请检查数据库日志。",
        "The database is starting, stopping or recovering. Try again; if it stays so, check its log.";
    /// The database is full.
    DatabaseFull = "database_full", Abnormal,
        "数据库连接数已满，请检查连接泄漏或调大最大连接数。",
        "The database has no connection left. Look for leaked connections, or raise the limit.";
    /// The database has shut this machine out.
    DatabaseBlocked = "database_blocked", Abnormal,
        "数据库因错误连接过多屏蔽了来源地址，请执行FLUSH HOSTS并检查错误连接的来源。",
        "The database has blocked the address after too many errors. Run FLUSH HOSTS and find out where they come from.";
    /// Any other complaint.
    DatabaseError = "database_error", Abnormal,
        "数据库返回错误，请根据返回内容检查数据库日志。",
        "The database answers with an error. Check its log for what it says.";
}

impl Finding {
    /// Whether somebody should look.
    pub fn is_abnormal(self) -> bool {
        self.level() == Level::Abnormal
    }

    /// The finding with this id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| finding.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_read_back() {
        let ids: HashSet<_> = Check::ALL.iter().map(|check| check.id()).collect();
        assert_eq!(ids.len(), Check::ALL.len());
        let ids: HashSet<_> = Finding::ALL.iter().map(|finding| finding.id()).collect();
        assert_eq!(ids.len(), Finding::ALL.len());
        for check in Check::ALL {
            assert_eq!(Check::parse(check.id()), Some(*check));
            assert!(check.id().len() <= 64 && check.name(Lang::EnUs).len() <= 64);
            assert!(check.name(Lang::ZhCn) != check.name(Lang::EnUs));
        }
        for finding in Finding::ALL {
            assert_eq!(Finding::parse(finding.id()), Some(*finding));
            assert!(finding.advice(Lang::ZhCn) != finding.advice(Lang::EnUs));
        }
        assert_eq!((Check::parse("x"), Finding::parse("")), (None, None));
    }

    #[test]
    fn every_kind_has_its_checks() {
        for number in 1..=4 {
            let kind = Kind::from_number(number).unwrap();
            assert_eq!(kind.number(), number);
            assert!(!kind.resources().is_empty() && !kind.checks().is_empty());
        }
        assert_eq!((Kind::from_number(0), Kind::from_number(5)), (None, None));
        for check in Check::ALL {
            let asked = [Kind::Host, Kind::Database, Kind::RemoteLogin, Kind::Network];
            assert!(asked.iter().any(|kind| kind.checks().contains(check)), "{check:?} is asked by nobody");
        }
    }
}
