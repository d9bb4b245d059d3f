//! The tokenizer of the full-text search. Both engines only store what it makes, so the same query finds the same texts.
//!
//! Text is folded (NFKC, lower case, no combining marks). Runs of letters and digits of scripts that separate words become
//! one token each; runs of Han, Kana and Hangul become overlapping pairs, and a single character stands alone. Every
//! CJK character is a token too, so that a one-character query finds it.
//!
//! What [`stored`] makes goes into `fts5(..., tokenize = 'ascii')`, which splits at spaces and takes every other character
//! as it is, and into `array_to_tsvector(string_to_array($1, ' '))`. What [`query_text`] makes goes into `table MATCH $1` and
//! into `@@ CAST(CAST($1 AS TEXT) AS tsquery)`.

use crate::Engine;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: nobody types them, and they would only swell the index.
const MAX_WORD: usize = 64;

/// The distinct tokens of `text`, for storing, in order of first appearance.
pub fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    walk(text, |run, is_cjk| {
        if is_cjk {
            out.extend(run.iter().map(char::to_string));
            out.extend(run.windows(2).map(String::from_iter));
        } else {
            out.push(run.iter().take(MAX_WORD).collect());
        }
    });
    distinct(out)
}

/// The tokens that a text must hold to match `keyword`: whole words, and pairs of a CJK run.
pub fn query_tokens(keyword: &str) -> Vec<String> {
    let mut out = Vec::new();
    walk(keyword, |run, is_cjk| match run {
        [single] if is_cjk => out.push(single.to_string()),
        _ if is_cjk => out.extend(run.windows(2).map(String::from_iter)),
        _ => out.push(run.iter().take(MAX_WORD).collect()),
    });
    distinct(out)
}

/// The tokens of `text` as both engines store them: separated by spaces.
pub fn stored(text: &str) -> String {
    tokens(text).join(" ")
}

/// The query for texts that hold all of `keyword`, in the words of `engine`; `None` when there is nothing to look for.
pub fn query_text(keyword: &str, engine: Engine) -> Option<String> {
    let tokens = query_tokens(keyword);
    // Tokens are letters and digits only, so nothing in the quotes needs an escape.
    let quoted = |(mark, and): (char, &str)| {
        let quoted: Vec<_> = tokens.iter().map(|token| format!("{mark}{token}{mark}")).collect();
        quoted.join(and)
    };
    let text = quoted(if engine == Engine::Sqlite { ('"', " AND ") } else { ('\'', " & ") });
    (!text.is_empty()).then_some(text)
}

fn distinct(tokens: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    tokens.into_iter().filter(|token| seen.insert(token.clone())).collect()
}

fn walk(text: &str, mut each: impl FnMut(&[char], bool)) {
    let folded = text.nfkd().filter(|c| !is_combining_mark(*c)).nfkc().flat_map(char::to_lowercase);
    let mut run: Vec<char> = Vec::new();
    let mut run_is_cjk = false;
    for c in folded.chain([' ']) {
        let (belongs, is_cjk) = (c.is_alphanumeric(), is_cjk(c));
        if (!belongs || is_cjk != run_is_cjk) && !run.is_empty() {
            each(&run, run_is_cjk);
            run.clear();
        }
        if belongs {
            run_is_cjk = is_cjk;
            run.push(c);
        }
    }
}

fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x3100..=0x312F | 0x31A0..=0x31BF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::{query_tokens, tokens};

    #[test]
    fn words_and_pairs_are_folded() {
        assert_eq!(tokens("ＥＣＳ restart"), ["ecs", "restart"]);
        assert_eq!(query_tokens("云服务器"), ["云服", "服务", "务器"]);
        assert_eq!(query_tokens("云"), ["云"]);
        assert!(tokens("我的ECS云服务器").contains(&"服务".to_owned()));
        assert_eq!(query_tokens("Café"), ["cafe"]);
        assert!(query_tokens("!!! \0 \u{7f}").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn a_text_matches_each_of_its_own_pieces(text in "[a-z\u{4e00}-\u{4eff}Ａ-Ｚ ]{0,40}") {
            let held = tokens(&text);
            for piece in text.split(' ') {
                for token in query_tokens(piece) {
                    proptest::prop_assert!(held.contains(&token), "{token} not in {held:?}");
                }
            }
        }
    }
}
