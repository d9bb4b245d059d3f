//! Tokens: signed texts that say who logged in, how, for what and until when. Nothing is stored.
//!
//! A token is base64url of `version | fields | HMAC-SHA256`, about 200 characters. Two kinds exist, each under its own
//! key, so that neither can pass for the other: the login token (`X-Auth-Token`) and the security token of a temporary
//! access key (`X-Security-Token`), from which that key's secret is derived. Whether the user behind a token may still
//! use it is not in the token; see [`crate::iam::TokenRule`].

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use counterfoil_wire::{
    ids::{AccountId, ProjectId, UserId},
    time::Micros,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use sha2::Sha256;

use crate::{
    iam::AccessId,
    vault::{Vault, hex, random_bytes, unhex},
};

/// First byte of a token; a later layout gets another.
const VERSION: u8 = 1;
/// Bytes of the authentication code at the end.
const MAC_BYTES: usize = 32;
/// Longer texts are no tokens and are not decoded.
const MAX_LENGTH: usize = 1_000;
/// Bytes of an id.
const ID_BYTES: usize = 16;

/// How somebody logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// With a password.
    Password,
    /// With a one-time code, too.
    Totp,
    /// With another token.
    Token,
    /// Through an agency.
    AssumeRole,
}

impl Method {
    /// Every method, in the order of answers.
    pub const ALL: [Self; 4] = [Self::Password, Self::Totp, Self::Token, Self::AssumeRole];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Token => "token",
            Self::AssumeRole => "assume_role",
        }
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole account, for global services.
    Domain,
    /// One project of the account.
    Project(ProjectId),
}

/// Another account's user behind an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// His account.
    pub account_id: AccountId,
    /// He.
    pub user_id: UserId,
}

/// Who a token or temporary access key speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The account in which it acts.
    pub account_id: AccountId,
    /// The user, or the agency.
    pub user_id: UserId,
    /// Who acts through the agency.
    pub agent: Option<Agent>,
}

/// The fields of a login token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who.
    pub subject: Subject,
    /// How.
    pub methods: Vec<Method>,
    /// What for.
    pub scope: Scope,
    /// From when.
    pub issued_at: Micros,
    /// Until when.
    pub expires_at: Micros,
}

/// The fields of a security token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityToken {
    /// Who.
    pub subject: Subject,
    /// The temporary access key that it belongs to.
    pub access: AccessId,
    /// The permanent key that was used to get it; it ends with that key.
    pub parent: Option<AccessId>,
    /// From when.
    pub issued_at: Micros,
    /// Until when.
    pub expires_at: Micros,
}

/// The keys under which tokens are signed; derived once, because every request needs them.
pub struct TokenKeys {
    token: Hmac<Sha256>,
    security_token: Hmac<Sha256>,
    temporary_secret: Hmac<Sha256>,
}

impl TokenKeys {
    /// Derives the keys from the secret key of the installation.
    pub fn new(vault: &Vault) -> Self {
        let key =
            |purpose| Hmac::<Sha256>::new_from_slice(&vault.mac_key(purpose)).expect("HMAC takes keys of any length");
        Self { token: key("token"), security_token: key("security-token"), temporary_secret: key("temporary-secret") }
    }

    /// Writes and signs a login token.
    pub fn issue(&self, token: &Token) -> String {
        let mut out = Writer::new();
        out.subject(&token.subject);
        out.0.push(token.methods.iter().map(|method| method.bit()).fold(0, |all, bit| all | bit));
        match &token.scope {
            Scope::Domain => out.0.push(0),
            Scope::Project(id) => {
                out.0.push(1);
                out.id(id.as_str());
            }
        }
        out.times(token.issued_at, token.expires_at);
        out.finish(&self.token)
    }

