//! Which mails of background jobs are not sent at all, and which are sent later.

use domain::identity::{Reach, Role};
use domain::integration::Kind;
use domain::work::Mail;
use slipway::boot::mails::MailComposer;
use store::tenant::{Scope, TenantTx};
use worker::{Mailer as _, Unsent};

use crate::helpers::TestApp;

#[tokio::test]
async fn nobody_is_invited_into_a_business_that_lies_in_the_trash() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.base.execute("update sub_accounts set email = 'owner@client.example'").await;
    let folder = app.mails.join("letters");
    let mailer = mail::Mailer::folder(folder.clone(), "Slipway <a@b.test>").unwrap();
    let composer = MailComposer::new(app.db.clone(), mailer, "http://127.0.0.1:3000".into());
    let sent = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    let (agency, business) = (tenant.agency, tenant.business);
    composer.send(Some(agency), Some(business), Mail::InviteOwner).await.unwrap();
    assert_eq!(sent(), 1);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::businesses::remove(&mut tx, business).await.unwrap();
    tx.commit().await.unwrap();
    composer.send(Some(agency), Some(business), Mail::InviteOwner).await.unwrap();
    assert_eq!(sent(), 1, "no second one");
}

#[tokio::test]
async fn whoever_can_help_hears_which_connection_died_and_of_one_that_was_mended_nobody() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::AgencyOwner, &tenant).await;
    let folder = app.mails.join("deaths");
    let mailer = mail::Mailer::folder(folder.clone(), "Slipway <a@b.test>").unwrap();
    let composer = MailComposer::new(app.db.clone(), mailer, "http://127.0.0.1:3000".into());
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
    let new = store::integrations::NewConnection {
        kind: Kind::Gohighlevel,
        platform_id: "C1",
        name: Some("Harbor"),
        parent: None,
    };
    let (company, _) = store::integrations::upsert(&mut tx, &new).await.unwrap();
    let location = store::integrations::upsert_location(&mut tx, None, "L1", "C2", Some("Luna Yoga")).await.unwrap();
    for one in [company, location] {
        assert!(store::integrations::needs_reauth(&mut tx, one, "refused").await.unwrap());
    }
    tx.commit().await.unwrap();
    for integration in [company, location] {
        composer.send(Some(tenant.agency), None, Mail::NeedsReauth { integration, user: owner }).await.unwrap();
    }
    let texts: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let of = |part: &str| texts.iter().filter(|text| text.contains(part)).count();
    assert_eq!((texts.len(), of("Subject: Reconnect HighLevel"), of("Luna Yoga")), (2, 1, 1), "{texts:?}");
    assert_eq!(of(&format!("/a/{}/connections", tenant.agency)), 2, "{texts:?}");
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::integrations::upsert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    composer.send(Some(tenant.agency), None, Mail::NeedsReauth { integration: company, user: owner }).await.unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "it works again: there is nothing to do");
}

#[tokio::test]
async fn an_owner_of_six_clients_gets_every_invitation_also_when_the_mail_server_was_away() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let mut clients = vec![tenant.business];
    for _ in 1..6 {
        clients.push(app.base.business(tenant.agency).await);
    }
    app.base.execute("update sub_accounts set email = 'owner@client.example'").await;
    let folder = app.mails.join("owner");
    let mailer = mail::Mailer::folder(folder.clone(), "Slipway <a@b.test>").unwrap();
    let composer = MailComposer::new(app.db.clone(), mailer, "http://127.0.0.1:3000".into());
    let sent = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    let invite = async |business| composer.send(Some(tenant.agency), Some(business), Mail::InviteOwner).await;
    let page = format!("/a/{}/clients/{}", tenant.agency, tenant.business);
    let waits = async || app.get(&page, Some(&cookie)).await.body.contains("Invitation not sent yet");

    // The mail server is unavailable: a file is in the place of the mail folder.
    std::fs::create_dir_all(&app.mails).unwrap();
    std::fs::write(&folder, "").unwrap();
    for _ in 0..20 {
        assert!(matches!(invite(tenant.business).await, Err(Unsent::Failed(_))));
    }
    assert!(waits().await, "the agency sees it");
    std::fs::remove_file(&folder).unwrap();

    for business in &clients[..5] {
        invite(*business).await.unwrap();
    }
    assert!(!waits().await);
    assert_eq!(sent(), 5);
    invite(clients[0]).await.unwrap();
    assert_eq!(sent(), 5, "a repeated one leaves the link that works alone");

    let Err(Unsent::Later(_, wait)) = invite(clients[5]).await else { panic!("the sixth waits") };
    let hours = wait.as_secs() / 3600;
    assert!((23..=24).contains(&hours), "until there are mails again: {hours} hours");
    let last = app.get(&format!("/a/{}/clients/{}", tenant.agency, clients[5]), Some(&cookie)).await.body;
    assert!(last.contains("Invitation not sent yet"), "{last}");
    app.base.execute("update auth_throttles set created_at = created_at - interval '25 hours'").await;
    invite(clients[5]).await.unwrap();
    assert_eq!(sent(), 6);

    app.base.execute("update one_time_tokens set expires_at = now(); update auth_throttles set failures = 500").await;
    assert!(matches!(invite(clients[5]).await, Err(Unsent::Later(..))), "an agency's day is waited for too");
}
