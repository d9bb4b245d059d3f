//! What `search_key` and `app_key` find: descriptions, messages and ids, in every script; never notes.

use crate::support::TestApp;
use crate::support::cases::{CASES, assert_refused, consultation};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::json;

const NONE: [&str; 0] = [];

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}

async fn find(test: &TestApp, text: &str) -> Vec<String> {
    let by_search = test.ids(&BOB, &format!("search_key={}", encoded(text))).await;
    let by_app = test.ids(&BOB, &format!("app_key={}", encoded(text))).await;
    assert_eq!(by_search, by_app, "{text}");
    by_search
}

#[tokio::test]
async fn words_in_any_case_and_width() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &consultation("My Café server ＥＣＳ-2 won't RESTART, straße 2026")).await;
    test.case_of(&BOB, &consultation("Something else")).await;
    for text in [
        "restart",
        "Restart",
        "RESTART",
        "ｒｅｓｔａｒｔ",
        "ecs",
        "ＥＣＳ",
        "café",
        "cafe",
        "CAFÉ",
        "Cafe\u{301}",
        "2026",
        "server",
        "ecs-2",
        "\"restart\"",
        "restart,",
    ] {
        assert_eq!(test.ids(&BOB, &format!("search_key={}", encoded(text))).await, [id.as_str()], "{text}");
    }
    for text in ["rest", "estart", "serv", "2027", "restarted"] {
        assert_eq!(find(&test, text).await, NONE, "{text}: whole words are found");
    }
}

#[tokio::test]
async fn pairs_of_cjk_characters() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &consultation("我的ECS云服务器无法启动，请帮忙")).await;
    let kana = test.case_of(&BOB, &consultation("サーバーが起動しません")).await;
    let hangul = test.case_of(&BOB, &consultation("서버가 시작되지 않습니다")).await;
    for text in ["云", "服务", "云服务器", "无法启动", "器无", "我的", "ECS", "请帮忙"] {
        assert_eq!(find(&test, text).await, [id.as_str()], "{text}");
    }
    for text in ["服云", "云器", "启动请", "器云服"] {
        assert_eq!(find(&test, text).await, NONE, "{text}");
    }
    assert_eq!(find(&test, "サーバー").await, [kana.as_str()]);
    assert_eq!(find(&test, "ｻｰﾊﾞｰ").await, [kana]);
    assert_eq!(find(&test, "시작").await, [hangul]);
    assert_eq!(test.ids(&BOB, &format!("search_key={}", encoded("ecs 启动"))).await, [id]);
}

#[tokio::test]
async fn several_keywords_must_all_be_found() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &consultation("red green")).await;
    let other = test.case_of(&BOB, &consultation("red blue")).await;
    test.say(&BOB, &id, "yellow").await.ok();
    let find = async |query: &str| test.ids(&BOB, query).await;
    assert_eq!(find("search_key=red").await, [other.clone(), id.clone()]);
    assert_eq!(find("search_key=red,green").await, [id.as_str()]);
    assert_eq!(find("search_key=red&search_key=green").await, [id.as_str()]);
    assert_eq!(find("search_key=red,green&search_key=yellow").await, [id.as_str()]);
    assert_eq!(find("search_key=red%20yellow").await, [id.as_str()], "in different messages of one case");
    assert_eq!(find("search_key=red&app_key=blue").await, [other.as_str()]);
    assert_eq!(find("search_key=green&search_key=blue").await, NONE);
    assert_eq!(find("search_key=red,,red,").await, [other, id]);
    let four = test.get(&format!("{CASES}?search_key=a,b&search_key=c,d")).by(&BOB).english().send().await;
    assert_refused(&four, 400, "OSM.01010001", "search_key: 0 to 3 items");
    let long = test.get(&format!("{CASES}?search_key={}", "x".repeat(65))).by(&BOB).english().send().await;
    assert_refused(&long, 400, "OSM.01010001", "search_key: 1 to 64 characters");
}

