//! Pure decisions about the catalogue: whether a value fits an extra parameter.
//!
//! Used by the import, for defaults, and by cases, for what a customer filled in.

use serde_json::Value;

use super::document::{ExtraParam, ParamType};

/// What a value should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A whole number in this range.
    Number(i64, i64),
    /// Text of at most so many characters.
    Text(i64),
    /// Text of at most so many characters on one line.
    Line(i64),
    /// One of these values.
    OneOf(Vec<String>),
    /// Some of these values, each once, with commas between.
    SomeOf(Vec<String>),
    /// A tick: 1 or 0.
    Tick,
}

impl Expected {
    /// The sentence for an error message, in Chinese and in English.
    pub fn sentence(&self) -> (String, String) {
        match self {
            Self::Number(min, max) => {
                (format!("应为{min}到{max}之间的整数"), format!("a whole number from {min} to {max}"))
            }
            Self::Text(max) => (format!("应为最多{max}个字符的文本"), format!("text of at most {max} characters")),
            Self::Line(max) => {
                (format!("应为最多{max}个字符的单行文本"), format!("one line of at most {max} characters"))
            }
            Self::OneOf(values) => {
                (format!("应为其中之一：{}", values.join("、")), format!("one of: {}", values.join(", ")))
            }
            Self::SomeOf(values) => (
                format!("应为其中若干项，以逗号分隔且不重复：{}", values.join("、")),
                format!("some of these, each once, with commas between: {}", values.join(", ")),
            ),
            Self::Tick => ("应为1（同意）或0".to_owned(), "1 (agreed) or 0".to_owned()),
        }
    }
}

/// The value as it is stored, if it fits the parameter. Numbers, flags and lists may come as JSON or as text;
/// an absent or empty value becomes an empty text, which is right unless the parameter is required.
pub fn check_value(param: &ExtraParam, value: &Value) -> Result<String, Expected> {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => i64::from(*flag).to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) if param.kind == ParamType::Choices => {
            let values: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            values.ok_or_else(|| expected(param))?.join(",")
        }
        Value::Array(_) | Value::Object(_) => return Err(expected(param)),
    };
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let is_choice = |value: &str| param.choices.iter().any(|choice| choice.value == value);
    let fits = match param.kind {
        ParamType::Integer => {
            let number = text.trim().parse().ok().filter(|number| (param.min..=param.max).contains(number));
            return number.map(|number: i64| number.to_string()).ok_or_else(|| expected(param));
        }
        ParamType::Line => !value.is_boolean() && !text.contains(char::is_control) && within(&text, param.length),
        ParamType::Text => {
            let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            !value.is_boolean() && !text.contains(odd) && within(&text, param.length)
        }
        ParamType::Choice => is_choice(&text),
        ParamType::Choices => {
            let chosen: Vec<&str> = text.split(',').collect();
            let once = chosen.iter().enumerate().all(|(index, value)| !chosen[..index].contains(value));
            once && chosen.iter().all(|value| is_choice(value))
        }
        ParamType::Agreement => {
            return match text.as_str() {
                "1" | "true" => Ok("1".to_owned()),
                "0" | "false" => Ok("0".to_owned()),
                _ => Err(expected(param)),
            };
        }
    };
    if fits { Ok(text) } else { Err(expected(param)) }
}

/// Whether a stored value fills a required parameter: an agreement has to be ticked.
pub fn is_filled(param: &ExtraParam, value: &str) -> bool {
    !value.is_empty() && (param.kind != ParamType::Agreement || value == "1")
}

fn within(text: &str, length: i64) -> bool {
    i64::try_from(text.chars().count()).is_ok_and(|count| count <= length)
}

fn expected(param: &ExtraParam) -> Expected {
    let values = || param.choices.iter().map(|choice| choice.value.clone()).collect();
    match param.kind {
        ParamType::Integer => Expected::Number(param.min, param.max),
        ParamType::Line => Expected::Line(param.length),
        ParamType::Text => Expected::Text(param.length),
        ParamType::Choice => Expected::OneOf(values()),
        ParamType::Choices => Expected::SomeOf(values()),
        ParamType::Agreement => Expected::Tick,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::document::{Both, Choice};
    use super::*;

    fn param(kind: ParamType) -> ExtraParam {
        let choice = |value: &str| Choice { value: value.to_owned(), name: Both::default() };
        let has_choices = matches!(kind, ParamType::Choice | ParamType::Choices);
        ExtraParam {
            id: "p".to_owned(),
            key: "p".to_owned(),
            kind,
            name: Both::default(),
            desc: Both::default(),
            tips: Both::default(),
            required: false,
            show: true,
            sensitive: false,
            length: 4,
            min: 1,
            max: 65_535,
            default: String::new(),
            choices: if has_choices { vec![choice("linux"), choice("windows")] } else { Vec::new() },
            products: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn check(kind: ParamType, value: impl Into<Value>) -> Option<String> {
        check_value(&param(kind), &value.into()).ok()
    }

    #[test]
    fn integers_have_a_range_and_come_as_number_or_text() {
        for (value, stored) in [(json!(1), "1"), (json!("65535"), "65535"), (json!(" 22 "), "22"), (json!("007"), "7")]
        {
            assert_eq!(check(ParamType::Integer, value).as_deref(), Some(stored));
        }
        for bad in
            [json!(0), json!(65536), json!(1.5), json!("x"), json!("99999999999999999999"), json!([1]), json!({})]
        {
            assert_eq!(check(ParamType::Integer, bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn lengths_count_characters() {
        for kind in [ParamType::Line, ParamType::Text] {
            assert_eq!(check(kind, json!("云🙂云🙂")).as_deref(), Some("云🙂云🙂"));
            assert_eq!(check(kind, json!("12345")), None);
            assert_eq!(check(kind, json!(1234)).as_deref(), Some("1234"));
            assert_eq!(check(kind, json!("a\0")), None);
            assert_eq!(check(kind, json!(true)), None);
        }
        assert_eq!(check(ParamType::Text, json!("a\r\nb")).as_deref(), Some("a\r\nb"));
        assert_eq!(check(ParamType::Line, json!("a\nb")), None);
    }

    #[test]
    fn choices_are_from_the_list() {
        assert_eq!(check(ParamType::Choice, json!("linux")).as_deref(), Some("linux"));
        assert_eq!(check(ParamType::Choice, json!("linux,windows")), None);
        assert_eq!(check(ParamType::Choices, json!("windows,linux")).as_deref(), Some("windows,linux"));
        assert_eq!(check(ParamType::Choices, json!(["windows", "linux"])).as_deref(), Some("windows,linux"));
        for bad in [json!("linux,linux"), json!("linux,"), json!(["linux", 1]), json!("bsd"), json!(["linux,"])] {
            assert_eq!(check(ParamType::Choices, bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn agreements_are_ticked_or_not() {
        for (value, stored) in [(json!(true), "1"), (json!("1"), "1"), (json!(0), "0"), (json!("false"), "0")] {
            assert_eq!(check(ParamType::Agreement, value).as_deref(), Some(stored));
        }
        assert_eq!(check(ParamType::Agreement, json!("yes")), None);
        assert!(is_filled(&param(ParamType::Agreement), "1"));
        assert!(!is_filled(&param(ParamType::Agreement), "0"));
        assert!(is_filled(&param(ParamType::Line), "0"));
        assert!(!is_filled(&param(ParamType::Line), ""));
    }

    #[test]
    fn nothing_is_an_empty_text() {
        for value in [Value::Null, json!(""), json!("  ")] {
            assert_eq!(check(ParamType::Integer, value).as_deref(), Some(""));
        }
    }
}
