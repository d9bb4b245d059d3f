//! Exports: spreadsheets of cases, opened here part by part.

mod download_cases;

use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// The workbook of an answer.
struct Book(ZipArchive<Cursor<Vec<u8>>>);

impl Book {
    fn open(bytes: Vec<u8>) -> Self {
        Self(ZipArchive::new(Cursor::new(bytes)).unwrap())
    }

    /// One of its files.
    fn part(&mut self, name: &str) -> String {
        let mut text = String::new();
        self.0.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// The cells of its first sheet, by row: what is between the tags, as it is written there.
    fn raw_rows(&mut self) -> Vec<Vec<String>> {
        let sheet = self.part("xl/worksheets/sheet1.xml");
        let rows = sheet.split("<row ").skip(1).map(|row| {
            let mut cells = Vec::new();
            for cell in row.split("<c r=\"").skip(1) {
                let at = usize::from(cell.as_bytes()[0] - b'A');
                let (head, rest) = cell.split_once('>').unwrap();
                let value = rest.split_once("<t").map_or(rest, |(_, text)| text);
                let value = value.split_once('>').map_or("", |(_, text)| text);
                let value = value.split_once("</").map_or("", |(text, _)| text);
                cells.resize(at, String::new());
                let is_text = head.contains("t=\"inlineStr\"");
                cells.push(if is_text { format!("s:{value}") } else { format!("n:{value}") });
            }
            cells
        });
        rows.collect()
    }

    /// The same as texts; numbers stay as they are written.
    fn rows(&mut self) -> Vec<Vec<String>> {
        let plain = |cell: &String| {
            let text = cell.get(2..).unwrap_or_default();
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
        };
        self.raw_rows().iter().map(|row| row.iter().map(plain).collect()).collect()
    }
}
