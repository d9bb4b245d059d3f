//! What a document may say, that every problem has its line, and that writing and reading are inverse.

use proptest::prelude::*;

use super::keys::SECTIONS;
use super::*;

/// A small document that is right; the tests break it in one place each.
const SMALL: &str = r#"format = 1
[settings]
case_cc_email_max_count = 10
accessory_limit_count = 5
accessory_limit_size_mb = 10
accessory_daily_upload_mb = 100
accessory_file_types = ["png", "txt"]
[configurations]
"a.b" = "1,2"
[severities]
high = { rank = 1, name = { zh = "高", en = "High" } }
low = { rank = 2, name = { zh = "低", en = "Low" } }
[dimensions.1]
group = "all"
name = { zh = "速度", en = "Speed" }
full_score = 5
star_score = 1
[categories]
compute = { name = { zh = "计算", en = "Compute" } }
[products.ecs]
category = "compute"
name = { zh = "云服务器", en = "Server" }
problems = ["usage", "login"]
[products.bms]
category = "compute"
name = { zh = "物理机", en = "Machine" }
problems = ["usage"]
[problems]
usage = { kind = "consultation", name = { zh = "咨询", en = "Usage" } }
login = { kind = "fault", name = { zh = "登录", en = "Login" } }
[templates.any]
name = { zh = "模板", en = "Any" }
content = { zh = "现象：\n", en = "What:\n" }
[extra_params.port]
problems = ["login"]
key = "port"
type = "integer"
name = { zh = "端口", en = "Port" }
min = 1
max = 65535
default = "22"
[extra_params.os]
products = ["ecs"]
key = "os"
type = "choice"
name = { zh = "系统", en = "System" }
choices = [{ value = "linux", name = { zh = "Linux", en = "Linux" } }]
[common_params]
project_id = { name = { zh = "项目", en = "Project" } }
[regions]
north = { kind = "mainland", name = { zh = "北", en = "North" } }
[area_codes]
1 = { code = "86", name = { zh = "中国", en = "China" } }
"#;

fn line_of(text: &str, part: &str) -> usize {
    text[..text.find(part).expect("the part stands in the text")].matches('\n').count() + 1
}

/// Replace one part and return what is reported.
#[track_caller]
fn broken(from: &str, to: &str) -> Vec<Problem> {
    assert_eq!(SMALL.matches(from).count(), 1, "{from} must stand there once");
    Document::parse(&SMALL.replace(from, to)).expect_err("the document is wrong")
}

/// Replace one part; the one problem must be at the place, on the line of the part, and say this.
#[track_caller]
fn refused(from: &str, to: &str, place: &str, says: &str) {
    let problems = broken(from, to);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].line, line_of(SMALL, from), "{problems:#?}");
    assert_eq!(problems[0].place, place, "{problems:#?}");
    assert!(problems[0].text.contains(says), "{problems:#?}");
}

