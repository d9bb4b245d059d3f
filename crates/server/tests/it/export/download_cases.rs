//! `DownloadCases`. That other programs open the file is tested with one, in the SDK's suite.

use super::Book;
use crate::support::cases::{CASES, assert_refused, consultation, fault};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, LEO, MALLORY};
use crate::support::{Answer, Person, TestApp};
use counterfoil_store::Tx;
use http_body_util::BodyExt as _;
use serde_json::json;

async fn ask(test: &TestApp, by: &Person, query: &str) -> Answer {
    test.get(&format!("{CASES}/export?language=en-us&timezone=GMT%2B8{query}")).by(by).english().send().await
}

async fn rows(test: &TestApp, by: &Person, query: &str) -> Vec<Vec<String>> {
    let answer = ask(test, by, query).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    Book::open(answer.bytes).rows()
}

/// The ids in a file, in its order.
async fn ids(test: &TestApp, by: &Person, query: &str) -> Vec<String> {
    rows(test, by, query).await.into_iter().skip(1).map(|row| row[0].clone()).collect()
}

/// The number under which a spreadsheet keeps a time.
fn serial(days: f64, hours: f64) -> f64 {
    days + hours / 24.0
}

#[tokio::test]
async fn the_file_says_everything_in_the_language_and_zone_that_were_asked_for() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &fault("无法登录 <b>&\"")).await;
    test.accept(&id).await;
    test.advance_seconds(3600);
    test.reply(&id, "Use the key.", "solution").await.ok();
    test.act_with(&BOB, &id, "close", &json!({"judgement": "good"})).await.ok();
    let answer = ask(&test, &ALICE, "").await;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(answer.header("content-type"), Some(kind));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"service-tickets-2026-01-05.xlsx\""));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-length"), Some(answer.bytes.len().to_string().as_str()));
    let mut book = Book::open(answer.bytes);
    assert!(book.part("xl/workbook.xml").contains("name=\"Service tickets\""));
    let rows = book.rows();
    let head = [
        "Service ticket",
        "Status",
        "Description",
        "Product",
        "Problem type",
        "Kind",
        "Severity",
        "Region",
        "Submitted by",
        "Submitted",
        "Solved",
        "Ended",
        "Solution",
        "Opinion",
    ];
    assert_eq!(rows[0], head);
    assert_eq!(rows.len(), 2);
    let region = &rows[1][7];
    let expected = [
        &id,
        "Completed",
        "无法登录 <b>&\"",
        "Elastic Cloud Server",
        "Cannot log in to the server",
        "Fault",
        "Production system unavailable",
        region,
        "bob",
    ];
    assert_eq!(rows[1][..9], expected);
    assert!(!region.is_empty());
    // 2026-01-05 is day 46027 of spreadsheets; 09:30:15 UTC is 17:30:15 in GMT+8.
    for (at, hours) in [(9, 17.0), (10, 18.0), (11, 18.0)] {
        let time: f64 = rows[1][at].parse().unwrap();
        assert!((time - serial(46_027.0, hours + 30.0 / 60.0 + 15.0 / 3600.0)).abs() < 1e-6, "{at}: {time}");
    }
    assert_eq!(rows[1][12..], ["Use the key.", "good"]);

    let zh = test.get(&format!("{CASES}/export?language=zh-cn&timezone=UTC")).by(&ALICE).english().send().await;
    let mut book = Book::open(zh.bytes);
    assert!(book.part("xl/workbook.xml").contains("name=\"工单\""));
    let rows = book.rows();
    assert_eq!((rows[0][0].as_str(), rows[1][1].as_str(), rows[1][5].as_str()), ("工单编号", "已完成", "故障"));
    let time: f64 = rows[1][9].parse().unwrap();
    assert!((time - serial(46_027.0, 9.0 + 30.0 / 60.0 + 15.0 / 3600.0)).abs() < 1e-6, "{time}");
}

