//! What stands in the cells of an export. Pure.

use crate::cases::rules::Status;
use counterfoil_wire::lang::Lang;
use std::borrow::Cow;

/// The most that a cell holds, in the units of UTF-16 in which spreadsheets count.
pub const LONGEST_CELL: usize = 32_767;
/// What stands at the end of a text that was cut.
const CUT: &str = "…";

/// A column: its head in Chinese and in English, and its width in characters.
pub struct Column {
    zh: &'static str,
    en: &'static str,
    /// Width in characters.
    pub width: f64,
}

impl Column {
    /// The head in one language.
    pub fn head(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::ZhCn => self.zh,
            Lang::EnUs => self.en,
        }
    }
}

const fn column(zh: &'static str, en: &'static str, width: f64) -> Column {
    Column { zh, en, width }
}

/// The columns, in their order.
pub const COLUMNS: [Column; 14] = [
    column("工单编号", "Service ticket", 20.0),
    column("状态", "Status", 14.0),
    column("问题描述", "Description", 60.0),
    column("产品类型", "Product", 24.0),
    column("问题类型", "Problem type", 24.0),
    column("工单类型", "Kind", 14.0),
    column("严重程度", "Severity", 24.0),
    column("区域", "Region", 20.0),
    column("提交人", "Submitted by", 18.0),
    column("提交时间", "Submitted", 20.0),
    column("解决时间", "Solved", 20.0),
    column("结束时间", "Ended", 20.0),
    column("解决方案", "Solution", 60.0),
    column("评价", "Opinion", 30.0),
];

/// The name of a sheet; a workbook has several when a sheet is full.
pub fn sheet_name(lang: Lang, number: usize) -> String {
    let name = if lang == Lang::ZhCn { "工单" } else { "Service tickets" };
    if number == 1 { name.to_owned() } else { format!("{name} {number}") }
}

/// A status in words.
pub fn status_name(status: Status, lang: Lang) -> &'static str {
    let (zh, en) = match status {
        Status::ToBeProcessed => ("待受理", "To be processed"),
        Status::Processing => ("处理中", "Processing"),
        Status::ToBeConfirmed => ("待确认结果", "To be confirmed"),
        Status::Completed => ("已完成", "Completed"),
        Status::Canceled => ("已撤销", "Canceled"),
        Status::Paused => ("暂停", "Paused"),
        Status::Invalid => ("无效", "Invalid"),
        Status::Deleted => ("已删除", "Deleted"),
        Status::PendingFeedback => ("待反馈", "Pending feedback"),
    };
    if lang == Lang::ZhCn { zh } else { en }
}

/// A text as a cell may hold it: an apostrophe before what a program could take for a formula, no character that XML
/// forbids, and not longer than a cell.
///
/// The file says of every text that it is one. The apostrophe is for the next program: whoever saves the sheet as CSV
/// loses that note, and `=` at the start of a line is a formula again.
pub fn cell(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    if text.contains(is_forbidden) {
        out = Cow::Owned(text.chars().map(|c| if is_forbidden(c) { '\u{fffd}' } else { c }).collect());
    }
    if starts_a_formula(&out) {
        out = Cow::Owned(format!("'{out}"));
    }
    if out.encode_utf16().count() > LONGEST_CELL {
        out = Cow::Owned(cut(&out));
    }
    out
}

/// Characters that XML 1.0 has no form for, and noncharacters.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a program could take the text for a formula; some skip what is blank, and some know the wide signs as well.
fn starts_a_formula(text: &str) -> bool {
    let is_sign = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(is_sign)
}

fn cut(text: &str) -> String {
    let mut room = LONGEST_CELL - CUT.encode_utf16().count();
    let kept: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    kept + CUT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_cell_starts_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠a"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "1=1", "'=1", "无法登录", "a-b", "<b>&\"", "line\nbreak", "_x0041_"] {
            assert_eq!(cell(text), text);
        }
        assert_eq!(cell("\u{1}=1+1"), "\u{fffd}=1+1");
    }

    #[test]
    fn what_xml_forbids_is_replaced() {
        assert_eq!(
            cell("a\u{0}b\u{8}c\u{b}d\u{1f}e\u{ffff}f\u{fffe}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}"
        );
        assert_eq!(cell("tab\there, line\r\nthere 🎫"), "tab\there, line\r\nthere 🎫");
    }

    #[test]
    fn a_long_text_is_cut_where_a_character_ends() {
        let most = "x".repeat(LONGEST_CELL);
        assert_eq!(cell(&most), most);
        assert_eq!(cell(&format!("{most}y")).encode_utf16().count(), LONGEST_CELL);
        assert!(cell(&format!("{most}y")).ends_with("x…"));
        // Two units each: one unit of room is left over.
        let tickets = "🎫".repeat(LONGEST_CELL);
        let cut = cell(&tickets);
        assert_eq!((cut.encode_utf16().count(), cut.chars().count()), (LONGEST_CELL, LONGEST_CELL / 2 + 1));
        assert!(cell(&format!("={most}")).starts_with("'="));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_safe(text in "\\PC{0,40}|[=+@\\-\\s\\x00-\\x1f]{0,6}.*") {
            let cell = cell(&text);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            prop_assert!(!cell.chars().any(is_forbidden));
            prop_assert!(cell.encode_utf16().count() <= LONGEST_CELL);
        }
    }

    #[test]
    fn every_status_has_a_name_in_both_languages() {
        for status in Status::ALL {
            assert!(!status_name(status, Lang::ZhCn).is_ascii() && status_name(status, Lang::EnUs).is_ascii());
        }
    }
}
