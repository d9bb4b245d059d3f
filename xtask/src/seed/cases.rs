//! Writes stories as cases: one unit for many of them, with the server's own functions.

use super::people::Account;
use super::story::Story;
use super::transfer::Documents;
use anyhow::Context;
use counterfoil::app::App;
use counterfoil::cases::change::{self, Doer};
use counterfoil::cases::rules::{self, Action, Actor, Change, Status, Times};
use counterfoil::cases::sealed::{self, Secrets};
use counterfoil::cases::{self, CaseRow, Filter, LogRow};
use counterfoil::catalog::Snapshot;
use counterfoil::error::Error;
use counterfoil::messages::{self, MessageRow};
use counterfoil::search::{self, Words};
use counterfoil_store::jobs::{self, NewJob};
use counterfoil_store::{Tx, counters};
use counterfoil_wire::cases::CaseContact;
use counterfoil_wire::desk::Visibility;
use counterfoil_wire::ids::{CASE_SERIALS, CaseId, LogId, MessageId};
use counterfoil_wire::time::Micros;
use serde_json::json;
use std::collections::BTreeMap;

/// An odd multiplier without a common factor with the number of serials runs through all of them before one repeats.
const SERIAL_STEP: u64 = 61_803_397;
/// How many ids are told at the end.
const SAMPLES: usize = 2_000;

/// Cases that are ready to be written, in one unit.
pub struct Chunk {
    cases: Vec<Made>,
    /// By account, scope and name.
    counted: BTreeMap<(String, String, String), i64>,
    /// Where the words for the search go elsewhere, the unit does not write them.
    with_documents: bool,
}

struct Made {
    case: CaseRow,
    first_status: CaseRow,
    secrets: Secrets,
    messages: Vec<(i64, MessageRow, Words)>,
    logs: Vec<LogRow>,
    events: Vec<(Doer, &'static str, serde_json::Value, Micros)>,
    jobs: Vec<(&'static str, Micros)>,
}

/// Ids for a load generator to work on.
#[derive(Default)]
pub struct Samples {
    /// Cases of the first account that its owner sees.
    pub any: Vec<String>,
    /// Those that take a message.
    pub open: Vec<String>,
}

impl Samples {
    /// Keeps the case with a chance that spreads the samples over all of them.
    fn offer(&mut self, case: &CaseRow, pick: u64, count: u64) {
        if case.status == Status::Deleted {
            return;
        }
        let every = (count / 2 / SAMPLES as u64).max(1);
        if self.any.len() < SAMPLES && (pick >> 8).is_multiple_of(every) {
            self.any.push(case.case_id.to_string());
        }
        if matches!(case.status, Status::ToBeProcessed | Status::Processing) {
            if self.open.len() == SAMPLES {
                self.open.remove(usize::try_from(pick >> 8).unwrap_or_default() % SAMPLES);
            }
            self.open.push(case.case_id.to_string());
        }
    }
}

/// What cases refer to.
pub struct World<'a> {
    /// The server, for its settings.
    pub app: &'a App,
    /// The catalogue.
    pub catalog: &'a Snapshot,
    /// Who submits.
    pub accounts: &'a [Account],
    /// How many cases there will be.
    pub count: u64,
}

impl Chunk {
    /// An empty chunk.
    pub fn new(documents: &Documents) -> Self {
        Self { cases: Vec::new(), counted: BTreeMap::new(), with_documents: matches!(documents, Documents::InPlace) }
    }

    /// Adds a case.
    pub fn add(
        &mut self,
        world: &World<'_>,
        index: u64,
        story: &Story,
        documents: &mut Documents,
        samples: &mut Samples,
    ) -> anyhow::Result<()> {
        let made = make(world, index, story)?;
        let case = &made.case;
        for (scope, start) in cases::counter_scopes(case) {
            let name = format!("{start}{}", case.status.number());
            *self.counted.entry((case.account_id.to_string(), scope, name)).or_default() += 1;
        }
        if story.account == 0 {
            samples.offer(case, story.pick, world.count);
        }
        if !self.with_documents {
            documents.write(case.case_no, case, &first_text(case))?;
            for (number, message, _) in made.messages.iter().filter(|(_, message, _)| !message.is_first) {
                documents.write(*number, case, &message.content)?;
            }
        }
        self.cases.push(made);
        Ok(())
    }

