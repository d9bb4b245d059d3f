// Shows /openapi.json: operations by tag, a search, and what one takes and answers. Text is only ever set as text.
"use strict";

const WORDS = {
  en: {
    title: "Counterfoil API", search: "Search operations", none: "Nothing found.", menu: "Operations", close: "Close",
    other: "中文", theme: { light: "Dark", dark: "Light" }, skip: "Skip to content", intro: "Operations", auth: "Signing in",
    takes: { path: "Path", query: "Query", header: "Headers" }, body: "Body", form: "Form", answer: "Answer", errors: "Errors",
    example: "Example request", reply: "Example answer", must: "required", always: "always there", common: "Common headers", who: "Who may call", audited: "Audit trail", yes: "writes an entry",
    no: "no entry", ours: "Our own addition to the API", copy: "Copy", copied: "Copied", fields: "fields", each: "each", empty: "An empty object.",
    file: "The file as it is.", events: "A stream of server-sent events.", text: "Text.", failed: "The document could not be read: ",
    list: (of) => `list of ${of}`, chars: (a, b) => `${range(a, b)} characters`, items: (a, b) => `${range(a, b)} items`,
    preset: "default", download: "The whole as OpenAPI 3.1", beyond: "further", nothing: "No content.",
    permission: { anyone: "everybody", "signed in": "everybody who is signed in", customer: "customers", staff: "staff" },
    types: { string: "text", integer: "whole number", number: "number", boolean: "true or false", object: "object" },
  },
  zh: {
    title: "Counterfoil 接口", search: "搜索接口", none: "没有找到。", menu: "接口列表", close: "关闭",
    other: "English", theme: { light: "深色", dark: "浅色" }, skip: "跳到正文", intro: "接口", auth: "身份认证",
    takes: { path: "路径参数", query: "查询参数", header: "请求头" }, body: "请求体", form: "表单", answer: "响应", errors: "错误码",
    example: "请求示例", reply: "响应示例", must: "必填", always: "必有", common: "公共请求头", who: "谁可以调用", audited: "审计", yes: "记录", no: "不记录", ours: "自有扩展接口",
    copy: "复制", copied: "已复制", fields: "个字段", each: "每项", empty: "空对象。", file: "文件内容。", events: "服务器推送事件流。", text: "文本。",
    failed: "无法读取文档：", list: (of) => `${of}列表`, chars: (a, b) => `${range(a, b)} 个字符`, items: (a, b) => `${range(a, b)} 项`,
    preset: "默认", download: "下载 OpenAPI 3.1 文档", beyond: "另须", nothing: "无内容。",
    permission: { anyone: "所有人", "signed in": "已登录的用户", customer: "客户", staff: "服务人员" },
    types: { string: "文本", integer: "整数", number: "数字", boolean: "布尔值", object: "对象" },
  },
};

const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* private windows keep nothing */ } },
};
const byId = (id) => document.getElementById(id);
const systemDark = matchMedia("(prefers-color-scheme: dark)");
let language = store.get("docs.language") || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
let theme = store.get("docs.theme");
let api = null;
let operations = [];

const words = () => WORDS[language];
const said = (thing, english) => (language === "zh" && thing["x-zh"]) || thing[english] || "";

function range(from, to) {
  if (from === undefined) return `≤ ${to}`;
  if (to === undefined) return `≥ ${from}`;
  return from === to ? `${from}` : `${from}–${to}`;
}

// element("p", {class: "x"}, "text", child, ...): the only way in which this page is made.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "click") made.addEventListener("click", value);
    else if (value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// `code` in a text becomes code, an empty line a paragraph.
function prose(text) {
  return text.split("\n\n").map((part) => element("p", {}, inline(part)));
}
function inline(text) {
  return text.split("`").map((piece, at) => (at % 2 ? element("code", {}, piece) : piece));
}

function resolve(schema) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.split("/").slice(1).reduce((at, key) => at[key], api);
}

function typeOf(schema) {
  const whole = resolve(schema);
  if (whole.type === "array") return words().list(typeOf(whole.items || {}));
  return words().types[whole.type] || whole.type || "";
}

function limits(schema) {
  const out = [];
  const w = words();
  const has = (a, b) => schema[a] !== undefined || schema[b] !== undefined;
  if (has("minLength", "maxLength")) out.push(w.chars(schema.minLength ?? 0, schema.maxLength));
  if (has("minimum", "maximum")) out.push(range(schema.minimum, schema.maximum));
  if (has("minItems", "maxItems")) out.push(w.items(schema.minItems ?? 0, schema.maxItems));
  if (schema.items && !schema.items.$ref && schema.items.maxLength !== undefined) {
    out.push(`${w.each} ${w.chars(schema.items.minLength ?? 0, schema.items.maxLength)}`);
  }
  if (schema.format && schema.format !== "int64") out.push(schema.format);
  if (schema.default !== undefined) out.push(`${w.preset} ${JSON.stringify(schema.default)}`);
  return out.join(" · ");
}

