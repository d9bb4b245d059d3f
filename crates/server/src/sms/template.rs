//! Texts of the configuration with `{{name}}` in them, filled so that a value stays a value whatever it holds.

/// How a value is written into the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Inside of a JSON string.
    Json,
    /// In a URL, or in a form.
    Percent,
    /// In XML or HTML.
    Xml,
    /// As it is.
    Plain,
}

impl Escape {
    /// What a body of this type needs.
    pub fn of(content_type: &str) -> Self {
        let kind = content_type.to_ascii_lowercase();
        if kind.contains("json") {
            Self::Json
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            Self::Percent
        } else if kind.contains("xml") || kind.contains("html") {
            Self::Xml
        } else {
            Self::Plain
        }
    }

    fn write(self, value: &str, out: &mut String) {
        match self {
            Self::Plain => out.push_str(value),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                out.push_str(&quoted[1..quoted.len() - 1]);
            }
            Self::Percent => {
                for byte in value.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        out.push(char::from(byte));
                    } else {
                        out.push('%');
                        out.push_str(&crate::vault::hex(&[byte]).to_ascii_uppercase());
                    }
                }
            }
            Self::Xml => {
                for c in value.chars() {
                    match c {
                        '&' => out.push_str("&amp;"),
                        '<' => out.push_str("&lt;"),
                        '>' => out.push_str("&gt;"),
                        '"' => out.push_str("&quot;"),
                        '\'' => out.push_str("&#39;"),
                        other => out.push(other),
                    }
                }
            }
        }
    }
}

/// Fills `{{name}}` with what `value` gives for the name. Fails with what is wrong with the text.
pub fn fill<'a>(text: &str, escape: Escape, value: impl Fn(&str) -> Option<&'a str>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (name, after) = after.split_once("}}").ok_or("a {{ without its }}")?;
        let name = name.trim();
        escape.write(value(name).ok_or_else(|| format!("there is no value called {name:?}"))?, &mut out);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_stay_values() {
        let value = |name: &str| (name == "text").then_some("a\"}{{code}}\\\n&<你'");
        let filled = |text: &str, escape| fill(text, escape, value);
        assert_eq!(filled("{\"t\":\"{{text}}\"}", Escape::Json).unwrap(), "{\"t\":\"a\\\"}{{code}}\\\\\\n&<你'\"}");
        assert_eq!(
            filled("t={{ text }}&x=1", Escape::Percent).unwrap(),
            "t=a%22%7D%7B%7Bcode%7D%7D%5C%0A%26%3C%E4%BD%A0%27&x=1"
        );
        assert_eq!(filled("<t>{{text}}</t>", Escape::Xml).unwrap(), "<t>a&quot;}{{code}}\\\n&amp;&lt;你&#39;</t>");
        assert_eq!(filled("no place", Escape::Plain).unwrap(), "no place");
        assert_eq!(filled("{{other}}", Escape::Json).unwrap_err(), "there is no value called \"other\"");
        assert_eq!(filled("{{text", Escape::Json).unwrap_err(), "a {{ without its }}");
        assert_eq!(filled("{\"a\":{\"b\":\"c\"}}", Escape::Json).unwrap(), "{\"a\":{\"b\":\"c\"}}");
    }

    #[test]
    fn the_type_of_the_body_says_how() {
        for (kind, escape) in [
            ("application/json; charset=utf-8", Escape::Json),
            ("application/vnd.x+JSON", Escape::Json),
            ("application/x-www-form-urlencoded", Escape::Percent),
            ("text/xml", Escape::Xml),
            ("text/plain", Escape::Plain),
        ] {
            assert_eq!(Escape::of(kind), escape, "{kind}");
        }
    }

    proptest! {
        #[test]
        fn json_reads_back_what_was_filled_in(text in "\\PC*") {
            let filled = fill("{\"t\":\"{{x}}\"}", Escape::Json, |_| Some(text.as_str())).unwrap();
            let json: serde_json::Value = serde_json::from_str(&filled).unwrap();
            prop_assert_eq!(json["t"].as_str(), Some(text.as_str()));
        }
    }
}
