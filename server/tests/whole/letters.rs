//! Which mails of background work are not sent after all?

use domain::identity::Reach;
use domain::work::Mail;
use slipway::letters::Letters;
use store::tenant::{Scope, TenantTx};
use worker::Mailer as _;

use crate::helpers::TestApp;

#[tokio::test]
async fn nobody_is_invited_into_a_business_that_lies_in_the_trash() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.base.execute("update sub_accounts set email = 'owner@client.example'").await;
    let folder = app.mails.join("letters");
    let mailer = mail::Mailer::folder(folder.clone(), "Slipway <a@b.test>").unwrap();
    let letters = Letters::new(app.db.clone(), mailer, "http://127.0.0.1:3000".into());
    let sent = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    let (agency, business) = (tenant.agency, tenant.business);
    letters.send(Some(agency), Some(business), Mail::InviteOwner).await.unwrap();
    assert_eq!(sent(), 1);
    let scope = Scope::Client { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::businesses::remove(&mut tx, business).await.unwrap();
    tx.commit().await.unwrap();
    letters.send(Some(agency), Some(business), Mail::InviteOwner).await.unwrap();
    assert_eq!(sent(), 1, "no second one");
}
