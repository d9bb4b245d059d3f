//! `counterfoil check`: looks for what must never be: half cases, wrong counters, files without a row.

use crate::app::App;
use crate::schema;
use anyhow::bail;
use counterfoil_store::{Result, Stmt, Store, Tx, statements};

statements! {
    NO_FIRST_MESSAGE = "SELECT COUNT(*) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM messages m \
        WHERE m.account_id = c.account_id AND m.case_id = c.case_id AND m.is_first = 1)";
    NO_FIRST_LOG = "SELECT COUNT(*) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM operate_logs l \
        WHERE l.account_id = c.account_id AND l.case_id = c.case_id AND l.operate_type = 0)";
    // A difference of two sorted lists: no index leads from a case to its events.
    NO_EVENT = "SELECT COUNT(*) FROM (SELECT account_id, case_id FROM cases EXCEPT \
        SELECT account_id, subject FROM events WHERE kind = 'case.created') missing";
    NO_DOCUMENT = "SELECT COUNT(*) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM search_docs d \
        WHERE d.doc_no = c.case_no AND d.account_id = c.account_id)";
    STRAY_MESSAGES = "SELECT COUNT(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM cases c \
        WHERE c.account_id = m.account_id AND c.case_id = m.case_id)";
    STRAY_LOGS = "SELECT COUNT(*) FROM operate_logs l WHERE NOT EXISTS (SELECT 1 FROM cases c \
        WHERE c.account_id = l.account_id AND c.case_id = l.case_id)";
    KEPT_SECRETS = "SELECT COUNT(*) FROM case_secrets s JOIN cases c ON c.account_id = s.account_id \
        AND c.case_id = s.case_id WHERE c.status IN (3, 4, 12, 13)";
    KEPT_LOGINS = "SELECT COUNT(*) FROM authorization_secrets s WHERE NOT EXISTS (SELECT 1 FROM authorizations a \
        WHERE a.account_id = s.account_id AND a.authorization_id = s.authorization_id AND a.status = 1)";
    OPEN_AUTHORIZATIONS = "SELECT COUNT(*) FROM authorizations a JOIN cases c ON c.account_id = a.account_id \
        AND c.case_id = a.case_id WHERE a.status IN (0, 1) AND c.status IN (3, 4, 12, 13)";
    WRONG_AUTHORIZATION_COUNTERS = "SELECT COUNT(*) FROM (SELECT account_id, scope, name, SUM(amount) AS total FROM (\
        SELECT account_id, scope, name, amount FROM counters \
        WHERE scope = 'authorizations' OR scope LIKE 'authorizations:%' UNION ALL \
        SELECT account_id, 'authorizations', CAST(status AS TEXT), -COUNT(*) FROM authorizations WHERE hidden = 0 \
        GROUP BY account_id, status UNION ALL \
        SELECT account_id, 'authorizations:' || user_id, CAST(status AS TEXT), -COUNT(*) FROM authorizations \
        WHERE hidden = 0 GROUP BY account_id, user_id, status) parts \
        GROUP BY account_id, scope, name) sums WHERE total <> 0";
    WRONG_ACCOUNT_COUNTERS = "SELECT COUNT(*) FROM (SELECT account_id, name, SUM(amount) AS total FROM (\
        SELECT account_id, name, amount FROM counters WHERE scope = 'cases' UNION ALL \
        SELECT account_id, CAST(status AS TEXT), -COUNT(*) FROM cases GROUP BY account_id, status) parts \
        GROUP BY account_id, name) sums WHERE total <> 0";
    WRONG_USER_COUNTERS = "SELECT COUNT(*) FROM (SELECT account_id, scope, name, SUM(amount) AS total FROM (\
        SELECT account_id, scope, name, amount FROM counters WHERE scope LIKE 'cases:%' UNION ALL \
        SELECT account_id, 'cases:' || user_id, CAST(status AS TEXT), -COUNT(*) FROM cases \
        GROUP BY account_id, user_id, status) parts GROUP BY account_id, scope, name) sums WHERE total <> 0";
    WRONG_LABEL_TOTALS = "SELECT COUNT(*) FROM (SELECT account_id, SUM(amount) AS total FROM (\
        SELECT account_id, label_count AS amount FROM label_totals UNION ALL \
        SELECT account_id, -COUNT(*) FROM labels GROUP BY account_id) parts GROUP BY account_id) sums WHERE total <> 0";
    WRONG_LABEL_COUNTS = "SELECT COUNT(*) FROM (SELECT account_id, label_id, user_id, status, SUM(amount) AS total FROM (\
        SELECT account_id, label_id, user_id, status, amount FROM label_counts UNION ALL \
        SELECT account_id, label_id, user_id, status, -COUNT(*) FROM case_labels \
        GROUP BY account_id, label_id, user_id, status UNION ALL \
        SELECT account_id, label_id, '', status, -COUNT(*) FROM case_labels GROUP BY account_id, label_id, status) parts \
        GROUP BY account_id, label_id, user_id, status) sums WHERE total <> 0";
    STRAY_CASE_LABELS = "SELECT COUNT(*) FROM case_labels x WHERE NOT EXISTS (SELECT 1 FROM cases c \
        WHERE c.account_id = x.account_id AND c.case_no = x.case_no AND c.status = x.status AND c.user_id = x.user_id) \
        OR NOT EXISTS (SELECT 1 FROM labels l WHERE l.account_id = x.account_id AND l.label_id = x.label_id)";
    LOPSIDED_RELATIONS = "SELECT COUNT(*) FROM case_relations r WHERE NOT EXISTS (SELECT 1 FROM case_relations o \
        WHERE o.account_id = r.account_id AND o.case_id = r.related_id AND o.related_id = r.case_id) \
        OR NOT EXISTS (SELECT 1 FROM cases c WHERE c.account_id = r.account_id AND c.case_id = r.case_id AND c.status <> 13)";
    WRONG_COPIES = "SELECT COUNT(*) FROM case_cc_emails e WHERE NOT EXISTS (SELECT 1 FROM case_secrets s \
        WHERE s.account_id = e.account_id AND s.case_id = e.case_id AND s.kind = 'contact')";
    WRONG_QUOTAS = "SELECT COUNT(*) FROM (SELECT account_id, month, plan_id, quota_id, SUM(amount) AS total FROM (\
        SELECT account_id, month, plan_id, quota_id, used AS amount FROM quota_months UNION ALL \
        SELECT account_id, month, plan_id, quota_id, -COUNT(*) FROM case_quotas \
        GROUP BY account_id, month, plan_id, quota_id) parts GROUP BY account_id, month, plan_id, quota_id) sums \
        WHERE total <> 0";
    KEPT_QUOTAS = "SELECT COUNT(*) FROM case_quotas q JOIN cases c ON c.account_id = q.account_id \
        AND c.case_id = q.case_id WHERE c.status = 12";
    WRONG_CONVERSATIONS = "SELECT COUNT(*) FROM (SELECT account_id, case_id, SUM(customer) AS customer, SUM(staff) AS staff \
        FROM (SELECT account_id, case_id, customer_messages AS customer, staff_messages AS staff FROM conversations \
        UNION ALL SELECT account_id, case_id, CASE WHEN author_kind = 0 THEN -1 ELSE 0 END, \
        CASE WHEN author_kind = 0 THEN 0 ELSE -1 END FROM messages \
        WHERE visibility = 'public' AND is_first = 0 AND withdrawn_at IS NULL) parts \
        GROUP BY account_id, case_id) sums WHERE customer <> 0 OR staff <> 0";
    WRONG_MARKERS = "SELECT COUNT(*) FROM read_markers r LEFT JOIN conversations c ON c.account_id = r.account_id \
        AND c.case_id = r.case_id WHERE r.message_count > COALESCE(CASE WHEN r.side = 'staff' THEN c.customer_messages \
        ELSE c.staff_messages END, 0)";
    WITHDRAWN_TEXTS = "SELECT COUNT(*) FROM messages m WHERE m.withdrawn_at IS NOT NULL AND (m.content <> '' \
        OR EXISTS (SELECT 1 FROM search_docs d WHERE d.doc_no = m.doc_no AND d.account_id = m.account_id) \
        OR EXISTS (SELECT 1 FROM accessories a WHERE a.account_id = m.account_id AND a.case_id = m.case_id \
        AND a.message_id = m.message_id))";
    INTEGRITY = "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        postgres: "SELECT CAST(0 AS BIGINT)";
}