    /// Reads a login token that this installation signed; `None` for anything else. It may have expired.
    pub fn read(&self, text: &str) -> Option<Token> {
        let bytes = checked(text, &self.token)?;
        let mut from = Reader(&bytes);
        let subject = from.subject()?;
        let bits = from.byte()?;
        let scope = match from.byte()? {
            0 => Scope::Domain,
            1 => Scope::Project(ProjectId::parse(&from.id()?)?),
            _ => return None,
        };
        let (issued_at, expires_at) = from.times()?;
        let methods = Method::ALL.into_iter().filter(|method| bits & method.bit() != 0).collect();
        Some(Token { subject, methods, scope, issued_at, expires_at })
    }

    /// Writes and signs a security token.
    pub fn issue_security_token(&self, token: &SecurityToken) -> String {
        let mut out = Writer::new();
        out.subject(&token.subject);
        out.text(token.access.as_str());
        out.text(token.parent.as_ref().map_or("", AccessId::as_str));
        out.times(token.issued_at, token.expires_at);
        out.finish(&self.security_token)
    }

    /// Reads a security token that this installation signed; `None` for anything else. It may have expired.
    pub fn read_security_token(&self, text: &str) -> Option<SecurityToken> {
        let bytes = checked(text, &self.security_token)?;
        let mut from = Reader(&bytes);
        let subject = from.subject()?;
        let access = AccessId::parse(from.text()?)?;
        let parent = match from.text()? {
            "" => None,
            text => Some(AccessId::parse(text)?),
        };
        let (issued_at, expires_at) = from.times()?;
        Some(SecurityToken { subject, access, parent, issued_at, expires_at })
    }

    /// The secret key of the temporary access key that belongs to a security token.
    pub fn temporary_secret(&self, security_token: &str) -> SecretString {
        let mut mac = self.temporary_secret.clone();
        mac.update(security_token.as_bytes());
        SecretString::from(hex(&mac.finalize().into_bytes()[..20]))
    }
}

/// Decodes a token whose authentication code is right, and gives its fields.
fn checked(text: &str, key: &Hmac<Sha256>) -> Option<Vec<u8>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let at = bytes.len().checked_sub(MAC_BYTES)?;
    let mut mac = key.clone();
    mac.update(&bytes[..at]);
    mac.verify_slice(&bytes[at..]).ok()?;
    bytes.truncate(at);
    if *bytes.first()? != VERSION {
        return None;
    }
    bytes.remove(0);
    Some(bytes)
}

struct Writer(Vec<u8>);

impl Writer {
    fn new() -> Self {
        let mut bytes = Vec::with_capacity(160);
        bytes.push(VERSION);
        // The random number makes two tokens of one microsecond differ.
        bytes.extend_from_slice(&random_bytes::<8>());
        Self(bytes)
    }

    fn id(&mut self, text: &str) {
        let mut bytes = [0; ID_BYTES];
        let is_id = unhex(text, &mut bytes);
        debug_assert!(is_id, "ids are 32 hexadecimal digits by their type");
        self.0.extend_from_slice(&bytes);
    }

    fn subject(&mut self, subject: &Subject) {
        self.id(subject.account_id.as_str());
        self.id(subject.user_id.as_str());
        self.0.push(u8::from(subject.agent.is_some()));
        if let Some(agent) = &subject.agent {
            self.id(agent.account_id.as_str());
            self.id(agent.user_id.as_str());
        }
    }

    /// A text of at most 255 bytes, which an [`AccessId`] is.
    fn text(&mut self, text: &str) {
        self.0.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(text.as_bytes());
    }

    fn times(&mut self, issued_at: Micros, expires_at: Micros) {
        self.0.extend_from_slice(&issued_at.0.to_be_bytes());
        self.0.extend_from_slice(&expires_at.0.to_be_bytes());
    }

