//! Every error that a client may see: one table of code, status and text in each language.
//!
//! An [`Error`] is named by meaning. Only this file knows status codes; `reply.rs` renders it in the caller's language and
//! in the body form of the path. Causes are logged once and never sent.

use axum::response::{IntoResponse, Response};
use counterfoil_store::StoreError;
use counterfoil_wire::lang::Lang;
use http::StatusCode;
use std::borrow::Cow;
use std::sync::Arc;

/// What handlers answer.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:literal, $zh:literal, $en:literal;)*) => {
        /// What went wrong. Each has a documented code, or one of our own (`OSM.01019001` and up).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the table gives each its text")]
        pub enum Code { $($name),* }

        impl Code {
            /// All codes.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code on the wire.
            pub fn code(self) -> &'static str {
                match self { $(Code::$name => $code),* }
            }

            /// The honest HTTP status.
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Code::$name => $status),* };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// The text without details.
            pub fn text(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Code::$name, Lang::ZhCn) => $zh, (Code::$name, Lang::EnUs) => $en),* }
            }
        }
    };
}

codes! {
    Malformed = "OSM.0001", 400, "请求无法解析。", "The request cannot be read.";
    Unauthorized = "OSM.0002", 401, "未认证。", "Unauthorized.";
    Forbidden = "OSM.0003", 403, "禁止访问。", "Forbidden.";
    Internal = "OSM.0004", 500, "服务内部错误。", "Internal Server Error.";
    Param = "OSM.01010001", 400, "参数校验失败。", "Param validation failed.";
    NoPermission = "OSM.01010002", 403, "没有操作权限。", "No operation permission.";
    UrgedTooOften = "OSM.01010004", 429, "您已催单，请稍后再催。", "You have asked for the order. Please ask for it later.";
    DailyVolume = "OSM.01010005", 429, "今日上传附件总大小超过限制。", "Uploaded accessory size exceeded limit today.";
    NoSuchSeverity = "OSM.01010006", 400, "严重程度不存在。", "Severity Id does not exist.";
    MayNotCreate = "OSM.01010007", 403, "该租户没有创建工单的角色。", "This tenant has no role to create a case.";
    WrongCopy = "OSM.01010008", 400, "抄送邮箱无效。", "Carbon copy email not valid.";
    WrongHostLogin = "OSM.01010003", 400, "帐号和密码不匹配。", "Account and password not matched.";
    PlanForbids = "OSM.01010009", 403, "客户权益不满足规则，无法创建工单。",
        "Can't create a case because of customer benefit not matching the rule.";
    NotVerified = "OSM.01010010", 400, "校验不通过。", "Verification not passed.";
    UnknownAction = "OSM.01010013", 400, "操作只能是撤销、关闭、催单或删除。",
        "The operation must be canceled or closed or pressed or deleted.";
    RatingFinal = "OSM.01010014", 409, "评价已超过可修改的期限。", "The rating can no longer be changed.";
    NoSuchCase = "OSM.01010015", 404, "工单不存在。", "This case does not exist.";
    CodeTooSoon = "OSM.01010024", 429, "验证码发送过于频繁。", "Verification code resent too frequently.";
    CodesUsedUp = "OSM.01010036", 429, "今日验证码发送次数已用完。", "The verification codes of today are used up.";
    WrongFeedbackType = "OSM.01010016", 400, "举报类型错误。", "The createFeedback type is not known.";
    UnknownAuthorizationAction = "OSM.01010018", 400, "授权操作类型不支持：只能是 reject 或 cancel。",
        "Auth operate type not support: it must be reject or cancel.";
    AuthorizationState = "OSM.01010018", 409, "授权当前状态不支持该操作。",
        "Auth operate type not support: not for this authorization, or not in its present status.";
    UrgedTooSoon = "OSM.01010023", 429, "工单刚刚提交，请稍后再催。", "The case was submitted moments ago. Please ask for it later.";
    NoSuchLabel = "OSM.01010039", 404, "标签不存在。", "This label does not exist.";
    LabelNameTaken = "OSM.01010040", 409, "标签名称已存在。", "LabelName already exist.";
    TooManyLabels = "OSM.01010041", 409, "同一账号的标签不能超过30个。", "The same domainId labels should not be over 30.";
    TooManyLabelsOfCase = "OSM.01010042", 409, "同一工单的标签不能超过5个。", "The same caseId labels should not be over 5.";
    TooManyRelations = "OSM.01010043", 409, "同一工单的关联工单不能超过3个。",
        "The same caseId relations should not be over 3.";
    RelatedToItself = "OSM.01010044", 400, "工单不能关联自身。", "The case can not bind itself.";
    QuotaUsedUp = "OSM.01010037", 429, "本月可提交的工单数已用完。", "The number of cases of this month is used up.";
    WrongState = "OSM.01019001", 409, "工单当前状态不允许该操作。", "The status of the case does not allow this operation.";
    KeyReused = "OSM.01019002", 409, "该 Idempotency-Key 已用于不同的请求。",
        "This Idempotency-Key was used with another request.";
    NoSuchAccessory = "OSM.01019003", 404, "附件不存在。", "This accessory does not exist.";
    Busy = "OSM.01019004", 503, "服务繁忙，请稍后重试。", "The service is busy. Please try again later.";
    UnsupportedType = "OSM.01019005", 415, "不支持的内容类型。", "The content type is not supported.";
    TooManyRequests = "OSM.01019006", 429, "请求过于频繁，请稍后重试。", "Too many requests. Please try again later.";
    UrlExpired = "OSM.01019007", 403, "链接无效或已过期。", "The link is not valid or has expired.";
    AgreementNotSigned = "OSM.01019030", 409, "请先签署最新协议。", "The newest agreement has to be signed first.";
    NoChannel = "OSM.01019031", 503, "服务方未开通该发送方式。", "The provider has not set up this way of sending.";
    NoSuchFeedback = "OSM.01019040", 404, "举报不存在。", "This report does not exist.";
    NoSuchRange = "OSM.01019060", 416, "文件没有所请求的范围。", "The file does not have the range that was asked for.";
    NoSuchAuthorization = "OSM.01019070", 404, "授权不存在。", "This authorization does not exist.";
    HostUnreachable = "OSM.01019071", 424, "主机无法连接。", "The host cannot be reached.";
    HostTimeout = "OSM.01019072", 424, "主机未在规定时间内应答。", "The host did not answer in time.";
    HostProtocol = "OSM.01019073", 424, "主机的应答不是所期望的协议。",
        "What answers there does not speak the expected protocol.";
    HostKeyChanged = "OSM.01019074", 409, "主机密钥与之前不同，未发送登录信息。",
        "The host shows another key than before; nothing was sent to it.";
    HostForbidden = "OSM.01019075", 403, "不允许连接该地址。", "Connections to this address are not allowed.";
    TooManyAuthorizations = "OSM.01019076", 409, "该工单的待处理授权过多。",
        "The case has too many open authorizations.";
    NoSuchSession = "OSM.01019077", 404, "会话不存在。", "This session does not exist.";
    NoSuchApi = "APIGW.0101", 404, "API不存在或未发布到该环境。",
        "The API does not exist or has not been published in the environment.";
    NoSuchMethod = "APIGW.0101", 404, "API不存在。", "The API does not exist.";
    BodyTooLarge = "APIGW.0201", 413, "请求体过大。", "Request entity too large.";
    UriTooLong = "APIGW.0201", 414, "请求URI过长。", "Request URI too large.";
    Timeout = "APIGW.0201", 504, "请求超时。", "Backend timeout.";
    NotAuthenticated = "APIGW.0301", 401, "IAM认证信息错误。", "Incorrect IAM authentication information";
    NotAuthorized = "APIGW.0302", 403, "IAM用户无权访问该API。", "The IAM user is not authorized to access the API.";
    TokenExpired = "APIGW.0307", 401, "The token must be updated", "The token must be updated";
    IamBadRequest = "IAM.0001", 400, "请求参数错误。", "Invalid parameter.";
    IamWrongLogin = "IAM.0002", 401, "用户名或密码错误。", "The username or password is wrong.";
    IamForbidden = "IAM.0003", 403, "没有执行该操作的权限。", "You are not authorized to perform the requested action.";
    IamNotFound = "IAM.0004", 404, "找不到请求的资源。", "Could not find the requested resource.";
    IamConflict = "IAM.0009", 409, "资源冲突。", "Conflict with an existing resource.";
    IamTooManyKeys = "IAM.0010", 400, "akSkNumExceed", "akSkNumExceed";
}

