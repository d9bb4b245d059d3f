//! Parts of a file: which bytes a request asks for (RFC 9110, section 14).
//!
//! One range of bytes is understood. Several at once, other units and what cannot be read are answered with the whole file,
//! as the RFC allows.

use std::ops::Range;

/// What of a file is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes; never none.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Nothing,
}

/// Reads the header `Range` for a file of `size` bytes.
pub fn parse(header: Option<&str>, size: u64) -> Wanted {
    let Some(spec) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else { return Wanted::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::Whole };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (first, number(first), last, number(last)) {
        ("", _, _, Some(count)) if count == 0 || size == 0 => Wanted::Nothing,
        ("", _, _, Some(count)) => Wanted::Part(size.saturating_sub(count)..size),
        (_, Some(first), "", _) if first >= size => Wanted::Nothing,
        (_, Some(first), "", _) => Wanted::Part(first..size),
        (_, Some(first), _, Some(last)) if first > last => Wanted::Whole,
        (_, Some(first), _, Some(_)) if first >= size => Wanted::Nothing,
        (_, Some(first), _, Some(last)) => Wanted::Part(first..last.saturating_add(1).min(size)),
        _ => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood() {
        let wanted = |header: &str| parse(Some(header), 10);
        assert_eq!(parse(None, 10), Wanted::Whole);
        assert_eq!(wanted("bytes=0-0"), Wanted::Part(0..1));
        assert_eq!(wanted("bytes=2-4"), Wanted::Part(2..5));
        assert_eq!(wanted("bytes=2-"), Wanted::Part(2..10));
        assert_eq!(wanted("bytes=-3"), Wanted::Part(7..10));
        assert_eq!(wanted("bytes=-99"), Wanted::Part(0..10));
        assert_eq!(wanted("bytes=9-18446744073709551615"), Wanted::Part(9..10));
        for nothing in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(wanted(nothing), Wanted::Nothing, "{nothing}");
        }
        for whole in
            ["bytes=", "bytes=-", "bytes=4-2", "bytes=0-1,3-4", "bytes=a-b", "lines=1-2", "bytes=99999999999999999999-"]
        {
            assert_eq!(wanted(whole), Wanted::Whole, "{whole}");
        }
        assert_eq!(parse(Some("bytes=-1"), 0), Wanted::Nothing);
    }
}
