//! What an entry of a session holds, how entries are chained, and how durations and sizes are written.

use counterfoil_wire::time::Micros;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest command that is kept, in characters.
pub const LONGEST_COMMAND: usize = 16_384;
/// The longest reason of an end, in characters.
pub const LONGEST_REASON: usize = 256;
/// The longest command that an answer shows, in characters.
pub const SHOWN_COMMAND: usize = 1024;
const LONGEST_NAME: usize = 512;
const LONGEST_PATH: usize = 1024;

/// Which way a file went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the host.
    Upload,
    /// From the host.
    Download,
}

impl Direction {
    /// `upload` or `download`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

/// A file that was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which way.
    pub direction: Direction,
    /// The name of the file.
    pub file_name: String,
    /// Where it came from.
    pub from_path: String,
    /// Where it went.
    pub to_path: String,
    /// Bytes that were moved.
    pub size_bytes: u64,
    /// How long it took.
    pub duration_ms: u64,
    /// Whether all of it arrived.
    pub succeeded: bool,
}

impl Transfer {
    /// With texts that are not longer than an answer can hold.
    #[must_use]
    pub fn within_bounds(&self) -> Self {
        Self {
            file_name: cut(&self.file_name, LONGEST_NAME),
            from_path: cut(&self.from_path, LONGEST_PATH),
            to_path: cut(&self.to_path, LONGEST_PATH),
            ..self.clone()
        }
    }
}

/// One thing that happened in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It began.
    Open {
        /// Who.
        engineer_id: String,
        /// Where.
        host: String,
        /// On which port.
        port: u16,
    },
    /// A command was sent.
    Command {
        /// Its text.
        text: String,
    },
    /// A file was moved.
    Transfer(Transfer),
    /// It ended.
    Close {
        /// Why.
        reason: String,
    },
}

impl Entry {
    /// The name in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Command { .. } => "command",
            Self::Transfer(_) => "transfer",
            Self::Close { .. } => "close",
        }
    }

    /// As it is kept: a JSON object.
    pub fn body(&self) -> String {
        let body = match self {
            Self::Open { engineer_id, host, port } => {
                serde_json::json!({"engineer_id": engineer_id, "host": host, "port": port})
            }
            Self::Command { text } => serde_json::json!({"text": text}),
            Self::Transfer(transfer) => serde_json::to_value(transfer).unwrap_or_default(),
            Self::Close { reason } => serde_json::json!({"reason": reason}),
        };
        body.to_string()
    }
}

/// The text of a command's body.
pub fn command_text(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["text"].as_str().unwrap_or_default().to_owned()
}

/// At most so many characters; what was cut off is said with an ellipsis. U+0000, which a terminal may well send and no
/// database takes, is replaced.
pub fn cut(text: &str, most: usize) -> String {
    let text = text.replace('\0', "\u{fffd}");
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// The hash of an entry over the one before it, its place, and all that it holds. Each part is preceded by its length, so
/// that nothing can be moved from one part to the next.
pub fn chain(before: &str, place: &[String], kind: &str, at: Micros, body: &str) -> String {
    let at = at.0.to_string();
    let mut hash = Sha256::new();
    for part in [before].into_iter().chain(place.iter().map(String::as_str)).chain([kind, &at, body]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    crate::vault::hex(&hash.finalize())
}

/// `hh:mm:ss`, with more digits for the hours where they are needed.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Bytes with the unit K, M or G and one decimal, rounded up so that something is never nothing.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)];
    let (unit, one) = UNITS.into_iter().find(|(_, one)| bytes >= *one).unwrap_or(UNITS[2]);
    let tenths = (u128::from(bytes) * 10).div_ceil(u128::from(one));
    format!("{}.{}{unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_and_sizes_are_written_as_documented() {
        for (seconds, text) in
            [(0, "00:00:00"), (59, "00:00:59"), (3_661, "01:01:01"), (360_000, "100:00:00"), (-5, "00:00:00")]
        {
            assert_eq!(duration(seconds), text);
        }
        for (bytes, text) in [
            (0, "0.0K"),
            (1, "0.1K"),
            (1024, "1.0K"),
            (1536, "1.5K"),
            (1 << 20, "1.0M"),
            ((1 << 20) - 1, "1024.0K"),
            (5 * (1 << 30) + 1, "5.1G"),
        ] {
            assert_eq!(size(bytes), text, "{bytes}");
        }
        assert!(size(u64::MAX).ends_with('G'));
    }

    #[test]
    fn long_texts_are_cut_visibly() {
        assert_eq!((cut("abc", 3), cut("abcd", 3)), ("abc".to_owned(), "ab…".to_owned()));
        assert_eq!(cut(&"密".repeat(2000), SHOWN_COMMAND).chars().count(), SHOWN_COMMAND);
    }

    #[test]
    fn what_a_terminal_sends_can_be_kept() {
        let body = Entry::Command { text: cut("a\0b\u{1b}[A", LONGEST_COMMAND) }.body();
        assert!(!body.contains("u0000"), "{body}");
        assert_eq!(command_text(&body), "a\u{fffd}b\u{1b}[A");
    }

    proptest! {
        /// Whatever is changed in an entry changes its hash.
        #[test]
        fn a_change_is_seen(before in "[0-9a-f]{0,8}", no in 1_i64..1000, kind in "[a-z]{1,8}", at in any::<i64>(), body in ".{0,20}") {
            let place = |first: &str, no: i64| [first.to_owned(), no.to_string()];
            let hash = chain(&before, &place("a", no), &kind, Micros(at), &body);
            prop_assert_ne!(&hash, &chain(&format!("{before}0"), &place("a", no), &kind, Micros(at), &body));
            prop_assert_ne!(&hash, &chain(&before, &place("a", no + 1), &kind, Micros(at), &body));
            prop_assert_ne!(&hash, &chain(&before, &place("b", no), &kind, Micros(at), &body));
            prop_assert_ne!(&hash, &chain(&before, &place("a", no), &format!("{kind}x"), Micros(at), &body));
            prop_assert_ne!(&hash, &chain(&before, &place("a", no), &kind, Micros(at ^ 1), &body));
            prop_assert_ne!(&hash, &chain(&before, &place("a", no), &kind, Micros(at), &format!("{body} ")));
        }
    }
}
