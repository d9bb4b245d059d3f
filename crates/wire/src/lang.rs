//! The two languages of answers: names of the catalogue, error texts, mails.
//!
//! Header `X-Language` picks one. Any tag is accepted, because clients send what their system is set to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language that answers can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    /// Simplified Chinese, the documented default.
    #[default]
    #[serde(rename = "zh-cn")]
    ZhCn,
    /// English.
    #[serde(rename = "en-us")]
    EnUs,
}

impl Lang {
    /// The language for a value of `X-Language`: Chinese for any `zh` tag and when the header is absent or empty,
    /// English for every other.
    pub fn from_header(value: Option<&str>) -> Self {
        let value = value.unwrap_or_default().trim();
        let chinese = value.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("zh"));
        if value.is_empty() || chinese { Self::ZhCn } else { Self::EnUs }
    }

    /// `zh-cn` or `en-us`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-cn",
            Self::EnUs => "en-us",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_tag_picks_a_language() {
        for chinese in [None, Some(""), Some("zh-cn"), Some("ZH_TW"), Some("zh"), Some(" zh-CN ")] {
            assert_eq!(Lang::from_header(chinese), Lang::ZhCn, "{chinese:?}");
        }
        for other in [Some("en-us"), Some("EN"), Some("fr-fr"), Some("é"), Some("中文"), Some("*")] {
            assert_eq!(Lang::from_header(other), Lang::EnUs, "{other:?}");
        }
        assert_eq!(serde_json::to_value(Lang::ZhCn).unwrap(), Lang::ZhCn.as_str());
    }
}