/// What a parameter may be; said in the error's text.
#[derive(Clone, Debug, PartialEq)]
pub enum Allowed {
    /// It must be there.
    Required,
    /// A text of so many characters.
    Length(u64, u64),
    /// A whole number in this range.
    Range(i64, i64),
    /// So many items.
    Items(u64, u64),
    /// One of these.
    OneOf(Cow<'static, [&'static str]>),
    /// A text without NUL or other control characters.
    Printable,
    /// Said in words.
    Text(Cow<'static, str>, Cow<'static, str>),
}

impl Allowed {
    /// In words: `zh` then `en`.
    pub fn text(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(zh.into(), en.into())
    }

    /// A time as queries take it.
    pub fn time() -> Self {
        Self::text(
            "须为 yyyy-MM-dd HH:mm:ss、yyyy-MM-dd 或 RFC 3339",
            "yyyy-MM-dd HH:mm:ss, yyyy-MM-dd or RFC 3339 is allowed",
        )
    }

    fn say(&self, lang: Lang) -> String {
        let zh = lang == Lang::ZhCn;
        match self {
            Self::Required if zh => "必填".to_owned(),
            Self::Required => "it is mandatory".to_owned(),
            Self::Length(min, max) if zh => format!("长度须为 {min} 到 {max} 个字符"),
            Self::Length(min, max) => format!("{min} to {max} characters are allowed"),
            Self::Range(min, max) if zh => format!("须为 {min} 到 {max} 的整数"),
            Self::Range(min, max) => format!("a whole number from {min} to {max} is allowed"),
            Self::Items(min, max) if zh => format!("须有 {min} 到 {max} 项"),
            Self::Items(min, max) => format!("{min} to {max} items are allowed"),
            Self::OneOf(names) if zh => format!("只能是 {}", names.join("、")),
            Self::OneOf(names) => format!("allowed are {}", names.join(", ")),
            Self::Printable if zh => "不得包含控制字符".to_owned(),
            Self::Printable => "control characters are not allowed".to_owned(),
            Self::Text(text, _) if zh => text.to_string(),
            Self::Text(_, text) => text.to_string(),
        }
    }
}