#[tokio::test]
async fn messages_of_both_sides_and_ids_are_found_notes_are_not() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    test.say(&BOB, &id, "the lamp blinks 红灯").await.ok();
    test.reply(&id, "please press the knob", "processing").await.ok();
    test.desk(&ERIN, &id, "note", &json!({"content": "customer is clueless 糊涂"})).await.ok();
    test.desk(&ERIN, &id, "pause", &json!({"reason": "holidays"})).await.ok();
    for text in ["blinks", "红灯", "knob", &id, &id.to_lowercase()] {
        assert_eq!(find(&test, text).await, [id.as_str()], "{text}");
    }
    for text in ["clueless", "糊涂", &id[..10]] {
        assert_eq!(find(&test, text).await, NONE, "{text}");
        assert_eq!(test.ids(&ALICE, &format!("search_key={}", encoded(text))).await, NONE, "{text}");
    }
    // Of what others wrote nothing is found either.
    test.case_of(&CAROL, &consultation("the knob is mine")).await;
    test.case_of(&MALLORY, &consultation("every knob is mine")).await;
    assert_eq!(find(&test, "knob").await, [id.as_str()]);
    assert_eq!(test.ids(&ALICE, "search_key=knob").await.len(), 2);
    assert_eq!(test.ids(&MALLORY, "search_key=blinks").await, NONE);
    assert_eq!(test.ids(&MALLORY, &format!("app_key={id}")).await, NONE);
}

#[tokio::test]
async fn secrets_are_not_found() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &crate::support::cases::fault("cannot log in")).await;
    let body = json!({"message": {"content": "see", "authorization_content": "swordfish"}});
    test.post(&format!("{CASES}/{id}/message")).json(&body).by(&BOB).send().await.ok();
    for text in ["hunter", "4711", "vault", "swordfish", "13800138000", "example"] {
        assert_eq!(find(&test, text).await, NONE, "{text}");
    }
}

#[tokio::test]
async fn what_is_no_word_finds_nothing_and_breaks_nothing() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &consultation("wo - rd 🅐 a🅐b 𞤀𞤁 𫠠𫠡 ⅷ º ˣ \u{e000}x ﷺ ǅ ßẞ a\u{200d}b")).await;
    for text in ["!!!", "-", "\"", "''", "*", "(", "🎫", "%", "\\", ":", "&", "|", "!a", "NEAR(", "\u{e000}"] {
        test.ids(&BOB, &format!("search_key={}", encoded(text))).await;
        test.ids(&BOB, &format!("app_key={}", encoded(text))).await;
    }
    assert_eq!(find(&test, "!!!").await, NONE);
    assert_eq!(test.ids(&BOB, &format!("search_key={}", encoded("wo - rd"))).await, [id.as_str()]);
    assert_eq!(test.ids(&BOB, &format!("search_key={}", encoded("- !"))).await, NONE);
    for text in ["a🅐b", "𞤀𞤁", "𫠠", "𫠠𫠡", "viii", "ⅷ", "AND", "OR", "NOT", "rd"] {
        let expected = if matches!(text, "AND" | "OR" | "NOT") { vec![] } else { vec![id.clone()] };
        assert_eq!(find(&test, text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn nobody_plants_words_into_another_account_s_search() {
    let test = TestApp::start().await;
    let acme = test.account_id(&ALICE).await;
    for text in [format!("knob account{acme}"), format!("knob \u{e000}{acme}")] {
        test.case_of(&MALLORY, &consultation(&text)).await;
    }
    assert_eq!(test.ids(&ALICE, "search_key=knob").await, NONE);
    if test.app.store.engine() == counterfoil_store::Engine::Sqlite {
        let sql = format!("SELECT COUNT(*) FROM search_tokens WHERE search_tokens MATCH '\"\u{e000}{acme}\"'");
        assert_eq!(test.number(&sql).await, 0, "the account's own token cannot be written");
    }
}
