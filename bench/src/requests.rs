//! The requests of each operation, as the bytes that go over the wire. Signed before the clock starts; a signature is
//! accepted for a quarter of an hour, far longer than a round takes.

use crate::client;
use crate::seeded::{Seeded, User};
use anyhow::{Context, ensure};
use bytes::Bytes;
use counterfoil_wire::catalog::{ExtraParameterList, ProblemTypeList};
use counterfoil_wire::signing::{QueryOrder, ToSign, UNSIGNED_PAYLOAD, sign};
use counterfoil_wire::time::Micros;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::net::SocketAddr;

const CASES: &str = "/v2/servicerequest/cases";
/// The only channel that the API knows.
const SOURCE_ID: &str = "83aeb0f2834c4df49826c781d32a963e";
const DESCRIPTION: &str = "Requests to the load balancer end in a timeout since this morning, \
    重启过两次，问题仍然存在，请尽快协助处理。 We have already looked at the log, without any hint.";
const BOUNDARY: &str = "counterfoil-bench-boundary";
/// Bytes of an uploaded file.
const UPLOAD_BYTES: usize = 1_000_000;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `GET /v3/auth/tokens`: checks a token.
    TokenCheck,
    /// ShowCaseDetail.
    Detail,
    /// ListCases, the newest ten.
    List,
    /// ListCases with a keyword.
    Search,
    /// ListOrderIncident, the newest ten of one problem type.
    ByProblem,
    /// ListCaseCounts.
    Counts,
    /// ListCaseQuotas.
    Quota,
    /// ListUnreadNewInstantMessages of twenty cases.
    Unread,
    /// ListNewInstantMessages of twenty cases, from now on.
    Poll,
    /// CreateCases.
    Create,
    /// CreateMessages.
    Message,
    /// UploadAccessory with a file of 1 MB.
    Upload,
}

impl Operation {
    /// All of them; those that write come last.
    pub const ALL: [Self; 12] = [
        Self::TokenCheck,
        Self::Detail,
        Self::List,
        Self::Search,
        Self::ByProblem,
        Self::Counts,
        Self::Quota,
        Self::Unread,
        Self::Poll,
        Self::Create,
        Self::Message,
        Self::Upload,
    ];

    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::TokenCheck => "token check",
            Self::Detail => "detail",
            Self::List => "list",
            Self::Search => "search",
            Self::ByProblem => "problem type",
            Self::Counts => "counts",
            Self::Quota => "quota",
            Self::Unread => "unread",
            Self::Poll => "poll",
            Self::Create => "create",
            Self::Message => "message",
            Self::Upload => "upload 1 MB",
        }
    }

    /// Requests in a round over this many connections.
    pub fn requests(self, connections: usize, is_postgres: bool, is_quick: bool) -> usize {
        let many = match (self, connections) {
            (Self::Upload, 1) => 40,
            (Self::Upload, _) => 96,
            (Self::Search, 1) => 100,
            (Self::Search, _) => 192,
            (_, 1) => 1_000,
            _ => 6_000,
        };
        many / if is_postgres { 3 } else { 1 } / if is_quick { 4 } else { 1 }
    }
}

/// Makes the requests to one server.
pub struct Requests<'a> {
    address: SocketAddr,
    host: String,
    seeded: &'a Seeded,
    token: String,
    business_type_id: String,
    random: StdRng,
    upload: Vec<u8>,
    messages: usize,
    uploads: usize,
}

impl<'a> Requests<'a> {
    /// Logs in and asks the catalogue for a problem type.
    pub fn new(address: SocketAddr, seeded: &'a Seeded, seed: u64) -> anyhow::Result<Self> {
        let mut requests = Self {
            address,
            host: address.to_string(),
            seeded,
            token: String::new(),
            business_type_id: String::new(),
            random: StdRng::seed_from_u64(seed),
            upload: form(),
            messages: 0,
            uploads: 0,
        };
        requests.token = requests.login()?;
        requests.business_type_id = requests.consultation()?;
        Ok(requests)
    }

