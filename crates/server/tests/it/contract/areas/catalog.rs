//! The catalogue.

use super::super::{Draft, Fixtures, question};
use super::{ANYONE, Area, CUSTOMER, Permissions, Reasons, USER};
use crate::support::TestApp;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[
        (ANYONE, &["ShowConfiguration"]),
        (CUSTOMER, &["ListCustomersRegions"]),
        (
            USER,
            &[
                "ListAreaCodes",
                "ListCaseCategories",
                "ListExtendsParams",
                "ListCaseLimits",
                "ListProblemTypes",
                "ListProductCategories",
                "ListRegions",
                "ListSatisfactionDimensions",
                "ListSeverities",
                "ListCaseTemplates",
            ],
        ),
    ];
    const NOT_OF_AN_ACCOUNT: Reasons = &[("ShowConfiguration", "a public key")];

    fn path_value(_: &str, name: &str, _: &Fixtures) -> Option<String> {
        (name == "config_key").then(|| "case.create-case.diagnose-list".to_owned())
    }

    async fn fill(draft: &mut Draft, app: &TestApp, operation: &str, _: &Fixtures) {
        if ["ListExtendsParams", "ListCaseTemplates", "ListSeverities"].contains(&operation) {
            let (problem, product, _) = question(app).await;
            draft.query("business_type_id", &problem);
            if operation == "ListSeverities" {
                draft.query("product_category_id", &product);
            }
        }
    }
}