const CHECKS: &[(&Stmt, &str)] = &[
    (&INTEGRITY, "damaged pages or indexes"),
    (&NO_FIRST_MESSAGE, "cases without their first message"),
    (&NO_FIRST_LOG, "cases without their first log entry"),
    (&NO_EVENT, "cases without the event of their submission"),
    (&NO_DOCUMENT, "cases that no search finds"),
    (&STRAY_MESSAGES, "messages without a case"),
    (&STRAY_LOGS, "log entries without a case"),
    (&KEPT_SECRETS, "secrets of ended cases"),
    (&KEPT_LOGINS, "logins of authorizations that are not in force"),
    (&OPEN_AUTHORIZATIONS, "open authorizations of ended cases"),
    (&WRONG_AUTHORIZATION_COUNTERS, "wrong counters of authorizations"),
    (&WRONG_ACCOUNT_COUNTERS, "wrong counters of accounts"),
    (&WRONG_USER_COUNTERS, "wrong counters of users"),
    (&WRONG_LABEL_TOTALS, "wrong numbers of labels"),
    (&WRONG_LABEL_COUNTS, "wrong counts of labelled cases"),
    (&STRAY_CASE_LABELS, "labels that stand wrong on a case"),
    (&LOPSIDED_RELATIONS, "relations that one of their cases does not know"),
    (&WRONG_COPIES, "copy addresses of cases without contacts"),
    (&WRONG_QUOTAS, "quotas that do not count their cases"),
    (&KEPT_QUOTAS, "invalid cases that still count in a quota"),
    (&WRONG_CONVERSATIONS, "wrong counters of conversations"),
    (&WRONG_MARKERS, "read markers ahead of their conversation"),
    (&WITHDRAWN_TEXTS, "withdrawn messages that are still there"),
];

/// Every check, with how often what it looks for was found.
pub async fn findings(store: &Store) -> Result<Vec<(&'static str, i64)>> {
    store
        .read(async |tx: &mut Tx| -> Result<Vec<(&'static str, i64)>> {
            let mut found = Vec::new();
            for (stmt, what) in CHECKS {
                found.push((*what, tx.query_one(stmt, &[]).await?.get(0)?));
            }
            Ok(found)
        })
        .await
}

/// Runs every check and prints what was found; fails when anything was.
pub(super) async fn check(app: &App, json: bool) -> anyhow::Result<()> {
    let found = findings(&app.store).await?;
    let wrong: i64 = found.iter().map(|(_, count)| count).sum();
    if json {
        let checks: Vec<_> =
            found.iter().map(|(what, count)| serde_json::json!({"check": what, "found": count})).collect();
        println!("{}", serde_json::json!({"ok": wrong == 0, "schema": schema::version(), "checks": checks}));
    } else {
        for (what, count) in &found {
            println!("{count:>8}  {what}");
        }
    }
    if wrong == 0 { Ok(()) } else { bail!("the database is not sound") }
}