    fn login(&self) -> anyhow::Result<String> {
        let Seeded { account, password, .. } = self.seeded;
        let user = json!({"name": self.seeded.users[0].name, "password": password, "domain": {"name": account}});
        let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}).to_string();
        let headers = [("content-type", "application/json")];
        let request = self.plain("POST", "/v3/auth/tokens?nocatalog=true", &headers, body.as_bytes());
        let answer = client::call(self.address, &request)?;
        answer.token.with_context(|| format!("no token: {}", String::from_utf8_lossy(&answer.body)))
    }

    /// A problem type of a consultation that needs no further parameters.
    fn consultation(&self) -> anyhow::Result<String> {
        let problems: ProblemTypeList = self.get("/v2/servicerequest/config/problems?limit=100")?;
        for problem in problems.incident_business_type_list.iter().filter(|problem| problem.case_type == "0") {
            let id = &problem.business_type_id;
            let target = format!("/v2/servicerequest/config/extends-map?business_type_id={id}");
            let parameters: ExtraParameterList = self.get(&target)?;
            if parameters.extends_params.iter().all(|parameter| parameter.required == 0) {
                return Ok(id.clone());
            }
        }
        anyhow::bail!("the catalogue has no consultation without mandatory parameters")
    }

    fn get<T: DeserializeOwned>(&self, target: &str) -> anyhow::Result<T> {
        let answer = client::call(self.address, &self.signed(&self.seeded.users[0], "GET", target, &[], b"")?)?;
        ensure!(answer.status == 200, "{target}: {}", String::from_utf8_lossy(&answer.body));
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// A round of requests.
    pub fn round(&mut self, operation: Operation, count: usize) -> anyhow::Result<Vec<Bytes>> {
        (0..count).map(|_| self.one(operation).map(Bytes::from)).collect()
    }

    fn one(&mut self, operation: Operation) -> anyhow::Result<Vec<u8>> {
        let seeded = self.seeded;
        let owner = &seeded.users[0];
        let some = |random: &mut StdRng, of: &'a [String]| of[random.random_range(0..of.len())].as_str();
        match operation {
            Operation::TokenCheck => {
                let headers = [("x-auth-token", self.token.as_str()), ("x-subject-token", self.token.as_str())];
                Ok(self.plain("GET", "/v3/auth/tokens?nocatalog=true", &headers, b""))
            }
            Operation::Detail => {
                let target = format!("{CASES}/{}", some(&mut self.random, &seeded.cases));
                self.signed(owner, "GET", &target, &[], b"")
            }
            Operation::List => self.signed(owner, "GET", &format!("{CASES}?limit=10&offset=0"), &[], b""),
            Operation::Search => {
                let word = percent(some(&mut self.random, &seeded.words));
                self.signed(owner, "GET", &format!("{CASES}?limit=10&offset=0&search_key={word}"), &[], b"")
            }
            Operation::ByProblem => {
                let problem = &self.business_type_id;
                let target = format!("/osm/incidentservice/api/v1/queryincident?pageSize=10&businessTypeId={problem}");
                self.signed(owner, "GET", &target, &[], b"")
            }
            Operation::Quota => {
                let target = format!("/v2/servicerequest/quotas?business_type_id={}", self.business_type_id);
                self.signed(owner, "GET", &target, &[], b"")
            }
            Operation::Unread | Operation::Poll => {
                let ids: Vec<&str> = (0..20).map(|_| some(&mut self.random, &seeded.cases)).collect();
                let ids = ids.join(",");
                let target = if operation == Operation::Unread {
                    format!("{CASES}/instant-messages/unread?case_ids={ids}")
                } else {
                    let millis = now().0 / 1000;
                    format!("{CASES}/instant-messages?case_ids={ids}&last_message_time_id={millis}-0")
                };
                self.signed(owner, "GET", &target, &[], b"")
            }
            Operation::Counts => self.signed(owner, "GET", &format!("{CASES}/count"), &[], b""),
            Operation::Create => {
                let user = &seeded.users[self.random.random_range(0..seeded.users.len())];
                let body = json!({
                    "business_type_id": self.business_type_id, "simple_description": DESCRIPTION,
                    "source_id": SOURCE_ID, "remind_mail": "somebody@example.com",
                });
                self.signed(user, "POST", CASES, &[("content-type", "application/json")], body.to_string().as_bytes())
            }
            Operation::Message => {
                // In turn, so that no case gets many more than another.
                let case = &seeded.open_cases[self.messages % seeded.open_cases.len()];
                self.messages += 1;
                let body = json!({"message": {"content": DESCRIPTION, "type": 0}}).to_string();
                let headers = [("content-type", "application/json")];
                self.signed(owner, "POST", &format!("{CASES}/{case}/message"), &headers, body.as_bytes())
            }
            Operation::Upload => {
                let user = &seeded.users[self.uploads % seeded.users.len()];
                self.uploads += 1;
                let kind = format!("multipart/form-data; boundary={BOUNDARY}");
                let headers = [("content-type", kind.as_str()), ("x-sdk-content-sha256", UNSIGNED_PAYLOAD)];
                self.signed(user, "POST", "/v2/servicerequest/accessorys", &headers, &self.upload)
            }
        }
    }

    fn plain(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        request(&self.host, method, target, headers, body)
    }

    fn signed(
        &self,
        user: &User,
        method: &str,
        raw_target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        let date = now().to_sdk_date();
        let mut all = vec![("host", self.host.as_str()), ("x-sdk-date", date.as_str())];
        all.extend_from_slice(headers);
        let to_sign = ToSign { method, raw_target, order: QueryOrder::AsSent, headers: &all, body };
        let authorization = sign(&to_sign, &user.access, &self.seeded.secret)?;
        all.remove(0);
        all.push(("authorization", &authorization));
        Ok(request(&self.host, method, raw_target, &all, body))
    }
}

