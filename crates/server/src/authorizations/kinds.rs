//! The kinds of access that can be asked for, their names in both languages, and what the customer gives for each.

use counterfoil_wire::lang::Lang;

/// A kind of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// A shell, with a password.
    SshPassword,
    /// A shell, with a private key.
    SshKey,
    /// A remote desktop.
    Rdp,
    /// A remote screen.
    Vnc,
    /// Files over SSH, with a password.
    Sftp,
    /// Acting as the account, with all its rights.
    ConsoleCredential,
    /// Acting through an agency, with the rights that it delegates.
    ConsoleAgency,
    /// A text that nobody else may read.
    Confidential,
}

/// What the customer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gives {
    /// A login for each host.
    Logins,
    /// Nothing but consent.
    Consent,
    /// An agency.
    Agency,
    /// A text.
    Text,
}

impl Access {
    /// Every kind.
    pub const ALL: [Access; 8] = [
        Access::SshPassword,
        Access::SshKey,
        Access::Rdp,
        Access::Vnc,
        Access::Sftp,
        Access::ConsoleCredential,
        Access::ConsoleAgency,
        Access::Confidential,
    ];
    /// Every [`Access::id`].
    pub const IDS: &[&str] =
        &["ssh_password", "ssh_key", "rdp", "vnc", "sftp", "console_credential", "console_agency", "confidential"];

    /// `visit_type_id` on the wire, and the name in the database.
    pub fn id(self) -> &'static str {
        match self {
            Self::SshPassword => "ssh_password",
            Self::SshKey => "ssh_key",
            Self::Rdp => "rdp",
            Self::Vnc => "vnc",
            Self::Sftp => "sftp",
            Self::ConsoleCredential => "console_credential",
            Self::ConsoleAgency => "console_agency",
            Self::Confidential => "confidential",
        }
    }

    /// Reads an id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.id() == id)
    }

    /// The name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::SshPassword => ("SSH密码登录", "SSH with a password"),
            Self::SshKey => ("SSH密钥登录", "SSH with a private key"),
            Self::Rdp => ("RDP远程桌面", "RDP"),
            Self::Vnc => ("VNC", "VNC"),
            Self::Sftp => ("SFTP", "SFTP"),
            Self::ConsoleCredential => ("凭证授权", "Credential"),
            Self::ConsoleAgency => ("委托授权", "Agency"),
            Self::Confidential => ("机密信息", "Confidential information"),
        };
        if lang == Lang::ZhCn { zh } else { en }
    }

    /// `resource_type_id` on the wire with its name.
    pub fn resource(self, lang: Lang) -> (&'static str, &'static str) {
        let (id, zh, en) = match self.gives() {
            Gives::Logins => ("host", "服务器", "Server"),
            Gives::Consent | Gives::Agency => ("console", "控制台", "Console"),
            Gives::Text => ("confidential", "机密信息", "Confidential information"),
        };
        (id, if lang == Lang::ZhCn { zh } else { en })
    }

    /// `content_type_id` on the wire with its name.
    pub fn content(self, lang: Lang) -> (&'static str, &'static str) {
        let (id, zh, en) = match self.gives() {
            Gives::Logins => ("login", "登录信息", "Login"),
            Gives::Consent => ("consent", "同意", "Consent"),
            Gives::Agency => ("agency", "委托", "Agency"),
            Gives::Text => ("text", "文本", "Text"),
        };
        (id, if lang == Lang::ZhCn { zh } else { en })
    }

    /// What the customer gives for it.
    pub fn gives(self) -> Gives {
        match self {
            Self::SshPassword | Self::SshKey | Self::Rdp | Self::Vnc | Self::Sftp => Gives::Logins,
            Self::ConsoleCredential => Gives::Consent,
            Self::ConsoleAgency => Gives::Agency,
            Self::Confidential => Gives::Text,
        }
    }

    /// Whether it is about hosts.
    pub fn is_host(self) -> bool {
        self.gives() == Gives::Logins
    }

    /// Whether a login needs a name; a VNC server asks for a password alone.
    pub fn needs_account(self) -> bool {
        self.is_host() && self != Self::Vnc
    }

    /// Where such a service usually listens.
    pub fn usual_port(self) -> i64 {
        match self {
            Self::Rdp => 3389,
            Self::Vnc => 5900,
            _ => 22,
        }
    }
}

/// What an engineer commits to when the request brought no letter of its own.
pub fn usual_letter(lang: Lang) -> &'static str {
    match lang {
        Lang::ZhCn => {
            "工程师承诺：仅为处理本工单使用该授权，仅访问所列资源，仅在授权期限内操作；不查看、复制或外传与处理无关的数据；\
             全部操作均被记录并可由您查阅。工单结束、授权到期或您取消授权后，所提供的登录信息将被删除。建议您随后修改密码。"
        }
        Lang::EnUs => {
            "The engineer commits to use this authorization for this service ticket only, on the listed resources only, and \
             within its time only; not to look at, copy or pass on data that the ticket is not about. Everything that is done \
             is recorded, and you can read the record. What you provide is erased when the ticket ends, the authorization \
             expires, or you cancel it. Please change your passwords afterwards."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_told_apart() {
        for (access, id) in Access::ALL.into_iter().zip(Access::IDS) {
            assert_eq!((access.id(), Access::parse(id)), (*id, Some(access)));
            assert!(access.is_host() || !access.needs_account());
            for lang in [Lang::ZhCn, Lang::EnUs] {
                for text in [access.name(lang), access.resource(lang).1, access.content(lang).1] {
                    assert!((1..=64).contains(&text.chars().count()), "{text}");
                }
            }
        }
        assert_eq!(Access::parse("telnet"), None);
        assert!([Lang::ZhCn, Lang::EnUs].iter().all(|lang| usual_letter(*lang).chars().count() <= 20_000));
    }
}
