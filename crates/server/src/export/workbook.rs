//! Writes the workbook, a row at a time, on a thread that may block.

use super::rules::{self, COLUMNS, cell};
use crate::cases::CaseRow;
use crate::cases::api::Names;
use crate::catalog::Snapshot;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::{Micros, TimeZone};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Rows of one sheet besides its head; programs end at 1,048,576.
const SHEET_ROWS: u32 = 1_000_000;

/// How everything is said.
pub struct Form {
    /// The language of heads and names.
    pub lang: Lang,
    /// The zone of times.
    pub zone: TimeZone,
    /// The names.
    pub catalog: Arc<Snapshot>,
    /// When the export was asked for.
    pub now: Micros,
}

/// What comes from the reader.
pub enum Page {
    /// Some cases.
    Cases(Vec<CaseRow>),
    /// There are no more; without it the export is incomplete.
    End,
}

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Nobody waits for it any more.
    #[error("the export was given up")]
    Abandoned,
    /// The file cannot be written.
    #[error("the export's file: {0}")]
    File(#[from] std::io::Error),
    /// The writer refuses.
    #[error("the workbook: {0}")]
    Workbook(#[from] XlsxError),
}

/// The file, from its beginning, and how many cases it holds.
pub fn write(pages: mpsc::Receiver<Page>, folder: &Path, form: &Form) -> Result<(File, u64), WriteError> {
    std::fs::create_dir_all(folder)?;
    let mut workbook = Workbook::new();
    workbook.set_tempdir(folder)?;
    let created = ExcelDateTime::from_timestamp(form.now.seconds())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let count = fill(&mut workbook, pages, form, SHEET_ROWS)?;
    // A file without a name is gone with its last handle, whatever ends the process.
    let mut file = tempfile::tempfile_in(folder)?;
    let mut buffered = BufWriter::new(&mut file);
    workbook.save_to_writer(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.rewind()?;
    Ok((file, count))
}

fn fill(
    workbook: &mut Workbook,
    mut pages: mpsc::Receiver<Page>,
    form: &Form,
    sheet_rows: u32,
) -> Result<u64, WriteError> {
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let head = Format::new().set_bold();
    let (mut sheets, mut row, mut count) = (1, 0, 0);
    let mut sheet = begin(workbook, form, &head, sheets)?;
    loop {
        let cases = match pages.blocking_recv() {
            Some(Page::Cases(cases)) => cases,
            Some(Page::End) => return Ok(count),
            None => return Err(WriteError::Abandoned),
        };
        for case in &cases {
            if row == sheet_rows {
                (sheets, row) = (sheets + 1, 0);
                sheet = begin(workbook, form, &head, sheets)?;
            }
            row += 1;
            count += 1;
            write_case(sheet, row, case, form, &time)?;
        }
    }
}

/// A new sheet with its head.
fn begin<'a>(
    workbook: &'a mut Workbook,
    form: &Form,
    head: &Format,
    number: usize,
) -> Result<&'a mut Worksheet, WriteError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(rules::sheet_name(form.lang, number))?;
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0..).zip(&COLUMNS) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, column.head(form.lang), head)?;
    }
    Ok(sheet)
}

fn write_case(sheet: &mut Worksheet, row: u32, case: &CaseRow, form: &Form, format: &Format) -> Result<(), WriteError> {
    let names = Names::of(case, &form.catalog, form.lang);
    let text = |value: &str| Value::Text(cell(value).into_owned());
    let time = |at: Option<Micros>| at.map_or(Value::None, |at| Value::Time(form.zone.local(at)));
    let values = [
        text(case.case_id.as_str()),
        text(rules::status_name(case.status, form.lang)),
        text(&case.description),
        text(names.product.as_deref().unwrap_or_default()),
        text(&names.problem),
        text(&names.kind),
        text(names.severity.as_deref().unwrap_or_default()),
        text(&names.region),
        text(&case.user_name),
        time(Some(case.created_at)),
        time(case.resolved_at),
        time(case.ended_at),
        text(&case.resolution),
        text(&case.judgement),
    ];
    for (at, value) in (0..).zip(values) {
        match value {
            Value::Text(text) if text.is_empty() => {}
            Value::Text(text) => drop(sheet.write_string(row, at, text)?),
            Value::Time(local) => match ExcelDateTime::parse_from_str(&local) {
                Ok(time) => drop(sheet.write_datetime_with_format(row, at, &time, format)?),
                // Before 1900 there are no dates in a spreadsheet.
                Err(_) => drop(sheet.write_string(row, at, cell(&local))?),
            },
            Value::None => {}
        }
    }
    Ok(())
}

/// What is in a cell.
enum Value {
    Text(String),
    Time(String),
    None,
}