#[track_caller]
fn accepted(from: &str, to: &str) -> Document {
    assert_eq!(SMALL.matches(from).count(), 1, "{from} must stand there once");
    Document::parse(&SMALL.replace(from, to)).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn a_right_document_is_read_with_its_defaults() {
    let document = Document::parse(SMALL).expect("the document is right");
    assert_eq!(document.products.iter().map(|product| product.id.as_str()).collect::<Vec<_>>(), ["ecs", "bms"]);
    assert!(document.products[0].support_plan);
    assert_eq!(document.products[0].desc, Both::default());
    assert_eq!(document.templates[0].content.zh, "现象：\n");
    assert!(document.extra_params[0].show && !document.extra_params[0].required);
    assert_eq!(document.problems[1].kind.code(), 5);
    assert_eq!(document.area_codes[0].id, 1);
}

#[test]
fn every_problem_is_reported_with_its_line() {
    let text = SMALL
        .replace("rank = 2", "rank = 1")
        .replace("star_score = 1", "star_score = 2\nbogus = 1")
        .replace("name = { zh = \"物理机\", en = \"Machine\" }", "name = { zh = \"物理机\" }")
        .replace("problems = [\"usage\"]", "problems = [\n  \"usage\",\n  \"gone\",\n]")
        .replace("products = [\"ecs\"]", "products = [\"nothing\"]")
        .replace("kind = \"mainland\"", "kind = \"moon\"")
        .replace("code = \"86\"", "code = \"+86\"");
    let text = format!("{text}[products.ecs]\n[surprise]\n");
    let problems = Document::parse(&text).expect_err("the document is wrong");
    let expected = [
        ("severities.low.rank", "low ="),
        ("dimensions.1.star_score", "star_score"),
        ("dimensions.1.bogus", "bogus"),
        ("products.bms.name.en", "name = { zh = \"物理机\" }"),
        ("products.bms.problems[1]", "  \"gone\""),
        ("extra_params.os.products[0]", "products = [\"nothing\"]"),
        ("regions.north.kind", "north ="),
        ("area_codes.1.code", "1 = {"),
        ("", "[surprise]"),
        ("surprise", "[surprise]"),
    ];
    let expected: Vec<(usize, &str)> =
        expected.iter().map(|(place, part)| (line_of(&text, part) - usize::from(place.is_empty()), *place)).collect();
    let found: Vec<(usize, &str)> = problems.iter().map(|problem| (problem.line, problem.place.as_str())).collect();
    assert_eq!(found, expected, "{problems:#?}");
    assert_eq!(problems[8].text, "duplicate key: `ecs`");
    assert_eq!(problems[9].to_string().split(';').next(), Some("line 59: surprise: no such section"));
}

#[test]
fn bounds_are_those_of_the_answers() {
    for (name, longest) in
        [("云服务器", 64), ("计算", 64), ("北", 64), ("中国", 64), ("端口", 32), ("高", 32), ("项目", 32)]
    {
        let name = format!("zh = \"{name}\"");
        accepted(&name, &format!("zh = \"{}\"", "🙂".repeat(longest)));
        for text in [String::new(), " ".to_owned(), "a\\u0000".to_owned(), "🙂".repeat(longest + 1)] {
            let problems = broken(&name, &format!("zh = \"{text}\""));
            assert_eq!(problems.len(), 1, "{problems:#?}");
            assert!(problems[0].place.ends_with("name.zh"), "{problems:#?}");
        }
    }
    accepted("现象：\\n", &"云".repeat(128));
    refused("\"现象：\\n\"", &format!("\"{}\"", "云".repeat(129)), "templates.any.content.zh", "1 to 128 characters");
    refused("full_score = 5", "full_score = 65536", "dimensions.1.full_score", "1 to 65535");
    refused("count = 10", "count = -1", "settings.case_cc_email_max_count", "0 to 65535");
    refused("limit_count = 5", "limit_count = 100", "settings.accessory_limit_count", "1 to 99");
    refused("limit_count = 5", "limit_count = 99999999999999999999", "settings.accessory_limit_count", "1 to 99");
    refused("limit_count = 5", "limit_count = \"5\"", "settings.accessory_limit_count", "whole number");
    refused("code = \"86\"", &format!("code = \"{}\"", "1".repeat(17)), "area_codes.1.code", "1 to 16 characters");
    accepted("\"a.b\"", &format!("\"{}\"", "k".repeat(128)));
    assert_eq!(broken("\"a.b\"", &format!("\"{}\"", "k".repeat(129))).len(), 1);
    accepted("\"1,2\"", "\"\"");
    accepted("north =", &format!("{} =", "n".repeat(64)));
    assert_eq!(broken("north =", &format!("{} =", "n".repeat(65))).len(), 1);
    assert_eq!(broken("north =", "North =").len(), 1);
}

#[test]
fn lists_of_settings_and_severities_are_bounded() {
    refused("[\"png\", \"txt\"]", "[]", "settings.accessory_file_types", "1 or more");
    refused("[\"png\", \"txt\"]", "[\"png\", \"png\"]", "settings.accessory_file_types[1]", "twice");
    refused("[\"png\", \"txt\"]", "[\".png\"]", "settings.accessory_file_types[0]", "lower case letters");
    let many = |count: usize| (10..10 + count).map(|n| format!("\"ext{n:04}\"")).collect::<Vec<_>>().join(", ");
    accepted("\"png\", \"txt\"", &many(32));
    refused("[\"png\", \"txt\"]", &format!("[{}]", many(33)), "settings.accessory_file_types", "at most 256");
    refused("_upload_mb = 100", "_upload_mb = 9", "settings.accessory_daily_upload_mb", "must not be less");
    let level = |n: usize| format!("s{n} = {{ rank = {n}, name = {{ zh = \"级\", en = \"Level\" }} }}\n");
    let levels = |to: usize| (3..=to).map(level).collect::<String>();
    accepted("[dimensions.1]", &format!("{}[dimensions.1]", levels(10)));
    let problems = broken("[dimensions.1]", &format!("{}[dimensions.1]", levels(11)));
    assert_eq!((problems.len(), problems[0].line), (1, line_of(SMALL, "[severities]")), "{problems:#?}");
}

#[test]
fn references_must_not_dangle() {
    refused("[\"usage\", \"login\"]", "[\"usage\", \"sleep\"]", "products.ecs.problems[1]", "no problem `sleep`");
    refused("[\"usage\", \"login\"]", "[\"login\", \"login\"]", "products.ecs.problems[1]", "twice");
    refused("problems = [\"login\"]", "problems = [\"sleep\"]", "extra_params.port.problems[0]", "no problem `sleep`");
    let problems = broken("compute = { name", "other = { name");
    let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [21, 25], "{problems:#?}");
    let problems = broken("problems = [\"login\"]", "problems = [\"login\"]\nproducts = [\"bms\"]");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].text.contains("no problem type has both"), "{problems:#?}");
    let problems = broken("problems = [\"login\"]\n", "");
    assert!(problems[0].text.contains("products or problems must be given"), "{problems:#?}");
}