    /// Writes the chunk.
    pub async fn write(&self, tx: &mut Tx, app: &App) -> Result<(), Error> {
        for made in &self.cases {
            made.write(tx, app, self.with_documents).await?;
        }
        for ((account_id, scope, name), count) in &self.counted {
            counters::add(tx, account_id, scope, name, *count).await?;
        }
        Ok(())
    }
}

/// How many cases the database holds.
pub async fn count_all(tx: &mut Tx) -> Result<i64, counterfoil_store::StoreError> {
    cases::count(tx, &Filter::default()).await
}

/// What the search finds a case by.
fn first_text(case: &CaseRow) -> String {
    format!("{} {}", case.case_id, case.description)
}

impl Made {
    async fn write(&self, tx: &mut Tx, app: &App, with_documents: bool) -> Result<(), Error> {
        let (case, account_id) = (&self.case, self.case.account_id.as_str());
        cases::insert(tx, &self.first_status).await?;
        if case.status != self.first_status.status {
            cases::update(tx, case).await?;
        }
        sealed::save(tx, app, case, &self.secrets).await?;
        for (number, message, words) in &self.messages {
            messages::insert(tx, &case.account_id, &case.case_id, message).await?;
            if with_documents {
                search::store_document(tx, *number, account_id, case.case_no, false, words).await?;
            }
        }
        for log in &self.logs {
            cases::insert_log(tx, &case.account_id, &case.case_id, log).await?;
        }
        for (doer, kind, payload, at) in &self.events {
            change::write_event(tx, doer, case, kind, payload.clone(), *at).await?;
        }
        for (kind, run_at) in &self.jobs {
            let key = Some(case.case_id.as_str());
            let job = NewJob { kind, key, account_id: Some(account_id), payload: json!({}), run_at: run_at.0 };
            jobs::enqueue(tx, &job, case.updated_at.0).await?;
        }
        Ok(())
    }
}

/// Plays a story through the life cycle.
fn make(world: &World<'_>, index: u64, story: &Story) -> anyhow::Result<Made> {
    let first = submitted(world, index, story)?;
    let mut case = first.clone();
    let somebody = |actor, id, name| Doer { actor, id, name, agent: None, is_partner: false };
    let customer = somebody(Actor::Customer, Some(case.user_id.clone()), case.user_name.clone());
    let mut at = story.created_at;
    let mut made = Made {
        messages: vec![(case.case_no, message(&customer, true, &case.description, at), Words::of(&first_text(&case)))],
        logs: vec![log(&customer, 0, at)],
        events: vec![(customer.clone(), "case.created", json!({"business_type_id": case.problem_id}), at)],
        secrets: Secrets::default(),
        jobs: Vec::new(),
        first_status: first,
        case: case.clone(),
    };
    for (place, step) in (1_i64..).zip(&story.steps) {
        at = at.plus_seconds(step.after_seconds);
        let doer = match step.actor {
            Actor::Customer => customer.clone(),
            actor => somebody(actor, None, "engineer".to_owned()),
        };
        let timers = &world.app.config.timers;
        let times = Times { created_at: case.created_at, urged_at: case.urged_at, status_at: case.status_at };
        let decided = rules::decide(case.status, step.action, step.actor, times, at, timers);
        let decided: Change = decided.map_err(|refusal| anyhow::anyhow!("a story is not possible: {refusal:?}"))?;
        if step.action == Action::Solve {
            step.text.unwrap_or_default().clone_into(&mut case.resolution);
        }
        change::carry_over(&mut case, &decided, at);
        if let Some(text) = step.text {
            // Numbers of documents are unique as those of cases are: a message's is the case's with its place added.
            made.messages.push((case.case_no + place, message(&doer, false, text, at), Words::of(text)));
        }
        if let Some(kind) = decided.log {
            made.logs.push(log(&doer, kind, at));
        }
        let payload = json!({"from": decided.from.number(), "to": decided.to.number()});
        made.events.push((doer, decided.action.event(), payload, at));
    }
    if !case.status.is_ended() {
        let mail = Some(format!("{}@example.com", case.user_name));
        made.secrets.contact = CaseContact { remind_mail: mail, ..CaseContact::default() };
        let timers = rules::timers_of(case.status, &world.app.config.timers);
        made.jobs = timers.iter().map(|timer| (timer.job, case.status_at.plus_seconds(timer.after_seconds))).collect();
    }
    made.case = case;
    Ok(made)
}

fn submitted(world: &World<'_>, index: u64, story: &Story) -> anyhow::Result<CaseRow> {
    let place =
        |salt: u32, bound: usize| usize::try_from((story.pick >> salt) % bound.max(1) as u64).unwrap_or_default();
    let account = &world.accounts[story.account];
    let user = &account.users[place(16, account.users.len())];
    let problem = world.catalog.problem_types().nth(place(24, world.catalog.problem_types().count()));
    let problem = problem.context("the catalogue has no problem type")?;
    let serial = u32::try_from(index.wrapping_mul(SERIAL_STEP) % u64::from(CASE_SERIALS))?;
    let now = story.created_at;
    // Room for the numbers of its messages.
    let case_no = now.0 * 1000 + i64::try_from(story.pick % 900)?;
    let case_id = CaseId::compose(now, serial);
    Ok(CaseRow {
        case_type: problem.kind.code(),
        sub_type_id: Some(problem.category_id.clone()),
        product_id: Some(problem.product_id.clone()),
        problem_id: problem.id.clone(),
        severity_id: world.catalog.mildest_severity().map(|severity| severity.id.clone()),
        source_id: cases::SOURCE_ID.to_owned(),
        description: story.description.clone(),
        ..CaseRow::untouched(account.id.clone(), case_no, case_id, user.id.clone(), user.name.clone(), now)
    })
}

fn message(doer: &Doer, is_first: bool, text: &str, at: Micros) -> MessageRow {
    MessageRow {
        message_id: MessageId::random(at),
        visibility: Visibility::Public,
        author_kind: doer.actor.operator_type(),
        author_id: doer.id.clone(),
        author_name: doer.name.clone(),
        author_is_owner: false,
        is_first,
        content: text.to_owned(),
        created_at: at,
        doc_no: None,
        event_no: None,
        withdrawn_at: None,
    }
}

fn log(doer: &Doer, operate_type: i64, at: Micros) -> LogRow {
    LogRow {
        log_id: LogId::random(at),
        operate_type,
        operator_type: doer.actor.operator_type(),
        operator_id: doer.id.clone(),
        operator_name: doer.name.clone(),
        description: String::new(),
        created_at: at,
    }
}
