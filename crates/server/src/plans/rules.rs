//! What a support plan allows. Pure: the same plan and case give the same answer.

use super::document::{Plan, Target};

/// What a plan decides on.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Whether the case reports a fault.
    pub is_fault: bool,
    /// Whether plan benefits apply to the product and the problem.
    pub has_benefits: bool,
    /// The severity that the customer chose.
    pub severity: Option<&'a str>,
    /// The mildest severity that the catalogue offers, which stands for none.
    pub mildest: Option<&'a str>,
}

/// Why a plan does not allow a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not cover faults.
    Fault,
    /// It does not have this severity.
    Severity,
}

impl Plan {
    /// Whether a severity may be chosen.
    pub fn offers(&self, severity: &str) -> bool {
        self.every_severity || self.severities.contains_key(severity)
    }

    /// Whether there is a choice of severities at all.
    pub fn has_choice(&self) -> bool {
        self.every_severity || self.severities.len() > 1
    }
}

/// The response target of a case that the plan allows; nothing is promised where benefits do not apply.
pub fn admit(plan: &Plan, question: Question<'_>) -> Result<Target, Refusal> {
    if question.is_fault && question.has_benefits && !plan.faults {
        return Err(Refusal::Fault);
    }
    if question.severity.is_some_and(|severity| !plan.offers(severity)) {
        return Err(Refusal::Severity);
    }
    let severity = question.severity.or(question.mildest).filter(|_| question.has_benefits);
    Ok(severity.and_then(|severity| plan.severities.get(severity)).cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::document::{BUILTIN, Document};
    use super::*;

    fn ask(plan: &str, is_fault: bool, has_benefits: bool, severity: Option<&str>) -> Result<Option<i64>, Refusal> {
        let document = Document::parse(BUILTIN).unwrap();
        let (_, plan) = document.plans.iter().find(|(id, _)| id == plan).unwrap();
        let question = Question { is_fault, has_benefits, severity, mildest: Some("guidance") };
        admit(plan, question).map(|target| target.minutes)
    }

    #[test]
    fn a_plan_without_faults_refuses_those_that_benefits_apply_to() {
        assert_eq!(ask("basic", true, true, None), Err(Refusal::Fault));
        assert_eq!(ask("basic", true, false, None), Ok(None));
        assert_eq!(ask("basic", false, true, Some("guidance")), Ok(None));
        assert_eq!(ask("unrestricted", true, true, Some("core-down")), Ok(None));
        assert_eq!(ask("business", true, true, None), Ok(Some(1440)), "the mildest stands for none");
    }

    #[test]
    fn severities_and_targets_follow_the_plan() {
        assert_eq!(ask("developer", true, true, Some("system-impaired")), Ok(Some(720)));
        assert_eq!(ask("developer", true, true, Some("production-down")), Err(Refusal::Severity));
        assert_eq!(ask("business", true, true, Some("core-down")), Err(Refusal::Severity));
        assert_eq!(ask("enterprise", true, true, Some("core-down")), Ok(Some(15)));
        assert_eq!(ask("enterprise", true, false, Some("core-down")), Ok(None), "no benefits, no promise");
        assert_eq!(ask("basic", false, false, Some("system-impaired")), Err(Refusal::Severity));
    }
}