#[test]
fn problem_type_ids_fit_the_wire() {
    let product = |length: usize| {
        let id = "p".repeat(length);
        SMALL.replace("[products.bms]", &format!("[products.{id}]"))
    };
    assert!(Document::parse(&product(26)).is_ok(), "26 + dot + usage = 32");
    let problems = Document::parse(&product(27)).expect_err("33 characters");
    assert_eq!(problems.len(), 1, "{problems:#?}");
}

#[test]
fn parameters_fit_their_type() {
    refused("default = \"22\"", "default = \"x\"", "extra_params.port.default", "a whole number from 1 to 65535");
    refused("max = 65535", "max = 0", "extra_params.port.max", "must not be less than min");
    refused(
        "default = \"22\"",
        "sensitive = true\ndefault = \"22\"",
        "extra_params.port.sensitive",
        "cannot have a default",
    );
    refused("default = \"22\"", "length = 3", "extra_params.port.length", "only for the types line and text");
    refused("default = \"22\"", "show = false\nrequired = true", "extra_params.port.show", "must be shown");
    refused("key = \"port\"", "key = \"project_id\"", "extra_params.port.key", "common parameter");
    refused("key = \"os\"", "key = \"port\"", "extra_params.os.key", "`ecs.login` would have both");
    refused("value = \"linux\"", "value = \"a,b\"", "extra_params.os.choices[0].value", "comma");
    let choice = "{ value = \"linux\", name = { zh = \"Linux\", en = \"Linux\" } }";
    refused(&format!("[{choice}]"), "[]", "extra_params.os.choices", "1 or more");
    refused(&format!("[{choice}]"), &format!("[{choice}, {choice}]"), "extra_params.os.choices[1].value", "twice");
    let long = "长".repeat(64);
    let many = |count: usize| {
        let row = |n| format!("{{ value = \"v{n:02}\", name = {{ zh = \"{long}\", en = \"x\" }} }}");
        format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(", "))
    };
    accepted(&format!("[{choice}]"), &many(56));
    refused(&format!("[{choice}]"), &many(57), "extra_params.os.choices", "5000");
    let text = accepted(
        "type = \"choice\"\nname = { zh = \"系统\", en = \"System\" }\nchoices",
        "type = \"choices\"\ndefault = \"linux\"\nname = { zh = \"系统\", en = \"System\" }\nchoices",
    );
    assert_eq!(text.extra_params[1].select_item(Lang::ZhCn), r#"[{"key":"linux","value":"Linux"}]"#);
    let problems = broken("type = \"choice\"", "type = \"line\"");
    let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["extra_params.os.length", "extra_params.os.choices"], "{problems:#?}");
}

#[test]
fn a_section_cannot_be_forgotten() {
    for section in SECTIONS {
        let kept: String = SMALL
            .split_inclusive('\n')
            .scan(false, |inside, line| {
                if let Some(header) = line.strip_prefix('[') {
                    *inside = header.strip_prefix(section.name).is_some_and(|rest| rest.starts_with(['.', ']']));
                }
                Some(if *inside { "" } else { line })
            })
            .collect();
        let problems = Document::parse(&kept).expect_err("a section is missing");
        assert!(
            problems.iter().any(|problem| problem.place == section.name && problem.text.contains("section is missing")),
            "{problems:#?}"
        );
        let only = problems.iter().all(|problem| {
            problem.place == section.name
                || problem.text.contains("there is no")
                || problem.text.contains("products or")
        });
        assert!(only, "{problems:#?}");
    }
}

#[test]
fn texts_that_are_not_toml_name_their_lines() {
    for text in ["", "\u{feff}", "format", "[[[", "format = 2", "\0", "settings = 3", "[settings]\nsettings.x = [{]"] {
        let problems = Document::parse(text).expect_err("not a document");
        assert!(problems.iter().all(|problem| problem.line >= 1), "{problems:#?}");
    }
    refused("rank = 1", "rank = 1.5", "severities.high.rank", "whole number");
    refused("name = { zh = \"速度\", en = \"Speed\" }", "name = \"Speed\"", "dimensions.1.name", "zh =");
    refused("1 = { code", "01 = { code", "area_codes.01", "the id must be a whole number");
    refused("problems = [\"login\"]", "problems = \"login\"", "extra_params.port.problems", "must be a list");
    refused("low = { rank = 2, name = { zh = \"低\", en = \"Low\" } }", "low = 2", "severities.low", "must be a table");
}

