//! A channel is reconnected with the link that its business made, and nothing else: what the link shows, which account it
//! takes, how often, and when it ends.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::IntegrationId;
use domain::channel_setup::Account;
use domain::identity::Role;
use domain::integration::Kind;
use operations::Refusal;
use operations::channels::{self, Renewal};
use store::channel_choices::ChoiceTokens;
use store::tenant::TenantTx;
use url::Url;

use crate::conversations::{Inbox, scope};
use crate::helpers::{Answer, Tenant, TestApp};

const SESSION: [u8; 32] = [7; 32];

struct World {
    app: TestApp,
    tenant: Tenant,
    cookie: String,
    inbox: Inbox,
    user: domain::UserId,
}

impl World {
    /// A business whose number needs a new consent.
    async fn new() -> Self {
        let app = TestApp::with_meta().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::BusinessOwner, &tenant).await;
        let cookie = app.sign_in(user).await;
        let inbox = Inbox::new(&app, &tenant, user).await;
        inbox.needs_consent(false).await;
        Self { app, tenant, cookie, inbox, user }
    }

    fn form(&self) -> String {
        form(&self.tenant, self.inbox.integration)
    }

    async fn link(&self) -> (String, Answer) {
        link(&self.app, &self.tenant, self.inbox.integration, &self.cookie).await
    }

    async fn page(&self, secret: &str) -> Answer {
        self.app.browse(&format!("/renew/{secret}"), None).await
    }

    /// The consent that the link's holder begins and answers.
    async fn consent(&self, secret: &str, state: u8) -> Result<Renewal, Refusal> {
        let (db, state) = (&self.app.db, [state; 32]);
        channels::begin_by_link(db, secret, (Kind::Whatsapp, false), state, SESSION).await?;
        assert!(channels::renewal(db, state, [8; 32]).await?.is_none(), "another session");
        let renewal = channels::renewal(db, state, SESSION).await?.unwrap();
        assert!(channels::answer(db, state, SESSION).await?.is_some());
        Ok(renewal)
    }

    /// What becomes of the consent if it brought these accounts.
    async fn finish(&self, renewal: &Renewal, accounts: &[&str]) -> Result<String, Refusal> {
        let accounts = accounts.iter().map(|id| account(id)).collect();
        renewal.finish(&self.app.db, &self.app.vault, accounts, tokens(), chrono::Utc::now()).await
    }

    fn number(&self) -> String {
        format!("number-{}", self.tenant.business)
    }

    async fn brand(&self) -> domain::brand::Brand {
        let mut tx = TenantTx::begin(&self.app.db, scope(&self.tenant, self.user)).await.unwrap();
        store::agencies::brand(&mut tx).await.unwrap()
    }

    async fn works(&self) -> bool {
        let mut tx = TenantTx::begin(&self.app.db, scope(&self.tenant, self.user)).await.unwrap();
        let known = store::integrations::get(&mut tx, self.inbox.integration).await.unwrap();
        known.needs_reauth_at.is_none()
    }
}

fn form(tenant: &Tenant, integration: IntegrationId) -> String {
    format!("business={}&integration={integration}", tenant.business)
}

/// Makes a link for a channel as the owner does, whose session this is, and reads it from the page that shows it.
pub async fn link(app: &TestApp, tenant: &Tenant, integration: IntegrationId, cookie: &str) -> (String, Answer) {
    let page = format!("/b/{}/integrations", tenant.business);
    app.post("make_renewal_link", &form(tenant, integration), &page, cookie).await;
    let shown = app.browse(&page, Some(cookie)).await;
    let at = shown.body.find("/renew/").map(|at| at + "/renew/".len());
    let secret = at.map(|at| shown.body[at..].chars().take_while(char::is_ascii_hexdigit).collect::<String>());
    (secret.unwrap_or_default(), shown)
}

fn account(id: &str) -> Account {
    let (id, name) = (id.to_owned(), "Front desk".to_owned());
    Account { id, name, address: "+1 555-010-0001".to_owned(), waba: Some("W1".to_owned()), page: None, unusable: None }
}

fn tokens() -> ChoiceTokens {
    ChoiceTokens {
        token: "EAAtoken".to_owned().into(),
        of_accounts: BTreeMap::new(),
        scopes: vec!["whatsapp_business_management".to_owned()],
        missing: Vec::new(),
        person: None,
        expires_at: None,
    }
}

/// Whether an operation was refused because the link does not work.
fn is_over<T>(outcome: &Result<T, Refusal>) -> bool {
    matches!(outcome, Err(Refusal::State(why)) if why.contains("no longer works"))
}