// One field: name and type on one side, meaning, limits, values and its own fields on the other.
function field(name, schema, about, required, depth, isAnswer) {
  const whole = resolve(schema);
  const values = about["x-values"];
  const meaning = said(about, "description");
  const right = [];
  if (meaning) right.push(element("div", {}, inline(meaning)));
  const bounds = limits(whole);
  const further = about["x-beyond"] && language === "en" ? `${words().beyond}: ${about["x-beyond"]}` : "";
  if (bounds || further) right.push(element("div", { class: "limits" }, [bounds, further].filter(Boolean).join(" · ")));
  if (values) {
    right.push(element("ul", { class: "values" }, values.map((one) => element("li", {}, element("code", {}, one.value), ` ${one[language]}`))));
  } else if (whole.enum) {
    right.push(element("ul", { class: "values" }, whole.enum.map((one) => element("li", {}, element("code", {}, one)))));
  }
  const inner = whole.type === "array" ? resolve(whole.items) : whole;
  if (inner.properties && depth < 6) {
    const count = Object.keys(inner.properties).length;
    right.push(element("details", { open: depth < 1 ? "" : null }, element("summary", {}, `${count} ${words().fields}`), fields(inner, depth + 1, isAnswer)));
  }
  return element("div", { class: "field" },
    element("dt", {}, element("span", { class: "name" }, name), required ? element("span", { class: isAnswer ? "always" : "must" }, isAnswer ? words().always : words().must) : null,
      element("span", { class: "type" }, typeOf(schema))),
    element("dd", {}, right));
}

function parameters(list) {
  return element("dl", { class: "fields" },
    list.map((parameter) => field(parameter.name, parameter.schema, parameter, parameter.required, 1)));
}

function fields(schema, depth, isAnswer) {
  const required = schema.required || [];
  return element("dl", { class: "fields" }, Object.entries(schema.properties || {})
    .map(([name, one]) => field(name, one, one, required.includes(name), depth, isAnswer)));
}

function block(text) {
  const button = element("button", { class: "copy", type: "button" }, words().copy);
  button.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(text); button.textContent = words().copied; } catch { button.remove(); }
  });
  return element("div", { class: "block" }, element("pre", { tabindex: "0" }, text), navigator.clipboard ? button : null);
}

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

// The example request as a command.
function command(operation) {
  let path = operation.path;
  const query = [];
  const headers = [];
  for (const parameter of operation.parameters) {
    const value = parameter.example;
    if (value === undefined || parameter.common) continue;
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    if (parameter.in === "header") headers.push(`${parameter.name}: ${value}`);
    if (parameter.in === "query") [value].flat().forEach((one) => query.push(`${parameter.name}=${encodeURIComponent(one)}`));
  }
  const target = location.origin + path + (query.length ? `?${query.join("&")}` : "");
  const lines = [`curl${operation.method === "GET" ? "" : ` -X ${operation.method}`} ${quoted(target)}`];
  if (operation.security.length) lines.push("  -H \"X-Auth-Token: $TOKEN\"");
  headers.forEach((header) => lines.push(`  -H ${quoted(header)}`));
  const content = operation.requestBody ? operation.requestBody.content : {};
  const json = content["application/json"];
  const form = content["multipart/form-data"];
  if (json) {
    lines.push("  -H 'Content-Type: application/json'");
    lines.push(`  -d ${quoted(JSON.stringify(json.example ?? {}, null, 2))}`);
  }
  if (form) {
    Object.entries(form.example || {}).forEach(([name, value]) => lines.push(name === "file" ? `  -F ${quoted(`file=@${value}`)}` : `  -F ${quoted(`${name}=${value}`)}`));
  }
  return lines.join(" \\\n");
}

function permission(text) {
  const [kind, roles] = text.split(": ");
  return (words().permission[kind] || kind) + (roles ? ` (${roles})` : "");
}