#[test]
fn the_builtin_catalogue_is_whole_and_written_as_an_export() {
    let document = Document::parse(BUILTIN).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let written = to_toml(&document);
    let difference = written.lines().zip(BUILTIN.lines()).enumerate().find(|(_, (left, right))| left != right);
    assert_eq!(difference, None);
    assert_eq!(written.len(), BUILTIN.len());
    assert!(document.categories.len() >= 6 && document.products.len() >= 30 && document.area_codes.len() >= 240);
    let kind = |id: &String| document.problems.iter().find(|problem| problem.id == *id).map(|problem| problem.kind);
    for product in &document.products {
        for wanted in [CaseKind::Consultation, CaseKind::Fault] {
            assert!(product.problems.iter().any(|problem| kind(problem) == Some(wanted)), "{}", product.id);
        }
        for problem in &product.problems {
            let has_template =
                document.templates.iter().any(|item| applies(&item.products, &item.problems, &product.id, problem));
            assert!(has_template, "{}.{problem}", product.id);
            let required = document
                .extra_params
                .iter()
                .any(|item| item.required && applies(&item.products, &item.problems, &product.id, problem));
            assert!(!required || kind(problem) == Some(CaseKind::Fault), "{}.{problem}", product.id);
        }
    }
    for category in &document.categories {
        assert!(document.products.iter().any(|product| product.category == category.id), "{}", category.id);
    }
    let types: Vec<i64> = document.extra_params.iter().map(|param| param.kind.code()).collect();
    assert!([1, 3, 4, 5, 7, 8].iter().all(|code| types.contains(code)));
    assert!(document.extra_params.iter().any(|param| param.sensitive));
}

fn text(max: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![any::<char>(), Just('"'), Just('\\'), Just('云')], 0..max)
        .prop_map(|chars| format!("x{}", chars.into_iter().filter(|c| !c.is_control()).collect::<String>()))
}

fn both(max: usize) -> impl Strategy<Value = Both> {
    (text(max), text(max)).prop_map(|(zh, en)| Both { zh, en })
}

/// Documents with odd texts, empty lists, and sizes that make lists wrap.
fn documents() -> impl Strategy<Value = Document> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let texts = proptest::collection::vec(both(20), 1..40);
    (texts, flags, "[a-zA-Z0-9._-]{1,20}", text(60), 0_i64..65_536).prop_map(|(texts, flags, key, value, number)| {
        let mut document = Document::parse(SMALL).expect("the document is right");
        let pick = |index: usize| texts[index % texts.len()].clone();
        document.settings.case_cc_email_max_count = number;
        document.configurations = vec![Configuration { id: key, value: format!("{value}\n\t{value}") }];
        document.categories[0].name = pick(0);
        document.products[1].desc = pick(1);
        document.products[0].acronym = pick(2).zh;
        document.products[0].support_plan = flags.0;
        document.templates[0].content.zh = format!("{}\n{}", pick(3).zh, pick(4).en);
        document.extra_params[0].required = flags.1;
        document.extra_params[0].tips = if flags.2 { pick(5) } else { Both::default() };
        document.common_params[0].show = flags.3;
        document.extra_params[1].choices = (texts.iter().enumerate())
            .map(|(index, name)| Choice { value: format!("v{index}"), name: name.clone() })
            .collect();
        document.problems.extend((0..texts.len()).map(|index| ProblemKind {
            id: format!("more-{index}"),
            kind: CaseKind::Consultation,
            support_plan: flags.3,
            name: pick(index),
        }));
        document.products[1].problems = document.problems.iter().map(|problem| problem.id.clone()).collect();
        document
    })
}

proptest! {
    #[test]
    fn reading_what_was_written_gives_the_same_document(document in documents()) {
        let written = to_toml(&document);
        match Document::parse(&written) {
            Ok(again) => prop_assert_eq!(again, document),
            Err(problems) => prop_assert!(false, "{:#?}\n{}", problems, written),
        }
    }

    #[test]
    fn no_text_makes_reading_fail_otherwise(cut in 0_usize..1000, insert in "[\\[\\]{}\"=.,\n a-z0-9]{0,6}") {
        let at = SMALL.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
        let _ = Document::parse(&format!("{}{insert}{}", &SMALL[..at], &SMALL[at..]));
    }
}
