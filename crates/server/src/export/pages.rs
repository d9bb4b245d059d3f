//! The cases of an export, page by page. Each page is a read of its own, so that a long export holds no transaction open.

use crate::app::App;
use crate::cases::{self, CaseRow, Filter};
use crate::error::Result;
use counterfoil_store::Tx;

/// Cases of one page.
const PAGE: i64 = 500;

/// What is still to be read.
pub struct Pages {
    filter: Filter,
    /// The numbers of what is left, where words were looked for: that is done once.
    found: Option<std::vec::IntoIter<i64>>,
    below: i64,
    skip: i64,
    left: i64,
}

impl Pages {
    /// The cases of a filter, newest first, without the first `skip` and at most `most`.
    pub async fn begin(app: &App, filter: Filter, skip: i64, most: i64) -> Result<Self> {
        let mut pages = Self { filter, found: None, below: i64::MAX, skip, left: most };
        if !pages.filter.keywords.is_empty() {
            let filter = pages.filter.clone();
            let found = app.store.read(async move |tx: &mut Tx| cases::numbers(tx, &filter).await).await?;
            let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
            let found: Vec<i64> = found.into_iter().skip(whole(skip)).take(whole(most)).collect();
            pages.found = Some(found.into_iter());
        }
        Ok(pages)
    }

    /// The next page; an empty one is the end.
    pub async fn next(&mut self, app: &App) -> Result<Vec<CaseRow>> {
        let filter = self.filter.clone();
        if let Some(found) = &mut self.found {
            // A case that has changed since may be in none of the pages; an empty page before the end is passed over.
            while found.len() > 0 {
                let numbers: Vec<i64> = found.by_ref().take(usize::try_from(PAGE).unwrap_or_default()).collect();
                let filter = filter.clone();
                let read = async move |tx: &mut Tx| cases::of_numbers(tx, &filter, &numbers).await;
                let rows = app.store.read(read).await?;
                if !rows.is_empty() {
                    return Ok(rows);
                }
            }
            return Ok(Vec::new());
        }
        let (below, limit) = (self.below, PAGE.min(self.left));
        if limit == 0 {
            return Ok(Vec::new());
        }
        let skip = std::mem::take(&mut self.skip);
        let rows = if skip > 0 {
            app.store.read(async move |tx: &mut Tx| cases::list(tx, &filter, limit, skip).await).await?
        } else {
            app.store.read(async move |tx: &mut Tx| cases::list_below(tx, &filter, below, limit).await).await?
        };
        self.left -= i64::try_from(rows.len()).unwrap_or(0);
        if let Some(last) = rows.last() {
            self.below = last.case_no;
        }
        Ok(rows)
    }
}