#[tokio::test]
async fn no_cell_is_a_formula_and_every_text_arrives() {
    let test = TestApp::start().await;
    let texts = [
        "=HYPERLINK(\"http://x.example\",\"click\")",
        "+1+1",
        "-2+3",
        "@SUM(1+1)",
        "\t=1+1",
        "\r=1+1",
        "  =cmd|' /C calc'!A0",
        "a\u{1}b\u{b}c\u{1f}d",
        "_x0041_ stays",
        "</t></is></c><c r=\"Z9\"><f>1+1</f></c>",
    ];
    for text in texts {
        test.case_of(&ALICE, &consultation(text)).await;
    }
    let answer = ask(&test, &ALICE, "").await;
    let mut book = Book::open(answer.bytes);
    let sheet = book.part("xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "a formula");
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(sheet.chars().all(allowed), "a character that XML forbids");
    let raw = book.raw_rows();
    assert!(raw.iter().skip(1).all(|row| row[2].starts_with("s:")), "every description is a text");
    let written: Vec<String> = book.rows().into_iter().skip(1).map(|row| row[2].clone()).rev().collect();
    assert_eq!(written[0], "'=HYPERLINK(\"http://x.example\",\"click\")");
    for (at, text) in texts.iter().enumerate().take(7) {
        assert!(written[at].starts_with('\''), "{text:?}: {:?}", written[at]);
    }
    assert_eq!(written[7], "a\u{fffd}b\u{fffd}c\u{fffd}d");
    // The form in which a spreadsheet reads the text as it was.
    assert_eq!(written[8], "_x005F_x0041_ stays");
    assert_eq!(written[9], texts[9]);
}

#[tokio::test]
async fn the_filters_are_those_of_the_list() {
    let test = TestApp::start().await;
    let early = test.case_of(&ALICE, &consultation("磁盘 is full")).await;
    test.advance_seconds(3600);
    let late = test.case_of(&BOB, &fault("cannot log in")).await;
    test.act(&BOB, &late, "cancel").await.ok();
    let foreign = test.case(&MALLORY).await;
    let (own, other) = (test.account_id(&ALICE).await, test.account_id(&MALLORY).await);
    let (bob, mallory) = (test.user_id(&BOB).await, test.user_id(&MALLORY).await);
    let both = [late.clone(), early.clone()];
    let (only_early, only_late) = ([early.clone()], [late.clone()]);
    for (query, found) in [
        ("", &both[..]),
        (&format!("&incident_id={early}"), &only_early),
        (&format!("&incident_id={late},{early},{foreign}"), &both),
        (&format!("&incident_id={foreign}"), &[]),
        ("&incident_id=", &both),
        ("&status=4", &only_late),
        ("&status=13", &[]),
        ("&x_customer_name=alice", &only_early),
        (&format!("&sub_customer_id={bob}"), &only_late),
        (&format!("&sub_customer_id={mallory}"), &[]),
        (&format!("&customer_id={own}"), &both),
        (&format!("&customer_id={other}"), &[]),
        ("&search_key=full", &only_early),
        ("&search_key=cannot%20log", &only_late),
        ("&search_key=cannot%20full", &[]),
        ("&search_key=full&limit=0", &[]),
        ("&query_start_time=2026-01-05%2018:00:00", &only_late),
        ("&query_end_time=2026-01-05%2017:30:15", &only_early),
        ("&tenant_source_id_list=83aeb0f2834c4df49826c781d32a963e", &both),
        ("&tenant_source_id_list=other&tenant_source_id_list=83aeb0f2834c4df49826c781d32a963e", &both),
        ("&tenant_source_id_list=other", &[]),
        ("&offset=1", &only_early),
        ("&limit=1", &only_late),
        ("&offset=1&limit=1", &only_early),
        ("&offset=2", &[]),
        ("&limit=0", &[]),
    ] {
        assert_eq!(ids(&test, &ALICE, query).await, found, "{query}");
    }
}

#[tokio::test]
async fn long_lists_are_read_page_by_page_without_a_gap() {
    let test = TestApp::start().await;
    test.case_of(&BOB, &consultation("the one original")).await;
    // Copies of the row: enough for several pages, and cheap.
    let copy = async |tx: &mut Tx| -> Result<(), counterfoil_store::StoreError> {
        let columns = "user_id, user_name, status, case_type, sub_type_id, product_id, problem_id, region_id, \
            severity_id, source_id, project_id, description, params, extension, remind_time, assignee_id, \
            assignee_name, urge_count, urged_at, reminder_count, reopen_count, judgement, resolution, pause_reason, \
            resume_at, created_at, updated_at, status_at, resolved_at, ended_at, ended_by";
        for i in 1..1700 {
            let sql = format!(
                "INSERT INTO cases (account_id, case_no, case_id, {columns}) SELECT account_id, case_no + {i}, \
                 'TT20260105{i:08}', {columns} FROM cases ORDER BY case_no LIMIT 1"
            );
            tx.query_dyn(&sql, &[]).await?;
        }
        Ok(())
    };
    test.app.store.write(copy).await.unwrap();
    let found = ids(&test, &ALICE, "").await;
    assert_eq!(found.len(), 1700);
    let expected: Vec<String> = (1..1700).rev().map(|i| format!("TT20260105{i:08}")).collect();
    assert_eq!(found[..1699], expected);
    assert_eq!(ids(&test, &ALICE, "&offset=700").await, found[700..]);
    assert_eq!(ids(&test, &ALICE, "&offset=700&limit=100").await, found[700..800]);
}

#[tokio::test]
async fn who_may_not_is_refused() {
    let test = TestApp::start().await;
    test.case(&BOB).await;
    assert_refused(&ask(&test, &BOB, "").await, 403, "OSM.01010002", "");
    assert_refused(&ask(&test, &CAROL, "").await, 403, "OSM.01010002", "");
    assert_refused(&ask(&test, &ERIN, "").await, 403, "OSM.01010002", "");
    assert_eq!(ids(&test, &MALLORY, "").await, Vec::<String>::new(), "the owner of another account finds nothing");
    let anonymous = test.get(&format!("{CASES}/export?language=en-us&timezone=UTC")).send().await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'cases.exported'").await, 1, "hers");
}

#[tokio::test]
async fn what_is_out_of_bounds_is_named() {
    let test = TestApp::start().await;
    let long = |length: usize| "x".repeat(length);
    for (query, field) in [
        ("timezone=UTC".to_owned(), "language"),
        ("language=&timezone=UTC".to_owned(), "language"),
        (format!("language={}&timezone=UTC", long(33)), "language"),
        ("language=en-us".to_owned(), "timezone"),
        ("language=en-us&timezone=Mars".to_owned(), "timezone"),
        (format!("language=en-us&timezone={}", long(65)), "timezone"),
        ("language=en-us&timezone=UTC&status=21".to_owned(), "status"),
        ("language=en-us&timezone=UTC&limit=101".to_owned(), "limit"),
        ("language=en-us&timezone=UTC&offset=65536".to_owned(), "offset"),
        ("language=en-us&timezone=UTC&query_start_time=soon".to_owned(), "query_start_time"),
        (format!("language=en-us&timezone=UTC&search_key={}", long(65)), "search_key"),
        (format!("language=en-us&timezone=UTC&incident_id={}", long(3401)), "incident_id"),
        (format!("language=en-us&timezone=UTC&customer_id={}", long(65)), "customer_id"),
        (format!("language=en-us&timezone=UTC&sub_customer_id={}", long(65)), "sub_customer_id"),
        (format!("language=en-us&timezone=UTC&x_customer_name={}", long(65)), "x_customer_name"),
        (
            format!("language=en-us&timezone=UTC&tenant_source_id_list={}", "a,".repeat(50) + &numbers(101)),
            "tenant_source_id_list",
        ),
    ] {
        let answer = test.get(&format!("{CASES}/export?{query}")).by(&ALICE).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", field);
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'cases.exported'").await, 0);
}

fn numbers(count: usize) -> String {
    (0..count).map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn an_export_leaves_a_trace() {
    let test = TestApp::start().await;
    let (named, other) = (test.case(&BOB).await, test.case(&BOB).await);
    ask(&test, &ALICE, &format!("&incident_id={named}")).await;
    assert_eq!(test.log(&named).await, [0, 84]);
    assert_eq!(test.log(&other).await, [0], "a list is not a case's story");
    ask(&test, &ALICE, "&status=0").await;
    let events = test.rows("SELECT payload FROM events WHERE kind = 'cases.exported' ORDER BY event_no").await;
    let payload = |at: usize| -> serde_json::Value {
        let text: String = events[at].get(0).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(events.len(), 2);
    assert_eq!((&payload(0)["cases"], &payload(1)["cases"]), (&json!(1), &json!(2)));
    assert_eq!(payload(1)["asked_by"], json!(["language", "timezone", "status"]));
    let log = test.desk_detail(&LEO, &named).await["operate_logs"][1].clone();
    assert_eq!((&log["operator_name"], &log["operator_type"]), (&json!("alice"), &json!(0)));
}

#[tokio::test]
async fn only_so_many_are_made_at_once() {
    let test = TestApp::start_with(|config| config.export.at_once = 1).await;
    test.case(&BOB).await;
    let place = test.app.exports.take().unwrap();
    let refused = ask(&test, &ALICE, "").await;
    assert_refused(&refused, 429, "OSM.01019006", "");
    assert_eq!(refused.header("retry-after"), Some("5"));
    drop(place);
    assert_eq!(ids(&test, &ALICE, "").await.len(), 1);
    // An answer that nobody reads has given its place back already.
    let slow = test.get(&format!("{CASES}/export?language=en-us&timezone=UTC")).by(&ALICE).begin().await;
    assert_eq!(ids(&test, &ALICE, "").await.len(), 1);
    drop(slow);
}

#[tokio::test]
async fn a_slow_client_holds_nothing() {
    let test = TestApp::start_with(|config| {
        config.export.at_once = 1;
        config.database.pool = 1;
        config.database.readers = 1;
    })
    .await;
    let id = test.case(&BOB).await;
    let mut slow = Vec::new();
    for _ in 0..5 {
        slow.push(test.get(&format!("{CASES}/export?language=en-us&timezone=UTC")).by(&ALICE).begin().await);
    }
    // The one connection is free, for reading and for writing.
    test.read_case(&BOB, &id, "").await.ok();
    test.act(&BOB, &id, "cancel").await.ok();
    let folder = test.app.config.data.join("exports");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "the files have no names");
    for answer in slow {
        let bytes = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
        assert_eq!(Book::open(bytes).rows()[1][1], "To be processed", "as it was when it was asked for");
    }
}
