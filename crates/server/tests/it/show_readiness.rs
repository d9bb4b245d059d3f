//! `GET /readyz`: whether the database answers.

use crate::support::TestApp;
use counterfoil_store::Tx;

#[tokio::test]
async fn it_is_ready_while_the_database_answers() {
    let app = TestApp::start().await;
    let answer = app.get("/readyz").send().await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, &b"ready"[..]));
    let drop_settings = async |tx: &mut Tx| tx.query_dyn("DROP TABLE settings", &[]).await.map(drop);
    app.app.store.write(drop_settings).await.unwrap();
    let answer = app.get("/readyz").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "OSM.0004"));
    assert_eq!(app.get("/healthz").send().await.status, 200);
}
