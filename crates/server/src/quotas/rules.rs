//! Which quotas of a plan a case counts in, and how much of them is left. Pure.

use crate::catalog::ProblemType;
use crate::catalog::document::applies;
use crate::plans::document::MOST_CASES;
use crate::plans::{Plan, Quota};

/// The answer where nothing is limited.
pub const UNLIMITED: i64 = -1;

/// The quotas that limit cases of a problem type, in the order of their ids: the order in which all units take them.
pub fn applying<'a>(plan: &'a Plan, problem: &'a ProblemType) -> impl Iterator<Item = (&'a str, &'a Quota)> {
    // The second half of a problem type's id is the problem.
    let kind_of_problem = problem.id.strip_prefix(problem.product_id.as_str()).and_then(|rest| rest.strip_prefix('.'));
    let kind_of_problem = kind_of_problem.unwrap_or_default();
    let counts = move |quota: &Quota| {
        quota.monthly != UNLIMITED
            && quota.kind.is_none_or(|kind| kind == problem.kind)
            && applies(&quota.products, &quota.problems, &problem.product_id, kind_of_problem)
    };
    plan.quotas.iter().filter(move |(_, quota)| counts(quota)).map(|(id, quota)| (id.as_str(), quota))
}

/// What was used of a quota in a month, and what packs added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Cases that count.
    pub used: i64,
    /// Cases that packs add.
    pub extra: i64,
}

/// The whole and the rest of what limits most; -1 and -1 where nothing does.
pub fn rest(limits: impl Iterator<Item = (i64, Use)>) -> (i64, i64) {
    let each = limits.map(|(monthly, spent)| {
        let total = monthly.saturating_add(spent.extra);
        (total, total.saturating_sub(spent.used))
    });
    // Where two leave the same, the smaller one is shown.
    let tightest = each.min_by_key(|(total, rest)| (*rest, *total));
    let shown = |number: i64| number.clamp(0, MOST_CASES);
    tightest.map_or((UNLIMITED, UNLIMITED), |(total, rest)| (shown(total), shown(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::document::{Both, CaseKind};
    use std::collections::BTreeMap;

    fn problem(product: &str, problem: &str, kind: CaseKind) -> ProblemType {
        ProblemType {
            id: format!("{product}.{problem}"),
            product_id: product.to_owned(),
            category_id: "compute".to_owned(),
            kind,
            support_plan: true,
            name: Both::default(),
            extra_params: Vec::new().into(),
            templates: Vec::new().into(),
        }
    }

    fn quota(monthly: i64, kind: Option<CaseKind>, products: &[&str], problems: &[&str]) -> Quota {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Quota { monthly, pack: 0, kind, products: texts(products), problems: texts(problems) }
    }

    #[test]
    fn a_case_counts_in_every_quota_that_is_about_it() {
        let quotas = [
            ("z-all", quota(30, None, &[], &[])),
            ("faults", quota(10, Some(CaseKind::Fault), &[], &[])),
            ("ecs", quota(5, None, &["ecs"], &[])),
            ("ecs-usage", quota(3, None, &["ecs"], &["usage"])),
            ("free", quota(-1, None, &[], &[])),
        ];
        let plan = Plan {
            name: Both::default(),
            bought: true,
            faults: true,
            every_severity: true,
            severities: BTreeMap::new(),
            quotas: quotas.into_iter().map(|(id, quota)| (id.to_owned(), quota)).collect(),
        };
        let ids = |problem: &ProblemType| applying(&plan, problem).map(|(id, _)| id.to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&problem("ecs", "usage", CaseKind::Consultation)), ["ecs", "ecs-usage", "z-all"]);
        assert_eq!(ids(&problem("ecs", "crashed", CaseKind::Fault)), ["ecs", "faults", "z-all"]);
        assert_eq!(ids(&problem("obs", "usage", CaseKind::Consultation)), ["z-all"]);
    }

    #[test]
    fn the_tightest_quota_is_shown() {
        let spent = |used, extra| Use { used, extra };
        assert_eq!(rest([].into_iter()), (-1, -1));
        assert_eq!(rest([(30, spent(0, 0))].into_iter()), (30, 30));
        assert_eq!(rest([(30, spent(28, 0)), (5, spent(1, 0))].into_iter()), (30, 2));
        assert_eq!(rest([(30, spent(30, 10)), (5, spent(0, 0))].into_iter()), (5, 5));
        assert_eq!(rest([(30, spent(33, 10))].into_iter()), (40, 7));
        assert_eq!(rest([(5, spent(9, 0))].into_iter()), (5, 0), "a quota that was lowered leaves nothing, not less");
        assert_eq!(rest([(65_535, spent(0, 65_535))].into_iter()), (65_535, 65_535));
    }
}
