//! The OpenAPI 3.1 document, made of the table of routes and of the facts.
//!
//! What is the same for every operation (security, common headers, error answers) is added here, so that the facts hold
//! only what is an operation's own. English stands where the specification has a place for text; the Chinese beside it in
//! `x-zh`. An operation is in the document when it has a route.

use super::facts::{Answer, Area, Described, Field, Text};
use super::schema;
use crate::error::Code;
use crate::iam::StaffRole;
use crate::routes::{Operation, Permission};
use counterfoil_wire::lang::Lang;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the document says about the service.
const DESCRIPTION: &str = "The customer API of Counterfoil, a self-hosted service-ticket system. It has the form of the \
Service Tickets API v2, so that its published SDKs work unchanged; operations of our own are marked with `x-ours`.\n\n\
Errors are answered with an honest HTTP status and a body with `error_code` and `error_msg` (`error` with `code`, \
`message` and `title` under `/v3` and `/v5`). An operator may set `[api] business_errors = \"200\"`: then the codes \
`OSM.0101xxxx` come with status 200, as in the original. Every answer has an `X-Request-Id`.\n\n\
Writes accept an `Idempotency-Key`: the same key of the same caller gives the first answer again within 24 hours.";

/// The same in Chinese.
const DESCRIPTION_ZH: &str = "Counterfoil 的客户接口。Counterfoil 是可自行部署的工单系统，接口形式与工单 API v2 一致，\
已发布的 SDK 无需修改即可使用；自有的扩展接口以 `x-ours` 标记。\n\n\
出错时返回相应的 HTTP 状态码，响应体含 `error_code` 和 `error_msg`（`/v3` 和 `/v5` 下为含 `code`、`message`、`title` 的 `error`）。\
运营者可设置 `[api] business_errors = \"200\"`，此时 `OSM.0101xxxx` 错误码以状态码 200 返回。每个响应都带有 `X-Request-Id`。\n\n\
写操作支持 `Idempotency-Key`：同一调用者在 24 小时内使用相同的键，会得到第一次的响应。";

/// The document for these routes.
pub fn document(routes: &[Operation], areas: &[Area]) -> Value {
    let mut paths = Map::new();
    let mut tags = Vec::new();
    let mut schemas = common_schemas();
    for area in areas {
        let mut is_used = false;
        for described in &area.operations {
            let Some(route) = routes.iter().find(|route| route.id == described.id) else { continue };
            is_used = true;
            let place = paths.entry(described.path.as_str()).or_insert_with(|| json!({}));
            place[described.method.to_ascii_lowercase()] = operation(area, described, route);
        }
        if is_used {
            tags.push(json!({"name": area.tag.en, "x-zh": area.tag.zh}));
        }
        for (name, fields) in &area.models {
            schemas.insert(name.clone(), schema::object(fields));
        }
    }
    keep_used(&mut schemas, &paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Counterfoil",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Service tickets: the customer API",
            "description": DESCRIPTION,
            "x-zh": DESCRIPTION_ZH,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document comes from"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "parameters": common_parameters(),
            "headers": common_headers(),
            "schemas": schemas,
        },
    })
}

/// One operation of one path.
fn operation(area: &Area, described: &Described, route: &Operation) -> Value {
    let mut out = Map::new();
    out.insert("operationId".into(), json!(described.id));
    out.insert("tags".into(), json!([area.tag.en]));
    out.insert("summary".into(), json!(described.summary.en));
    out.insert("x-zh".into(), json!(described.summary.zh));
    out.insert("x-permission".into(), json!(permission(route.permission)));
    out.insert("x-audited".into(), json!(described.audited));
    if described.ours {
        out.insert("x-ours".into(), json!(true));
    }
    let is_open = route.permission == Permission::Anyone;
    let security = if is_open { json!([]) } else { json!([{"token": []}, {"signature": []}]) };
    out.insert("security".into(), security);
    out.insert("parameters".into(), Value::Array(parameters(described)));
    if let Some(body) = request_body(described) {
        out.insert("requestBody".into(), body);
    }
    out.insert("responses".into(), Value::Object(responses(described, route)));
    Value::Object(out)
}

/// Who may call, in one word or two.
fn permission(permission: Permission) -> String {
    let role = |role: &StaffRole| format!("{role:?}").to_ascii_lowercase();
    match permission {
        Permission::Anyone => "anyone".to_owned(),
        Permission::User => "signed in".to_owned(),
        Permission::Customer => "customer".to_owned(),
        Permission::Staff(roles) => format!("staff: {}", roles.iter().map(role).collect::<Vec<_>>().join(", ")),
    }
}

