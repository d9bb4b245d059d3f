//! Accessories: uploading in both forms, reading in every way, and what is refused. In a folder, or in a bucket when the run
//! names one.

mod attaching;
mod bucket;
mod delete_accessories;
mod delete_desk_accessories;
mod download_accessories;
mod download_desk_accessories;
mod download_images;
mod download_signed_accessory;
mod list_accessory_access_urls;
mod show_download_accessory_url;
mod sweep;
mod upload_accessory;
mod upload_desk_accessories;
mod upload_json_accessories;

use crate::support::s3::Bucket;
use crate::support::{Answer, TestApp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use counterfoil::accessories::{self, Binding, Source};
use counterfoil::caller::token::{Method, Scope, Subject, Token};
use counterfoil::config::Config;
use counterfoil::error::{Error, Result};
use counterfoil::iam::{self, AdminError, Name, NewUser, Role, StaffRole};
use counterfoil_store::{Tx, vals};
use counterfoil_wire::ids::{AccessoryId, AccountId, CaseId, GroupId, MessageId, UserId};
use counterfoil_wire::time::Micros;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

const ACCESSORIES: &str = "/v2/servicerequest/accessorys";
const DESK: &str = "/desk/v1/accessories";
const MISSING: &str = "00000000000000000000000000000000";
/// The smallest image that programs show.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82";

/// Somebody who calls.
#[derive(Clone)]
struct Person {
    account_id: AccountId,
    user_id: UserId,
    token: String,
}

/// A server with people: alice (owner), bob, carol (group operator, in bob's group) and dave of one account, mallory of
/// another, erin (engineer), leo (lead), ada (auditor) and oscar (operator) of the provider.
struct World {
    app: TestApp,
    people: HashMap<&'static str, Person>,
    group: GroupId,
    bucket: Option<Bucket>,
}

impl World {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let bucket = Bucket::of_this_run();
        let place = |config: &mut Config| {
            if let Some(bucket) = &bucket {
                bucket.configure(config, bucket.server);
            }
            change(config);
        };
        let app = TestApp::start_with(place).await;
        let now = app.app.clock.now();
        let made = app.app.store.write(async move |tx: &mut Tx| make_people(tx, now).await).await;
        let (people, group) = made.unwrap();
        let people = people
            .into_iter()
            .map(|(name, account_id, user_id)| {
                let subject = Subject { account_id: account_id.clone(), user_id: user_id.clone(), agent: None };
                let expires_at = now.plus_seconds(30 * 24 * 3600);
                let (methods, scope) = (vec![Method::Password], Scope::Domain);
                let token = Token { subject, methods, scope, issued_at: now, expires_at };
                (name, Person { account_id, user_id, token: app.app.identity.tokens.issue(&token) })
            })
            .collect();
        Self { app, people, group, bucket }
    }

    /// With other limits than the built-in catalogue's.
    async fn with_limits(size_mb: u32, daily_mb: u32) -> Self {
        let world = Self::start().await;
        world.limit(size_mb, daily_mb).await;
        world
    }

    async fn limit(&self, size_mb: u32, daily_mb: u32) {
        let world = self;
        let text = counterfoil::catalog::export(&world.app.app.store).await.unwrap();
        let set = |line: &str, key: &str, value: u32| {
            if line.starts_with(key) { format!("{key} = {value}") } else { line.to_owned() }
        };
        let lines: Vec<String> = text
            .lines()
            .map(|line| set(line, "accessory_limit_size_mb", size_mb))
            .map(|line| set(&line, "accessory_daily_upload_mb", daily_mb))
            .collect();
        counterfoil::catalog::import(&world.app.app.store, &lines.join("\n")).await.unwrap();
    }

    fn person(&self, name: &str) -> &Person {
        &self.people[name]
    }

    async fn get(&self, name: &str, target: &str) -> Answer {
        self.app.get(target).header("x-auth-token", &self.person(name).token).english().send().await
    }

    async fn delete(&self, name: &str, id: &str) -> Answer {
        let target = format!("{ACCESSORIES}/{id}");
        self.app.delete(&target).header("x-auth-token", &self.person(name).token).english().send().await
    }

    async fn post_form(&self, name: &str, target: &str, form: Form) -> Answer {
        let call = self.app.post(target).header("x-auth-token", &self.person(name).token).english();
        call.raw(FORM_TYPE, form.finish()).send().await
    }

    async fn post_json(&self, name: &str, target: &str, body: &Value) -> Answer {
        self.app.post(target).header("x-auth-token", &self.person(name).token).english().json(body).send().await
    }

    /// Uploads a form with a file of this name and content.
    async fn send(&self, name: &str, file: &str, content: &[u8]) -> Answer {
        self.post_form(name, ACCESSORIES, Form::of(file, content)).await
    }

    /// Uploads a file for a new case, and answers its id.
    async fn upload(&self, name: &str, file: &str, content: &[u8]) -> String {
        id_of(self.send(name, file, content).await)
    }

    /// Makes a case of somebody's.
    async fn case_of(&self, name: &str, serial: u32) -> CaseId {
        let person = self.person(name).clone();
        let now = self.app.app.clock.now();
        let case_id = CaseId::compose(now, serial);
        let id = case_id.clone();
        let made = self
            .app
            .app
            .store
            .write(async move |tx: &mut Tx| -> Result<()> {
                const SQL: &str = "INSERT INTO cases (account_id, case_no, case_id, user_id, user_name, status, \
                    case_type, problem_id, source_id, description, params, extension, remind_time, urge_count, \
                    urged_at, reminder_count, reopen_count, judgement, resolution, pause_reason, created_at, \
                    updated_at, status_at, ended_by) VALUES ($1, $2, $3, $4, 'x', 0, 0, 'p', 's', 'd', '[]', '{}', \
                    '', 0, 0, 0, 0, '', '', '', $5, $5, $5, '')";
                let (account, user) = (person.account_id.as_str(), person.user_id.as_str());
                tx.query_dyn(SQL, &vals![account, i64::from(serial), id.as_str(), user, now.0]).await?;
                Ok(())
            })
            .await;
        made.unwrap();
        case_id
    }

    /// Attaches files to a message of a case, as `name`, who uploaded them.
    async fn attach(&self, name: &str, case: (&str, &CaseId), ids: &[&str]) -> Result<MessageId> {
        let source = if name == "erin" { Source::Message } else { Source::Incident };
        self.attach_as(name, case, ids, source).await
    }

    async fn attach_as(
        &self,
        name: &str,
        (owner, case_id): (&str, &CaseId),
        ids: &[&str],
        source: Source,
    ) -> Result<MessageId> {
        let uploader = self.person(name).clone();
        let (account_id, case_id) = (self.person(owner).account_id.clone(), case_id.clone());
        let message_id = MessageId::random(self.app.app.clock.now());
        let ids: Vec<AccessoryId> = ids.iter().map(|id| AccessoryId::parse(id).unwrap()).collect();
        let answer = message_id.clone();
        self.app
            .app
            .store
            .write(async move |tx: &mut Tx| {
                let to = Binding {
                    uploader_account_id: &uploader.account_id,
                    uploader_id: &uploader.user_id,
                    account_id: &account_id,
                    case_id: &case_id,
                    message_id: &message_id,
                    source,
                };
                accessories::bind(tx, &to, &ids, "accessory_ids").await
            })
            .await?;
        Ok(answer)
    }

    /// How many files, finished or not, and rows there are.
    async fn stored(&self) -> (usize, i64) {
        let rows = self.app.app.store.read(async |tx: &mut Tx| -> Result<i64> {
            let rows = tx.query_dyn("SELECT COUNT(*) FROM accessories", &[]).await?;
            Ok(rows[0].get(0)?)
        });
        let files = match &self.bucket {
            None => count_files(&self.app.app.config.accessories_folder()),
            Some(bucket) => {
                let (objects, uploads) = bucket.holds().await;
                objects + uploads
            }
        };
        (files, rows.await.unwrap())
    }

    /// Waits until so many files and rows are there.
    async fn becomes(&self, expected: (usize, i64)) {
        for _ in 0..500 {
            if self.stored().await == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{:?} and not {expected:?}", self.stored().await);
    }
}

type Made = (Vec<(&'static str, AccountId, UserId)>, GroupId);

async fn make_people(tx: &mut Tx, now: Micros) -> std::result::Result<Made, AdminError> {
    let name = |text: &str| Name::parse(text).unwrap();
    let mut people = Vec::new();
    let (first, _) = iam::create_account(tx, &name("stationers"), "cn-south-1", None, now).await?;
    for who in ["alice", "bob", "carol", "dave"] {
        let roles = (who == "carol").then_some(Role::TicketGroupOperator);
        let id = iam::create_user(tx, &first, &NewUser::new(name(who)).roles(roles), now).await?;
        people.push((who, first.id.clone(), id));
    }
    let group = iam::create_group(tx, &first.id, &name("readers"), &[], "", now).await?;
    for (_, account, user) in &people[1..3] {
        iam::add_member(tx, account, &group, user).await?;
    }
    let (second, _) = iam::create_account(tx, &name("printers"), "cn-south-1", None, now).await?;
    let id = iam::create_user(tx, &second, &NewUser::new(name("mallory")), now).await?;
    people.push(("mallory", second.id.clone(), id));
    for (who, role) in [
        ("erin", StaffRole::Engineer),
        ("leo", StaffRole::Lead),
        ("ada", StaffRole::Auditor),
        ("oscar", StaffRole::Operator),
    ] {
        let (account, id) =
            iam::create_staff(tx, &NewUser::new(name(&format!("{who}.desk"))), role, "cn-south-1", now).await?;
        people.push((who, account.id.clone(), id));
    }
    Ok((people, group))
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| if entry.file_type().unwrap().is_dir() { count_files(&entry.path()) } else { 1 })
        .sum()
}

const FORM_TYPE: &str = "multipart/form-data; boundary=cut-here";

/// A form being written.
#[derive(Default)]
struct Form(Vec<u8>);

impl Form {
    /// A form for a new case's file.
    fn of(file: &str, content: &[u8]) -> Self {
        Self::default().data(&json!({"fileName": file, "accessoryFrom": "incident", "uploadType": 0})).file(content)
    }

    fn part(mut self, name: &str, more: &str, content: &[u8]) -> Self {
        let head = format!("--cut-here\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    fn data(self, form_data: &Value) -> Self {
        self.part("form_data", "", form_data.to_string().as_bytes())
    }

    fn file(self, content: &[u8]) -> Self {
        self.part("file", "; filename=\"x\"\r\nContent-Type: application/octet-stream", content)
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"--cut-here--\r\n");
        self.0
    }
}

/// The body of an upload in JSON.
fn in_json(file: &str, content: &[u8]) -> Value {
    let data = BASE64_STANDARD.encode(content);
    json!({"accessory_name": file, "accessory_from": "incident", "accessory_data": data})
}

#[track_caller]
fn id_of(answer: Answer) -> String {
    answer.ok()["accessory_id"].as_str().unwrap().to_owned()
}

/// The answer must be an error of this kind that says this.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, text: &str) {
    let told = (answer.status, answer.code());
    assert_eq!((told.0, told.1.as_str()), (status, code), "{}", answer.json);
    assert!(answer.message().contains(text), "{}", answer.message());
}

/// An error that a function gave must be about the parameter.
#[track_caller]
fn refused_param<T: std::fmt::Debug>(result: Result<T>, field: &str) {
    let error: Error = result.unwrap_err();
    assert!(error.to_string().starts_with(&format!("OSM.01010001: Param validation failed. {field}:")), "{error}");
}
