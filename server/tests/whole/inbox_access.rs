//! Who gets at what customers wrote? The people of the business, without its agency. Nobody through the address or a form
//! of another business, not even somebody who works for both; and nobody chooses from the consent of somebody else.

use axum::http::StatusCode;
use domain::feature::FEATURES;
use domain::identity::Role;
use store::TenantTx;

use crate::conversations::{self, ABOUT, fill};
use crate::helpers::{Tenant, TestApp};
use crate::live_regions::refresh;
use crate::writes::wrote;

/// The server functions about conversations, channels and the assistant.
fn operations() -> impl Iterator<Item = &'static str> {
    let about = FEATURES.iter().filter(|feature| ABOUT.contains(&feature.key));
    about.flat_map(|feature| feature.operations).map(|one| one.name)
}

/// Those of them that are about an object.
fn about_objects() -> impl Iterator<Item = &'static str> {
    let about = FEATURES.iter().filter(|feature| ABOUT.contains(&feature.key));
    let about = about.flat_map(|feature| feature.operations);
    about.filter(|one| one.sample.iter().any(|(_, value)| *value == "{id}")).map(|one| one.name)
}

/// The pages and files of a business with the objects of a tenant.
fn addresses(business: &str, objects: &Tenant) -> [String; 8] {
    [
        format!("/b/{business}/inbox/{}", objects.conversation),
        format!("/b/{business}/contacts/{}", objects.contact),
        format!("/b/{business}/contacts/{}/merge", objects.contact),
        format!("/b/{business}/media/{}", objects.attachment),
        format!("/b/{business}/assistant/knowledge/{}", objects.knowledge),
        format!("/b/{business}/assistant/answers/{}", objects.answer),
        format!("/b/{business}/assistant/rehearsals/{}", objects.rehearsal),
        format!("/b/{business}/integrations/choose/{}", objects.choice),
    ]
}

#[tokio::test]
async fn the_owner_of_a_business_does_everything_in_its_inbox() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    for operation in operations() {
        let form = conversations::form(&app, &tenant, user, operation).await.unwrap();
        let answer = app.submit(operation, &form, Some(&cookie)).await;
        let done = answer.status.is_success() || answer.status.is_redirection();
        assert!(done, "{operation} {form}: {} {}", answer.status, answer.body);
    }
}

#[tokio::test]
async fn an_object_of_another_business_does_not_exist_in_this_one() {
    let app = TestApp::new().await;
    let own = app.tenant().await;
    let user = app.person(Role::AgencyOwner, &own).await;
    let cookie = app.sign_in(user).await;
    let business = own.business.to_string();
    let sibling = Tenant { business: app.base.business(own.agency).await, ..own };
    for mut other in [sibling, app.tenant().await] {
        fill(&app, &mut other, user).await;
        for address in addresses(&business, &other) {
            let answer = app.get(&address, Some(&cookie)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}: {}", answer.body);
            assert!(!answer.body.contains(conversations::QUESTION), "{address}");
        }
        // What a page asks for when something changed is no way around it.
        let opened = format!("/b/{business}/inbox/{}", other.conversation);
        for regions in ["list,views", "head", "composer", "contact", "thread"] {
            let answer = refresh(&app, &opened, regions, &cookie).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{regions}: {}", answer.body);
        }
        for operation in about_objects() {
            let form = conversations::form(&app, &other, user, operation).await.unwrap();
            let mixed = form.replace(&format!("business={}", other.business), &format!("business={business}"));
            assert_ne!(mixed, form, "{operation}");
            let mut known = app.writes().await;
            let answer = app.submit(operation, &mixed, Some(&cookie)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation} {mixed}: {}", answer.body);
            let again = async || drop(app.submit(operation, &mixed, Some(&cookie)).await);
            let tables = wrote(async || app.writes().await, &mut known, again).await;
            assert!(tables.is_empty(), "{operation} was refused and yet wrote to {tables:?}");
        }
    }
}

#[tokio::test]
async fn a_choice_belongs_to_the_person_who_consented() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let colleague = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let cookie = app.sign_in(user).await;
    fill(&app, &mut tenant, user).await;
    let [.., page] = addresses(&tenant.business.to_string(), &tenant);
    let account = conversations::account(&tenant);
    let form = format!("business={}&choice={}&account={account}", tenant.business, tenant.choice);
    assert_eq!(app.get(&page, Some(&colleague)).await.status, StatusCode::NOT_FOUND);
    for operation in ["choose_channel", "withdraw_channel_choice"] {
        let answer = app.submit(operation, &form, Some(&colleague)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation}: {}", answer.body);
    }
    assert_eq!(app.get(&page, Some(&cookie)).await.status, StatusCode::OK, "it is still there");
    let unusable = form.replace(&account, "0");
    let answer = app.submit("choose_channel", &unusable, Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    let unlisted = form.replace(&account, "1");
    let answer = app.submit("choose_channel", &unlisted, Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    for turn in 0..2 {
        let answer = app.submit("choose_channel", &form, Some(&cookie)).await;
        let done = answer.status.is_success() || answer.status.is_redirection();
        assert!(done, "a second press {turn} leads to the same place: {} {}", answer.status, answer.body);
    }
    let mut tx = TenantTx::begin(&app.db, conversations::scope(&tenant, user)).await.unwrap();
    let connected = store::integrations::of_channels(&mut tx).await.unwrap();
    assert_eq!(connected.iter().filter(|one| one.platform_id == account).count(), 1, "it is chosen once");
    drop(tx);
    let answer = app.submit("withdraw_channel_choice", &form, Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "an account was chosen: {}", answer.body);
    assert_eq!(app.get(&page, Some(&cookie)).await.status, StatusCode::CONFLICT, "it is used up");
}