function show(operation) {
  const w = words();
  const out = [
    element("p", { class: "over" }, said(operation.tag, "name")),
    element("h1", {}, said(operation, "summary")),
    element("div", { class: "request" }, element("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method),
      element("span", { class: "path" }, operation.path)),
    element("ul", { class: "facts" },
      element("li", {}, element("b", {}, element("code", {}, operation.operationId))),
      element("li", {}, `${w.who}: `, element("b", {}, permission(operation["x-permission"]))),
      element("li", {}, `${w.audited}: `, element("b", {}, operation["x-audited"] ? w.yes : w.no)),
      operation["x-ours"] ? element("li", {}, w.ours) : null),
  ];
  for (const place of ["path", "query", "header"]) {
    const here = operation.parameters.filter((parameter) => parameter.in === place && !parameter.common);
    if (here.length) out.push(element("h2", {}, w.takes[place]), parameters(here));
  }
  for (const [kind, content] of Object.entries(operation.requestBody ? operation.requestBody.content : {})) {
    out.push(element("h2", {}, kind.startsWith("multipart") ? w.form : w.body));
    out.push(resolve(content.schema).properties ? fields(resolve(content.schema), 0) : element("p", { class: "quiet" }, w.empty));
  }
  const common = operation.parameters.filter((parameter) => parameter.common);
  if (common.length) out.push(element("details", { class: "common" }, element("summary", {}, w.common), parameters(common)));
  out.push(element("h2", {}, w.example), block(command(operation)));
  const [status, success] = Object.entries(operation.responses).find(([code]) => code < "300");
  out.push(element("h2", {}, `${w.answer} `, element("span", { class: "quiet" }, status)));
  const contents = Object.entries(success.content || {});
  if (!contents.length) out.push(element("p", { class: "quiet" }, w.nothing));
  for (const [kind, content] of contents) {
    const schema = resolve(content.schema);
    if (kind !== "application/json") {
      out.push(element("p", { class: "quiet" }, { "text/event-stream": w.events, "application/octet-stream": w.file }[kind] || w.text));
    } else {
      out.push(schema.properties ? fields(schema, 0, true) : element("p", { class: "quiet" }, w.empty));
    }
    if (content.example !== undefined) out.push(element("h3", {}, w.reply), block(JSON.stringify(content.example, null, 2)));
  }
  const rows = Object.entries(operation.responses).filter(([code]) => code >= "300").flatMap(([code, one]) => said(one, "description")
    .split("\n\n").filter(Boolean).map((line) => {
      const [, own, text] = /^`([^`]*)` ?(.*)$/s.exec(line) || [null, "", line];
      return element("tr", {}, element("th", { scope: "row" }, code), element("td", {}, element("code", {}, own)), element("td", {}, text));
    }));
  if (rows.length) out.push(element("h2", {}, w.errors), element("table", { class: "errors" }, element("tbody", {}, rows)));
  return out;
}

function overview() {
  const w = words();
  const out = [element("h1", {}, w.title), ...prose(said(api.info, "description")),
    element("p", {}, element("a", { href: "/openapi.json" }, w.download), ` (${api.info.version})`), element("h2", {}, w.auth)];
  for (const scheme of Object.values(api.components.securitySchemes)) out.push(...prose(said(scheme, "description")));
  return out;
}

function list() {
  const wanted = byId("search").value.trim().toLowerCase();
  const current = decodeURIComponent(location.hash.slice(1));
  const groups = api.tags.map((tag) => {
    const here = operations.filter((operation) => operation.tag === tag && (!wanted || operation.text.includes(wanted)));
    if (!here.length) return null;
    return element("section", {}, element("h2", {}, said(tag, "name")), element("ul", {}, here.map((operation) => element("li", {},
      element("a", { href: `#${operation.operationId}`, "aria-current": operation.operationId === current ? "page" : null, title: `${operation.method} ${operation.path}` },
        element("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method.replace("DELETE", "DEL")),
        element("span", {}, said(operation, "summary")))))));
  });
  byId("list").replaceChildren(...groups.filter(Boolean));
  byId("none").hidden = groups.some(Boolean);
}

function open(isOpen) {
  byId("nav").classList.toggle("open", isOpen);
  byId("menu").setAttribute("aria-expanded", String(isOpen));
  byId("menu").textContent = isOpen ? words().close : words().menu;
}

function render() {
  const w = words();
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const isDark = theme ? theme === "dark" : systemDark.matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  byId("language").textContent = w.other;
  byId("theme").textContent = w.theme[isDark ? "dark" : "light"];
  byId("skip").textContent = w.skip;
  byId("search").placeholder = w.search;
  byId("search").setAttribute("aria-label", w.search);
  byId("none").textContent = w.none;
  byId("nav").setAttribute("aria-label", w.menu);
  open(byId("nav").classList.contains("open"));
  if (!api) return;
  list();
  const current = operations.find((operation) => operation.operationId === decodeURIComponent(location.hash.slice(1)));
  byId("main").replaceChildren(...(current ? show(current) : overview()));
  document.title = current ? `${said(current, "summary")} – ${w.title}` : w.title;
}

function start(text) {
  api = text;
  const tags = Object.fromEntries(api.tags.map((tag) => [tag.name, tag]));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const parameters = (operation.parameters || []).map((one) => (one.$ref ? { ...resolve(one), common: true } : one));
      const text = [operation.operationId, operation.summary, operation["x-zh"], path, method].join(" ").toLowerCase();
      operations.push({ ...operation, parameters, path, method: method.toUpperCase(), tag: tags[operation.tags[0]], text });
    }
  }
  render();
}

byId("search").addEventListener("input", list);
byId("menu").addEventListener("click", () => open(!byId("nav").classList.contains("open")));
byId("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; store.set("docs.language", language); render(); });
byId("theme").addEventListener("click", () => { theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; store.set("docs.theme", theme); render(); });
byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
systemDark.addEventListener("change", render);
addEventListener("hashchange", () => { open(false); render(); scrollTo(0, 0); });
addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== byId("search")) { event.preventDefault(); open(true); byId("search").focus(); }
});
render();
fetch("/openapi.json").then((answer) => {
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}).then(start).catch((error) => byId("main").replaceChildren(element("p", { class: "failed" }, words().failed + error.message)));
