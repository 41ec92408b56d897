//! What a consent for a channel changes: nothing where it brought less than what works already, and names are stored as
//! people can read them.

use std::collections::BTreeMap;

use domain::channel_setup::Account;
use domain::identity::Role;
use domain::integration::{Integration, Kind};
use operations::Refusal;
use operations::channels::{self, Consent, Found};
use store::TenantTx;
use store::channel_choices::ChoiceTokens;
use url::Url;

use crate::conversations::{self, scope};
use crate::helpers::{Tenant, TestApp};

const MESSAGING: &str = "whatsapp_business_messaging";

fn number(id: &str, name: &str) -> Account {
    let (name, address) = (name.to_owned(), "+1 555-010-0003".to_owned());
    Account { id: id.to_owned(), name, address, waba: Some("W1".to_owned()), page: None, unusable: None }
}

fn tokens(missing: &[&str]) -> ChoiceTokens {
    ChoiceTokens {
        token: "EAAtoken".to_owned().into(),
        of_accounts: BTreeMap::new(),
        scopes: vec!["whatsapp_business_management".to_owned()],
        missing: missing.iter().map(|scope| (*scope).to_owned()).collect(),
        person: None,
        expires_at: None,
    }
}

struct World {
    app: TestApp,
    tenant: Tenant,
    user: domain::UserId,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::BusinessOwner, &tenant).await;
        Self { app, tenant, user }
    }

    async fn consents(&self, accounts: Vec<Account>, missing: &[&str]) -> Result<Found, Refusal> {
        let consent = Consent::of_demo(self.tenant.agency, self.tenant.business, self.user, Kind::Whatsapp);
        channels::found(&self.app.db, &self.app.vault, &consent, accounts, tokens(missing)).await
    }

    async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.app.db, scope(&self.tenant, self.user)).await.unwrap()
    }

    async fn connected(&self) -> Vec<Integration> {
        store::integrations::of_channels(&mut self.tx().await).await.unwrap()
    }
}

#[tokio::test]
async fn a_consent_with_fewer_permissions_leaves_a_working_token_alone() {
    let world = World::new().await;
    let account = || vec![number("1065", "Reception")];
    assert!(matches!(world.consents(account(), &[]).await, Ok(Found::Connecting { .. })));
    let version = |found: &[Integration]| found.first().and_then(|one| one.credential.as_ref()).map(|one| one.version);
    let before = world.connected().await;
    let Err(Refusal::State(why)) = world.consents(account(), &[MESSAGING]).await else { panic!("it was replaced") };
    assert!(why.contains(MESSAGING) && why.contains("nothing was changed"), "{why}");
    let after = world.connected().await;
    assert_eq!(after, before);
    // What no longer works loses nothing.
    let id = after.first().unwrap().id;
    let mut tx = world.tx().await;
    store::integrations::needs_reauth(&mut tx, id, "gone").await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.consents(account(), &[MESSAGING]).await.is_ok());
    let found = world.connected().await;
    assert!(version(&found) > version(&before) && found.first().unwrap().scopes_missing == [MESSAGING]);
}

#[tokio::test]
async fn names_and_ids_of_meta_are_stored_as_people_can_read_them() {
    let world = World::new().await;
    let found = world.consents(vec![number("1065", "Re\0cep\u{202e}tion\u{7}"), number("10\u{0}65", "x")], &[]).await;
    let Ok(Found::Connecting { name, .. }) = found else { panic!("the id that is none is left out") };
    assert_eq!(name, "Reception");
    assert_eq!(world.connected().await.first().unwrap().platform_name.as_deref(), Some("Reception"));
    let found = world.consents(vec![number("1066", "\0"), number("1067", "\0Desk")], &[]).await;
    assert!(matches!(found, Ok(Found::Choose(_))), "a choice is stored as well");
}

#[tokio::test]
async fn a_person_who_connected_another_account_hears_which_one_is_left() {
    let world = World::new().await;
    assert!(world.consents(vec![number("1065", "Reception")], &[]).await.is_ok());
    let id = world.connected().await.first().unwrap().id;
    let mut tx = world.tx().await;
    store::integrations::needs_reauth(&mut tx, id, "gone").await.unwrap();
    tx.commit().await.unwrap();
    let Ok(Found::Connecting { left, .. }) = world.consents(vec![number("1066", "Laboratory")], &[]).await else {
        panic!("it is connected")
    };
    assert_eq!(left.as_deref(), Some("Reception"));
    assert!(matches!(
        world.consents(vec![number("1065", "Reception")], &[]).await,
        Ok(Found::Connecting { left: None, .. })
    ));
}

#[tokio::test]
async fn a_second_delivery_tells_the_truth_and_leads_where_the_first_one_led() {
    let app = TestApp::with_meta().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    let begin = format!("/api/integrations/meta/connect?business={}&type=whatsapp", tenant.business);
    let begun = Url::parse(&app.get(&begin, Some(&cookie)).await.location).unwrap();
    let state = begun.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let home = format!("/b/{}/integrations", tenant.business);
    let backed_out = format!("/api/integrations/meta/callback?error=access_denied&state={state}");
    for turn in 0..2 {
        let answer = app.get(&backed_out, Some(&cookie)).await;
        assert!(answer.location.ends_with(&home), "{turn}: {} {}", answer.status, answer.location);
        let page = app.get(&home, Some(&cookie)).await;
        assert!(page.body.contains("You canceled at Meta. Nothing was changed."), "{turn}");
    }
    let mut tx = TenantTx::begin(&app.db, scope(&tenant, user)).await.unwrap();
    assert!(store::integrations::of_channels(&mut tx).await.unwrap().is_empty(), "nothing was connected");
    drop(tx);
    // As if the first delivery had led to a choice.
    app.base.execute("update oauth_states set outcome = 'connected', told = ''").await;
    let choice = conversations::choice(&app, &tenant, user, "token").await;
    let again = app.get(&backed_out, Some(&cookie)).await;
    assert!(again.location.ends_with(&format!("{home}/choose/{choice}")), "{}", again.location);
    let form = format!("business={}&choice={choice}&account={}", tenant.business, conversations::account(&tenant));
    app.submit("choose_channel", &form, Some(&cookie)).await;
    let again = app.get(&backed_out, Some(&cookie)).await;
    assert!(again.location.ends_with(&home), "it was chosen: {}", again.location);
}