#[tokio::test]
async fn a_link_reconnects_its_own_account_once() {
    let world = World::new().await;
    let (first, _) = world.link().await;
    let (secret, shown) = world.link().await;
    assert_eq!(secret.len(), 64, "{}", shown.body);
    let (old, again) = (
        world.page(&first).await,
        world.app.browse(&format!("/b/{}/integrations", world.tenant.business), Some(&world.cookie)).await,
    );
    assert!(old.body.contains("no longer works"), "a newer link ends the older one");
    assert!(!again.body.contains(&secret), "a link is shown once");
    let (brand, unknown) = (format!("Ask {}.", world.brand().await.name), world.page(&"0".repeat(64)).await);
    assert!(old.status == StatusCode::CONFLICT && old.body.contains(&brand), "{}", old.body);
    assert!(unknown.body.contains("no longer works") && !unknown.body.contains("Questions?"), "{}", unknown.body);
    let page = world.page(&secret).await;
    assert!(page.status == StatusCode::OK && page.body.contains("Front desk"), "{}", page.body);
    let business = world.tenant.business.to_string();
    let without_name = page.body.replace(&format!("business-{business}"), "");
    assert!(!without_name.contains("Ana Diaz") && !without_name.contains(&business), "nothing else of the business");
    let other = world.consent(&secret, 1).await.unwrap();
    let refused = world.finish(&other, &["number-other"]).await;
    assert!(matches!(&refused, Err(Refusal::State(why)) if why.contains("sign in")), "another account");
    assert!(!world.works().await);
    let renewal = world.consent(&secret, 2).await.unwrap();
    assert!(is_over(&world.finish(&other, &[&world.number()]).await), "a later consent took its place");
    let done = world.finish(&renewal, &["number-other", &world.number()]).await;
    assert_eq!(done.ok().as_deref(), Some("Front desk"));
    assert!(world.works().await);
    assert!(is_over(&world.finish(&renewal, &[&world.number()]).await), "it works once");
    assert!(is_over(&world.consent(&secret, 3).await));
    world.inbox.needs_consent(false).await;
    assert!(is_over(&world.consent(&secret, 4).await), "it stays used when the channel ends again");
}

#[tokio::test]
async fn a_link_that_was_ended_or_whose_business_rests_reconnects_nothing() {
    let ends = [
        "update one_time_tokens set expires_at = now() where purpose = 'renewal'",
        "update agencies set status = 'paused'",
        "update sub_accounts set status = 'archived'",
        "update sub_accounts set deleted_at = now(), status = 'deleted'",
        "update integrations set is_active = false, disconnected_at = now()",
    ];
    for end in ends {
        let world = World::new().await;
        let (secret, _) = world.link().await;
        let renewal = world.consent(&secret, 1).await.unwrap();
        world.app.base.execute(end).await;
        assert!(world.page(&secret).await.body.contains("no longer works"), "{end}");
        assert!(is_over(&world.finish(&renewal, &[&world.number()]).await), "{end}");
    }
}

#[tokio::test]
async fn a_person_ends_a_link_and_makes_none_for_a_channel_that_works() {
    let world = World::new().await;
    let (secret, _) = world.link().await;
    let ended = world.app.submit("end_renewal_link", &world.form(), Some(&world.cookie)).await;
    assert!(ended.status.is_success() || ended.status.is_redirection(), "{} {}", ended.status, ended.body);
    assert!(world.page(&secret).await.body.contains("no longer works"));
    let twice = world.app.submit("end_renewal_link", &world.form(), Some(&world.cookie)).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{}", twice.body);
    let (secret, _) = world.link().await;
    let renewal = world.consent(&secret, 1).await.unwrap();
    assert!(world.finish(&renewal, &[&world.number()]).await.is_ok());
    let none = world.app.submit("make_renewal_link", &world.form(), Some(&world.cookie)).await;
    assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.body);
}

#[tokio::test]
async fn its_holder_goes_to_meta_and_comes_back_without_signing_in() {
    let world = World::new().await;
    let (secret, _) = world.link().await;
    let begun = world.app.get(&format!("/api/integrations/meta/renew?token={secret}"), None).await;
    let cookie = begun.cookie().expect("an anonymous session");
    let state =
        Url::parse(&begun.location).unwrap().query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let back = format!("/api/integrations/meta/callback?error=access_denied&state={state}");
    let stranger = world.app.get(&back, None).await;
    assert!(!stranger.location.contains("/renew/"), "another browser: {}", stranger.location);
    for turn in 0..2 {
        let answer = world.app.get(&back, Some(&cookie)).await;
        assert!(answer.location.ends_with("/renew/done"), "{turn}: {} {}", answer.status, answer.location);
        let page = world.app.browse("/renew/done", Some(&cookie)).await;
        assert!(page.body.contains("You canceled at Meta. Nothing was changed."), "{turn}: {}", page.body);
        assert!(page.body.contains(&format!("Ask {}.", world.brand().await.name)), "{turn}: {}", page.body);
    }
    assert_eq!(world.page(&secret).await.status, StatusCode::OK, "the link still works");
    for wrong in ["", "0", &"0".repeat(64)] {
        let refused = world.app.get(&format!("/api/integrations/meta/renew?token={wrong}"), None).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{wrong}");
    }
}
