//! Which relations a case may have.

use crate::error::{Code, Error, Result};
use counterfoil_wire::ids::CaseId;

/// The most relations of a case.
pub const MOST: usize = 3;

/// Those of the wanted cases that are not related yet, each once; fails for the case itself and for too many.
pub fn pick(case_id: &CaseId, wanted: &[CaseId], there: &[CaseId]) -> Result<Vec<CaseId>> {
    let mut fresh: Vec<CaseId> = Vec::new();
    for id in wanted {
        if id == case_id {
            return Err(Error::new(Code::RelatedToItself));
        }
        if !there.contains(id) && !fresh.contains(id) {
            fresh.push(id.clone());
        }
    }
    if there.len() + fresh.len() > MOST { Err(Error::new(Code::TooManyRelations)) } else { Ok(fresh) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(serials: &[u32]) -> Vec<CaseId> {
        let now = counterfoil_wire::time::Micros(1_767_605_415_000_000);
        serials.iter().map(|serial| CaseId::compose(now, *serial)).collect()
    }

    #[test]
    fn three_in_all_and_each_once() {
        let own = &ids(&[0])[0];
        let pick = |wanted: &[u32], there: &[u32]| pick(own, &ids(wanted), &ids(there)).map_err(|e| e.code());
        assert_eq!(pick(&[1, 2, 3], &[]), Ok(ids(&[1, 2, 3])));
        assert_eq!(pick(&[3, 1, 3], &[1, 2]), Ok(ids(&[3])));
        assert_eq!(pick(&[], &[1, 2, 3]), Ok(Vec::new()));
        assert_eq!(pick(&[1, 2, 3], &[3, 2, 1]), Ok(Vec::new()));
        assert_eq!(pick(&[4], &[1, 2, 3]), Err(Code::TooManyRelations));
        assert_eq!(pick(&[1, 2], &[3, 4]), Err(Code::TooManyRelations));
        assert_eq!(pick(&[1, 0], &[]), Err(Code::RelatedToItself));
    }
}
