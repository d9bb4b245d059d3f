//! `ListSubCustomers`.

use super::NO_ID;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY, name};
use counterfoil::iam::{self, AdminError, NewUser};
use counterfoil_store::Tx;
use serde_json::{Value, json};

const SUB_CUSTOMERS: &str = "/v2/servicerequest/customers/sub-customers";

fn ids(answer: &Value) -> Vec<&str> {
    answer["sub_customer_infos"].as_array().unwrap().iter().map(|user| user["customer_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn contact_data_is_masked() {
    let app = TestApp::start().await;
    let user = NewUser::new(name("Dora Diaz")).email(&app.app.vault, Some("dora@example.test")).phone(
        &app.app.vault,
        Some("0086"),
        Some("13800138000"),
    );
    let now = app.app.clock.now();
    let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
        let account = iam::load_account(tx, "acme").await?;
        iam::create_user(tx, &account, &user, now).await
    };
    let id = app.app.store.write(work).await.unwrap();
    let account = app.account_id(&ALICE).await;
    let answer = app.get(&format!("{SUB_CUSTOMERS}?sub_customer_id={id}")).by(&ALICE).send().await.ok();
    let expected = json!({"sub_customer_infos": [{
        "customer_id": id, "customer_name": "D***z", "domain_id": account, "mobile": "138****8000",
        "email": "d***@example.test", "area_code": "0086",
    }]});
    assert_eq!(answer, expected);
    let bob = app.user_id(&BOB).await;
    let answer = app.get(&format!("{SUB_CUSTOMERS}?sub_customer_id={bob}")).by(&ALICE).send().await.ok();
    let bare = json!({"customer_id": bob, "customer_name": "b***b", "domain_id": account, "mobile": "", "email": "",
        "area_code": ""});
    assert_eq!(answer["sub_customer_infos"][0], bare);
}

#[tokio::test]
async fn the_owner_finds_everybody_and_a_user_himself() {
    let app = TestApp::start().await;
    let (alice, bob, carol) = (app.user_id(&ALICE).await, app.user_id(&BOB).await, app.user_id(&CAROL).await);
    let mallory = app.user_id(&MALLORY).await;
    let ask = async |by, query: &str| app.get(&format!("{SUB_CUSTOMERS}?{query}")).by(by).english().send().await;
    let (alice, bob, carol) = (alice.as_str(), bob.as_str(), carol.as_str());
    assert_eq!(ids(&ask(&ALICE, "").await.ok()), [alice, bob, carol]);
    assert_eq!(ids(&ask(&BOB, "").await.ok()), [bob]);
    assert_eq!(ids(&ask(&MALLORY, "").await.ok()), [mallory.as_str()]);
    assert_eq!(ids(&ask(&ALICE, "sub_customer_name=O").await.ok()), [bob, carol], "a part of the name, in any case");
    assert_eq!(ids(&ask(&ALICE, "sub_customer_name=o%25").await.ok()), Vec::<&str>::new());
    assert_eq!(ids(&ask(&BOB, "sub_customer_name=car").await.ok()), Vec::<&str>::new());
    assert_eq!(ids(&ask(&ALICE, &format!("sub_customer_id={carol}")).await.ok()), [carol]);
    assert_eq!(
        ids(&ask(&ALICE, &format!("sub_customer_id={carol}&sub_customer_name=bob")).await.ok()),
        Vec::<&str>::new()
    );
    for id in [carol, mallory.as_str(), NO_ID, "x"] {
        assert_eq!(ids(&ask(&BOB, &format!("sub_customer_id={id}")).await.ok()), Vec::<&str>::new(), "{id}");
    }
    for id in [mallory.as_str(), NO_ID, "x"] {
        assert_eq!(ids(&ask(&ALICE, &format!("sub_customer_id={id}")).await.ok()), Vec::<&str>::new(), "{id}");
    }
    for field in ["sub_customer_name", "sub_customer_id"] {
        let long = ask(&ALICE, &format!("{field}={}", "x".repeat(65))).await;
        assert_refused(&long, 400, "OSM.01010001", field);
    }
    assert_refused(&ask(&ERIN, "").await, 403, "OSM.01010002", "");
}
