//! `counterfoil demo`: a server with a sample account, staff and cases, for looking around.
//!
//! The sample cases come in through the same door as every other: signed requests to the router.

use super::serve;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, MailTransport, SmsTransport};
use crate::iam::password::PasswordError;
use crate::iam::{self, AccessId, AdminError, Name, NewKey, NewUser, Role, SealedKey, StaffRole};
use crate::routes;
use anyhow::{Context, bail};
use axum::Router;
use axum::body::Body;
use counterfoil_store::Tx;
use counterfoil_wire::signing::{QueryOrder, ToSign, sign};
use http::Request;
use http_body_util::BodyExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tower::ServiceExt;

const ACCOUNT: &str = "acme";

/// A sample login.
struct Login {
    name: &'static str,
    password: &'static str,
    access: &'static str,
    secret: &'static str,
    staff: Option<StaffRole>,
}

const ALICE: Login = Login {
    name: "alice",
    password: "Alice-Demo-2026!",
    access: "DEMOACCESSKEY0000001",
    secret: "DemoSecretKey/For-Local-Use-Only-000000001",
    staff: None,
};
const BOB: Login = Login {
    name: "bob",
    password: "Bob-Demo-2026!",
    access: "DEMOACCESSKEY0000002",
    secret: "DemoSecretKey/For-Local-Use-Only-000000002",
    staff: None,
};
const ERIN: Login = Login {
    name: "erin",
    password: "Erin-Demo-2026!",
    access: "DEMOACCESSKEY0000003",
    secret: "DemoSecretKey/For-Local-Use-Only-000000003",
    staff: Some(StaffRole::Engineer),
};
const LEO: Login = Login {
    name: "leo",
    password: "Leo-Demo-2026!",
    access: "DEMOACCESSKEY0000004",
    secret: "DemoSecretKey/For-Local-Use-Only-000000004",
    staff: Some(StaffRole::Lead),
};

/// Serves with the sample data, which is made once.
pub(super) async fn demo(mut config: Config) -> anyhow::Result<()> {
    // Somebody who looks around can see what would be sent.
    if config.mail.transport == MailTransport::None {
        config.mail.transport = MailTransport::File;
    }
    if config.sms.transport == SmsTransport::None {
        config.sms.transport = SmsTransport::File;
    }
    let outbox = config.outbox_folder();
    let listener = serve::bind(&config).await?;
    let address = listener.local_addr()?;
    let app = App::open(config, Clock::System).await.context("cannot start")?;
    let is_new = app
        .store
        .read(async |tx: &mut Tx| match iam::load_account(tx, ACCOUNT).await {
            Ok(_) => Ok(false),
            Err(AdminError::Missing { .. }) => Ok(true),
            Err(e) => Err(e),
        })
        .await?;
    if is_new {
        make_logins(&app).await?;
        make_cases(&app).await.context("cannot make the sample cases")?;
    }
    println!("Counterfoil demo on http://{address}");
    println!();
    println!("  account   user   password          access key            secret key");
    for login in [ALICE, BOB, ERIN, LEO] {
        let account = if login.staff.is_some() { iam::PROVIDER } else { ACCOUNT };
        println!("  {account:<9} {:<6} {:<17} {:<21} {}", login.name, login.password, login.access, login.secret);
    }
    println!();
    println!("alice owns the account, bob is a user of it; erin is an engineer, leo a lead. For local use only.");
    println!("Mail and SMS are written to {} in place of being sent.", outbox.display());
    serve::run(listener, app).await
}

async fn hash(app: &App, password: &'static str) -> Result<Option<String>, PasswordError> {
    app.identity.passwords.hash(&SecretString::from(password)).await.map(Some)
}