/// Puts a request together.
pub fn request(host: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        text.extend(["content-length: ", &body.len().to_string(), "\r\n"]);
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The same work for the yardstick, unsigned: reading the same rows, or committing the same rows.
pub fn bare(host: &str, operation: Operation, seeded: &Seeded, count: usize, random: &mut StdRng) -> Vec<Bytes> {
    let account = &seeded.account_id;
    let json = [("content-type", "application/json")];
    let tokens = format!("{} \u{e000}{account}", counterfoil_store::search::stored(DESCRIPTION));
    let one = |random: &mut StdRng| match operation {
        Operation::Detail => {
            let case = &seeded.cases[random.random_range(0..seeded.cases.len())];
            request(host, "GET", &format!("/detail/{account}/{case}"), &[], b"")
        }
        Operation::List => request(host, "GET", &format!("/list/{account}"), &[], b""),
        Operation::Create => {
            let user = &seeded.users[random.random_range(0..seeded.users.len())];
            let body = json!({"account_id": account, "user_id": user.id, "user_name": user.name,
                "description": DESCRIPTION, "tokens": tokens});
            request(host, "POST", "/create", &json, body.to_string().as_bytes())
        }
        _ => fixed(host, operation, 0),
    };
    (0..count).map(|_| Bytes::from(one(random))).collect()
}

/// A request for an answer of so many bytes, with a body like the operation's own.
pub fn fixed(host: &str, operation: Operation, answer_bytes: u64) -> Vec<u8> {
    let target = format!("/fixed/{answer_bytes}");
    match operation {
        Operation::Create | Operation::Message => request(host, "POST", &target, &[], DESCRIPTION.as_bytes()),
        Operation::Upload => request(host, "POST", &target, &[], &form()),
        _ => request(host, "GET", &target, &[], b""),
    }
}

/// A form with a log file.
fn form() -> Vec<u8> {
    let description = json!({"fileName": "service.log", "accessoryFrom": "message", "uploadType": 0});
    let mut form = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"form_data\"\r\n\r\n{description}\r\n\
         --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"service.log\"\r\n\
         content-type: text/plain\r\n\r\n"
    )
    .into_bytes();
    let line = b"2026-01-05 09:30:15 worker 17: request 4711 took 23 ms, answered 200 with 1832 bytes\n";
    form.extend(line.iter().cycle().take(UPLOAD_BYTES));
    form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    form
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The time of signing.
#[expect(clippy::disallowed_methods, reason = "the load generator is a client: the machine's clock is its clock")]
pub fn now() -> Micros {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