#[derive(Debug)]
enum Detail {
    Param { field: String, allowed: Allowed },
    Text(Cow<'static, str>, Cow<'static, str>),
}

#[derive(Debug)]
struct Inner {
    code: Code,
    detail: Option<Detail>,
    retry_after_s: Option<i64>,
    cause: Option<String>,
}

/// An error with its details. Cheap to move.
#[derive(Clone, Debug)]
pub struct Error(Arc<Inner>);

impl Error {
    /// An error that its code says all about.
    pub fn new(code: Code) -> Self {
        Self::build(code, None)
    }

    /// A parameter that is wrong: `OSM.01010001`, naming the field and what is allowed.
    pub fn param(field: impl Into<String>, allowed: Allowed) -> Self {
        Self::build(Code::Param, Some(Detail::Param { field: field.into(), allowed }))
    }

    /// Like [`Error::param`] with another code.
    pub fn param_as(code: Code, field: impl Into<String>, allowed: Allowed) -> Self {
        Self::build(code, Some(Detail::Param { field: field.into(), allowed }))
    }

    /// A code with words of its own in place of the table's.
    pub fn said(code: Code, zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self::build(code, Some(Detail::Text(zh.into(), en.into())))
    }

    /// A throttled request: `Retry-After` says when to come again.
    pub fn retry_after(code: Code, seconds: i64) -> Self {
        let mut inner = Inner { code, detail: None, retry_after_s: None, cause: None };
        inner.retry_after_s = Some(seconds.max(1));
        Self(Arc::new(inner))
    }

    /// A defect or a broken dependency. The cause is logged, the client sees a request id.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let cause = Some(cause.to_string());
        Self(Arc::new(Inner { code: Code::Internal, detail: None, retry_after_s: None, cause }))
    }

    /// Something that the service needs does not answer. The cause is logged, the client comes again.
    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        let cause = Some(cause.to_string());
        Self(Arc::new(Inner { code: Code::Busy, detail: None, retry_after_s: Some(5), cause }))
    }

    fn build(code: Code, detail: Option<Detail>) -> Self {
        Self(Arc::new(Inner { code, detail, retry_after_s: None, cause: None }))
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What is logged and never sent.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Seconds for `Retry-After`.
    pub fn retry_after_s(&self) -> Option<i64> {
        self.0.retry_after_s
    }

    /// The text for the client.
    pub fn message(&self, lang: Lang) -> String {
        let base = self.0.code.text(lang);
        match (&self.0.detail, lang) {
            (None, _) => base.to_owned(),
            (Some(Detail::Text(zh, _)), Lang::ZhCn) => zh.to_string(),
            (Some(Detail::Text(_, en)), Lang::EnUs) => en.to_string(),
            (Some(Detail::Param { field, allowed }), Lang::ZhCn) => format!("{base}{field}：{}。", allowed.say(lang)),
            (Some(Detail::Param { field, allowed }), Lang::EnUs) => format!("{base} {field}: {}.", allowed.say(lang)),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.code(), self.message(Lang::EnUs))?;
        self.cause().map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl std::error::Error for Error {}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Busy => Self::retry_after(Code::Busy, 1),
            StoreError::Unavailable { .. } | StoreError::Timeout => Self::unavailable(e),
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for Error {
    /// Carries the error to `reply::finish`, which knows the caller's language and the path's body form.
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_both_texts_and_a_status() {
        for code in Code::ALL {
            assert!(!code.text(Lang::ZhCn).is_empty() && !code.text(Lang::EnUs).is_empty(), "{code:?}");
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
        }
    }

    #[test]
    fn a_wrong_parameter_is_named_with_what_is_allowed() {
        let error = Error::param("limit", Allowed::Range(1, 100));
        assert_eq!(
            error.message(Lang::EnUs),
            "Param validation failed. limit: a whole number from 1 to 100 is allowed."
        );
        assert_eq!(error.message(Lang::ZhCn), "参数校验失败。limit：须为 1 到 100 的整数。");
    }
}