async fn make_logins(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut users = Vec::new();
    for login in [ALICE, BOB, ERIN, LEO] {
        let name = Name::parse(login.name).context("a sample name is not valid")?;
        let roles = if login.name == BOB.name { vec![Role::TicketAdministrator] } else { Vec::new() };
        let user = NewUser::new(name).roles(roles).password_hash(hash(app, login.password).await?);
        let access = AccessId::parse(login.access).context("a sample key is not valid")?;
        let key = NewKey { access, secret: SecretString::from(login.secret) };
        users.push((user, SealedKey::new(&app.vault, &key), login.staff));
    }
    let region = app.config.api.region.clone();
    app.store
        .write(async move |tx: &mut Tx| -> Result<(), AdminError> {
            let account = Name::parse(ACCOUNT).ok_or(AdminError::Reserved)?;
            let (account, _) = iam::create_account(tx, &account, &region, None, now).await?;
            for (user, key, staff) in &users {
                let (account_id, user_id) = match staff {
                    Some(role) => {
                        let (provider, id) = iam::create_staff(tx, user, *role, &region, now).await?;
                        (provider.id, id)
                    }
                    None => (account.id.clone(), iam::create_user(tx, &account, user, now).await?),
                };
                iam::create_access_key_with(tx, &account_id, &user_id, key, "sample", now).await?;
            }
            Ok(())
        })
        .await
        .context("cannot make the sample logins")
}

/// Sends one signed request through the router.
async fn call(app: &App, router: &Router, login: &Login, target: &str, body: &Value) -> anyhow::Result<Value> {
    let date = app.clock.now().to_sdk_date();
    let headers = [("host", "localhost"), ("content-type", "application/json"), ("x-sdk-date", &date)];
    let body = body.to_string();
    let to_sign = ToSign {
        method: "POST",
        raw_target: target,
        order: QueryOrder::AsSent,
        headers: &headers,
        body: body.as_bytes(),
    };
    let secret = SecretString::from(login.secret);
    let authorization = sign(&to_sign, login.access, secret.expose_secret())?;
    let mut request = Request::post(target).header("authorization", authorization);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = router.clone().oneshot(request.body(Body::from(body))?).await?;
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        bail!("{target} answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// What happens to a sample case after its submission.
enum Then {
    Nothing,
    Desk(&'static str, Value),
    Customer(&'static str, Value),
}

async fn make_cases(app: &App) -> anyhow::Result<()> {
    use Then::{Customer, Desk, Nothing};
    let router = routes::router(app);
    let accept = || Desk("accept", json!({}));
    let reply = |content: &str, next: &str| Desk("reply", json!({"content": content, "next": next}));
    let samples: Vec<(&Login, &str, Vec<Then>)> = vec![
        (&ALICE, "云服务器控制台如何修改登录密码？", vec![Nothing]),
        (&BOB, "How do I move a disk to another zone?", vec![accept()]),
        (
            &BOB,
            "对象存储的流量费用为什么比上个月高？",
            vec![accept(), reply("请提供桶名称和账单月份。", "pending_feedback")],
        ),
        (
            &ALICE,
            "We need a higher quota of elastic addresses in our region.",
            vec![accept(), reply("The quota was raised to 50. Please try again.", "solution")],
        ),
        (
            &ALICE,
            "如何下载发票？",
            vec![
                accept(),
                reply("费用中心，发票管理，选择账期后下载。", "solution"),
                Customer("close", json!({"judgement": "很快解决，谢谢"})),
            ],
        ),
        (
            &BOB,
            "Opened by mistake, please ignore.",
            vec![Customer("cancel", json!({"operate_desc": "opened by mistake"}))],
        ),
        (
            &ALICE,
            "数据库备份保留多久？",
            vec![
                accept(),
                Desk("note", json!({"content": "等待产品团队确认保留策略。"})),
                Desk("pause", json!({"reason": "等待产品团队"})),
            ],
        ),
    ];
    let catalog = app.catalog.snapshot(&app.store).await?;
    let questions = catalog.problem_types().filter(|problem| problem.kind.code() == 0);
    for ((login, description, then), problem) in samples.into_iter().zip(questions.step_by(3)) {
        let body = json!({
            "business_type_id": problem.id, "product_category_id": problem.product_id,
            "incident_sub_type_id": problem.category_id, "simple_description": description,
            "source_id": crate::cases::SOURCE_ID, "remind_mail": format!("{}@example.com", login.name),
        });
        let created = call(app, &router, login, "/v2/servicerequest/cases", &body).await?;
        let id = created["incident_id"].as_str().context("no id came back")?.to_owned();
        for step in then {
            match step {
                Nothing => {}
                Desk(action, body) => {
                    call(app, &router, &ERIN, &format!("/desk/v1/cases/{id}/{action}"), &body).await?;
                }
                Customer(action, body) => {
                    let target = format!("/v2/servicerequest/cases/{id}/action?action_id={action}");
                    call(app, &router, login, &target, &body).await?;
                }
            }
        }
    }
    Ok(())
}