    fn finish(mut self, key: &Hmac<Sha256>) -> String {
        let mut mac = key.clone();
        mac.update(&self.0);
        self.0.extend_from_slice(&mac.finalize().into_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// Reads fields in the order in which [`Writer`] wrote them.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn id(&mut self) -> Option<String> {
        self.take(ID_BYTES).map(hex)
    }

    fn subject(&mut self) -> Option<Subject> {
        self.take(8)?; // the random number
        let account_id = AccountId::parse(&self.id()?)?;
        let user_id = UserId::parse(&self.id()?)?;
        let agent = match self.byte()? {
            0 => None,
            1 => Some(Agent { account_id: AccountId::parse(&self.id()?)?, user_id: UserId::parse(&self.id()?)? }),
            _ => return None,
        };
        Some(Subject { account_id, user_id, agent })
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(self.byte()?);
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn number(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    /// The last fields: nothing may follow.
    fn times(&mut self) -> Option<(Micros, Micros)> {
        let times = (Micros(self.number()?), Micros(self.number()?));
        self.0.is_empty().then_some(times)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn keys(byte: u8) -> TokenKeys {
        TokenKeys::new(&Vault::with_key(&[byte; 32]))
    }

    fn token() -> Token {
        let now = Micros(1_767_605_415_123_456);
        Token {
            subject: Subject {
                account_id: AccountId::random(now),
                user_id: UserId::random(now),
                agent: Some(Agent { account_id: AccountId::random(now), user_id: UserId::random(now) }),
            },
            methods: vec![Method::Password, Method::Totp],
            scope: Scope::Project(ProjectId::random(now)),
            issued_at: now,
            expires_at: now.plus_seconds(86_400),
        }
    }

    fn security_token(parent: Option<&str>) -> SecurityToken {
        let Token { subject, issued_at, expires_at, .. } = token();
        let access = AccessId::parse("CTEXAMPLE0TICKET0001").unwrap();
        SecurityToken { subject, access, parent: parent.and_then(AccessId::parse), issued_at, expires_at }
    }

    #[test]
    fn reads_what_it_wrote() {
        let token = token();
        let text = keys(1).issue(&token);
        assert!(text.len() < 400, "{}", text.len());
        assert_eq!(keys(1).read(&text).unwrap(), token);
        let plain = Token {
            subject: Subject { agent: None, ..token.subject.clone() },
            scope: Scope::Domain,
            methods: vec![Method::AssumeRole],
            ..token
        };
        assert_eq!(keys(1).read(&keys(1).issue(&plain)).unwrap(), plain);
        assert_ne!(keys(1).issue(&plain), keys(1).issue(&plain));
        for parent in [None, Some("AKEXAMPLE0TICKET0001")] {
            let token = security_token(parent);
            let text = keys(1).issue_security_token(&token);
            assert_eq!(keys(1).read_security_token(&text).unwrap(), token);
        }
    }

    #[test]
    fn refuses_every_change_other_keys_and_the_other_kind() {
        let text = keys(1).issue(&token());
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(keys(1).read(&BASE64_URL_SAFE_NO_PAD.encode(changed)).is_none(), "byte {at}");
            }
        }
        for length in 0..text.len() {
            assert!(keys(1).read(&text[..length]).is_none(), "length {length}");
        }
        assert!(keys(1).read(&format!("{text}A")).is_none());
        assert!(keys(1).read(&"A".repeat(5_000)).is_none());
        assert!(keys(2).read(&text).is_none());
        assert!(keys(1).read_security_token(&text).is_none());
        assert!(keys(1).read(&keys(1).issue_security_token(&security_token(None))).is_none());
    }

    #[test]
    fn temporary_secrets_belong_to_one_token_and_one_installation() {
        let secret = |byte, text: &str| keys(byte).temporary_secret(text).expose_secret().to_owned();
        assert_eq!(secret(1, "a"), secret(1, "a"));
        assert_ne!(secret(1, "a"), secret(1, "b"));
        assert_ne!(secret(1, "a"), secret(2, "a"));
        assert_eq!(secret(1, "a").len(), 40);
    }
}
