//! Agreements: what the operator publishes, and which customer's user has signed it.
//!
//! Always true: a version is never changed, only followed by a newer one or withdrawn; a text may be added to it in the
//! other language. The newest valid version of a kind counts, and who signed it in one language has signed it in both.
//! A signature says who, when, from which address, which text, and for what.
//!
//! [`require_signed`] is what submissions and authorizations ask. `admin.rs` publishes for the command line and gives a new
//! installation its first versions.

pub mod admin;
pub mod api;
mod sql;

pub use sql::ALL;

use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use counterfoil_store::Tx;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;

/// What an agreement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Submitting a case as an ordinary user.
    NewCase,
    /// Submitting a case as an ISV's user. Published and signed like the others; nothing demands it yet.
    NewCaseOfIsv,
    /// Letting staff onto one's systems.
    Authorization,
}

impl Kind {
    /// All kinds, by number.
    pub const ALL: [Self; 3] = [Self::NewCase, Self::NewCaseOfIsv, Self::Authorization];

    /// The number on the wire and in the tables.
    pub fn number(self) -> i64 {
        match self {
            Self::NewCase => 0,
            Self::NewCaseOfIsv => 1,
            Self::Authorization => 2,
        }
    }

    /// The kind of a number's text; none for what is not known.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number().to_string() == text)
    }

    /// What it is called.
    pub fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::NewCase, Lang::ZhCn) => "提交工单协议",
            (Self::NewCase, Lang::EnUs) => "Agreement on submitting cases",
            (Self::NewCaseOfIsv, Lang::ZhCn) => "提交工单协议（ISV用户）",
            (Self::NewCaseOfIsv, Lang::EnUs) => "Agreement on submitting cases (ISV users)",
            (Self::Authorization, Lang::ZhCn) => "授权协议",
            (Self::Authorization, Lang::EnUs) => "Agreement on authorizations",
        }
    }
}

/// Fails with `OSM.01019030` while the newest version of `kind` is mandatory and the caller has not signed it.
pub async fn require_signed(tx: &mut Tx, caller: &Caller, kind: Kind, now: Micros) -> Result<()> {
    let Some(newest) = sql::find_newest(tx, kind, now).await? else { return Ok(()) };
    if !newest.mandatory || sql::has_signed(tx, &caller.account_id, &caller.user_id, kind, newest.version).await? {
        return Ok(());
    }
    let kind = kind.number();
    Err(Error::said(
        Code::AgreementNotSigned,
        format!("请先阅读并签署最新协议（agreement_type={kind}，见 ShowLatestPublishedAgreement）。"),
        format!("The newest agreement has to be signed first (agreement_type={kind} of ShowLatestPublishedAgreement)."),
    ))
}