/// Parameters of path, query and headers.
fn parameters(described: &Described) -> Vec<Value> {
    let mut out = Vec::new();
    for field in described.params.iter().filter(|field| ["path", "query", "header"].contains(&field.r#in.as_str())) {
        let mut one = Map::new();
        one.insert("name".into(), json!(field.name));
        one.insert("in".into(), json!(field.r#in));
        one.insert("required".into(), json!(field.mandatory || field.r#in == "path"));
        schema::explain(&mut one, field);
        if field.r#type == "array" {
            one.insert("style".into(), json!("form"));
            one.insert("explode".into(), json!(true));
        }
        one.insert("schema".into(), schema::plain(field));
        let from = match field.r#in.as_str() {
            "path" => &described.example.path,
            "query" => &described.example.query,
            _ => &described.example.headers,
        };
        if let Some(example) = from.get(&field.name) {
            one.insert("example".into(), example.clone());
        }
        out.push(Value::Object(one));
    }
    let mut common = Vec::new();
    if described.path.starts_with("/v2") || described.path.starts_with("/osm") || described.path.starts_with("/desk") {
        common.extend(["X-Language", "X-Time-Zone"]);
    }
    if described.path.starts_with("/v2") {
        common.push("X-Site");
    }
    if ["POST", "PUT"].contains(&described.method.as_str()) && !described.path.starts_with("/v3") {
        common.push("Idempotency-Key");
    }
    out.extend(common.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")})));
    out
}

/// The body: JSON, or a form.
fn request_body(described: &Described) -> Option<Value> {
    let is_form = described.params.iter().any(|field| field.r#in == "form");
    let fields: Vec<&Field> =
        described.params.iter().filter(|field| ["body", "form"].contains(&field.r#in.as_str())).collect();
    let example = if is_form {
        Some(Value::Object(described.example.form.clone())).filter(|form| form != &json!({}))
    } else {
        described.example.body.clone()
    };
    // A body without fields of its own is still one that has to be sent.
    if fields.is_empty() && example.is_none() {
        return None;
    }
    let mut content = Map::new();
    content.insert("schema".into(), schema::nested(&fields));
    if let Some(example) = example {
        content.insert("example".into(), example);
    }
    let kind = if is_form { "multipart/form-data" } else { "application/json" };
    Some(json!({"required": true, "content": {kind: content}}))
}

/// Success, and the errors under the status that each has.
fn responses(described: &Described, route: &Operation) -> Map<String, Value> {
    let mut out = Map::new();
    let mut success = Map::new();
    success.insert("description".into(), json!("Done"));
    success.insert("headers".into(), json!({"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}));
    match &described.answer {
        Answer::Raw(kind) => {
            let kind = match kind.as_str() {
                "text" => "text/plain",
                "html" => "text/html",
                "events" => "text/event-stream",
                "json" => "application/json",
                _ => "application/octet-stream",
            };
            let schema = match kind {
                "application/octet-stream" => json!({}),
                "application/json" => json!({"type": "object", "additionalProperties": true}),
                _ => json!({"type": "string"}),
            };
            success.insert("content".into(), json!({kind: {"schema": schema}}));
        }
        Answer::Fields(fields) if described.status != 204 => {
            let mut content = Map::new();
            content.insert("schema".into(), schema::object(fields));
            if let Some(answer) = &described.example.answer {
                content.insert("example".into(), answer.clone());
            }
            success.insert("content".into(), json!({"application/json": content}));
        }
        Answer::Fields(_) => {}
    }
    if matches!(&described.answer, Answer::Raw(kind) if kind == "file") {
        let mut part = success.clone();
        part.insert("description".into(), json!("The part that `Range` asks for"));
        out.insert("206".into(), Value::Object(part));
    }
    out.insert(described.status.to_string(), Value::Object(success));
    let is_iam = described.path.starts_with("/v3") || described.path.starts_with("/v5");
    let mut by_status: BTreeMap<u16, Vec<(String, Text)>> = BTreeMap::new();
    for code in codes(described, route, is_iam) {
        let text = Text { zh: code.text(Lang::ZhCn).to_owned(), en: code.text(Lang::EnUs).to_owned() };
        let shown = if is_iam { code.status().as_u16().to_string() } else { code.code().to_owned() };
        let listed = by_status.entry(code.status().as_u16()).or_default();
        if !listed.iter().any(|(known, other)| *known == shown && other.en == text.en) {
            listed.push((shown, text));
        }
    }
    for (status, codes) in by_status {
        let said: Vec<_> = codes.iter().map(|(code, text)| format!("`{code}` {}", text.en)).collect();
        let said_zh: Vec<_> = codes.iter().map(|(code, text)| format!("`{code}` {}", text.zh)).collect();
        let shape = if is_iam { "IdentityError" } else { "Error" };
        let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}});
        if [429, 503].contains(&status) {
            headers["Retry-After"] = json!({"$ref": "#/components/headers/Retry-After"});
        }
        let one = json!({
            "description": said.join("\n\n"),
            "x-zh": said_zh.join("\n\n"),
            "x-codes": codes.iter().map(|(code, _)| code).collect::<Vec<_>>(),
            "headers": headers,
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{shape}")}}},
        });
        out.insert(status.to_string(), one);
    }
    out
}

/// The errors that an operation may answer: those of every operation of its kind, then its own.
fn codes(described: &Described, route: &Operation, is_iam: bool) -> Vec<Code> {
    let has = |places: &[&str]| described.params.iter().any(|field| places.contains(&field.r#in.as_str()));
    let mut out = Vec::new();
    // Language and time zone are parameters of every operation but those of identity.
    if !is_iam || has(&["query", "header", "body", "form"]) {
        out.extend([Code::Malformed, Code::Param]);
    }
    if route.permission != Permission::Anyone {
        out.extend([Code::NotAuthenticated, Code::TokenExpired, Code::NotAuthorized, Code::TooManyRequests]);
    }
    if matches!(route.permission, Permission::Customer | Permission::Staff(_)) {
        out.push(Code::NoPermission);
    }
    if has(&["body", "form"]) {
        out.extend([Code::BodyTooLarge, Code::UnsupportedType]);
    }
    if !["GET", "DELETE"].contains(&described.method.as_str()) && !is_iam {
        out.push(Code::KeyReused);
    }
    out.extend(described.errors.iter().flat_map(|code| Code::ALL.iter().filter(move |known| known.code() == code)));
    out.extend([Code::UriTooLong, Code::Internal, Code::Busy, Code::Timeout]);
    out
}

fn security_schemes() -> Value {
    json!({
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Auth-Token",
            "description": "A token from `POST /v3/auth/tokens` (CreateToken), which answers it in `X-Subject-Token`.",
            "x-zh": "由 `POST /v3/auth/tokens`（CreateToken）在响应头 `X-Subject-Token` 中返回的令牌。",
        },
        "signature": {
            "type": "http",
            "scheme": "SDK-HMAC-SHA256",
            "description": "The request signed with an access key: `Authorization: SDK-HMAC-SHA256 Access=..., \
                SignedHeaders=..., Signature=...`, with `X-Sdk-Date`. The published SDKs do this.",
            "x-zh": "使用访问密钥（AK/SK）对请求签名：`Authorization: SDK-HMAC-SHA256 Access=..., SignedHeaders=..., \
                Signature=...`，并携带 `X-Sdk-Date`。已发布的 SDK 会自动完成签名。",
        },
    })
}

fn common_parameters() -> Value {
    json!({
        "X-Language": {
            "name": "X-Language", "in": "header", "required": false,
            "description": "Language of names and errors; what is neither Chinese nor English is read as English.",
            "x-zh": "名称和错误信息的语言；既非中文也非英文时按英文处理。",
            "schema": {"type": "string", "minLength": 1, "maxLength": 32, "default": "zh-cn"},
            "example": "en-us",
        },
        "X-Time-Zone": {
            "name": "X-Time-Zone", "in": "header", "required": false,
            "description": "Zone in which times of the request are read. Times of answers are in UTC.",
            "x-zh": "解析请求中时间所用的时区。响应中的时间均为 UTC。",
            "schema": {"type": "string", "minLength": 1, "maxLength": 32, "default": "GMT+8"},
            "example": "GMT+8",
        },
        "X-Site": {
            "name": "X-Site", "in": "header", "required": false,
            "description": "Kept for clients that send it; it changes nothing.",
            "x-zh": "为兼容发送该头的客户端而保留，不产生影响。",
            "schema": {"type": "integer", "minimum": 0, "maximum": 1, "default": 0},
            "example": 0,
        },
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same key of the same caller gives the first answer again within 24 hours.",
            "x-zh": "同一调用者在 24 小时内使用相同的键，会得到第一次的响应。",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
            "example": "order-4711",
        },
    })
}

fn common_headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "Names this request in the log and to the operator.",
            "schema": {"type": "string", "minLength": 32, "maxLength": 32},
        },
        "Retry-After": {
            "description": "Seconds to wait.",
            "schema": {"type": "integer", "minimum": 1},
        },
    })
}

fn common_schemas() -> Map<String, Value> {
    let mut out = Map::new();
    out.insert(
        "Error".into(),
        json!({
            "type": "object",
            "required": ["error_code", "error_msg"],
            "properties": {
                "error_code": {"type": "string", "description": "The code, such as OSM.01010001."},
                "error_msg": {"type": "string", "description": "What is wrong, in the language of X-Language."},
                "request_id": {"type": "string", "description": "The X-Request-Id, with the codes APIGW.*."},
            },
        }),
    );
    out.insert(
        "IdentityError".into(),
        json!({
            "type": "object",
            "required": ["error"],
            "properties": {"error": {
                "type": "object",
                "required": ["code", "message", "title"],
                "properties": {
                    "code": {"type": "integer", "description": "The HTTP status."},
                    "message": {"type": "string", "description": "What is wrong."},
                    "title": {"type": "string", "description": "The name of the status."},
                },
            }},
        }),
    );
    out
}

/// Drops the models that no operation with a route refers to.
fn keep_used(schemas: &mut Map<String, Value>, paths: &Map<String, Value>) {
    let mut used: Vec<String> = paths.values().flat_map(references).collect();
    let mut at = 0;
    while let Some(name) = used.get(at) {
        let further = schemas.get(name).map(references).unwrap_or_default();
        used.extend(further.into_iter().filter(|name| !used.contains(name)).collect::<Vec<_>>());
        at += 1;
    }
    schemas.retain(|name, _| used.contains(name));
}

/// The names of the models that a value refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|target| target.strip_prefix("#/components/schemas/")).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
