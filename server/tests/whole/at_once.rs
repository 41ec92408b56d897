//! Do people who change the same thing at once keep what both of them changed?

use std::future::Future;

use domain::UserId;
use domain::brand::BrandChoice;
use domain::business::Details;
use domain::identity::{AgencyRole, Reach, Role};
use operations::brand::{LogoChange, NewBrand};
use operations::inbox::ContactForm;
use operations::own_business::OwnDetails;
use operations::{Actor, Refusal, brand, inbox, own_business, people};
use store::messaging::contacts::{self, ContactChange};
use store::tenant::TenantTx;
use store::{agencies, businesses, memberships};

use crate::conversations::Inbox;
use crate::helpers::{Tenant, TestApp};
use crate::tenant_credentials::in_business;
use crate::tool_agents::{self, of_agency};

/// What becomes of an operation that begins before this transaction ends.
pub async fn after<F>(app: &TestApp, first: TenantTx, late: F) -> Result<(), Refusal>
where
    F: Future<Output = Result<(), Refusal>> + Send + 'static,
{
    let late = tokio::spawn(late);
    while !late.is_finished() && !app.base.waits_for_a_lock().await {}
    first.commit().await.unwrap();
    late.await.unwrap()
}

/// A person who works in the tenant's agency.
async fn colleague(app: &TestApp, tenant: &Tenant, user: UserId) -> Actor {
    let caller = store::identity::caller(&app.db, user).await.unwrap().unwrap();
    let access = domain::access::agency(&caller, &tenant.agency.to_string()).unwrap();
    Actor::person(app.db.clone(), user, access)
}

#[tokio::test]
async fn what_the_agency_notes_while_its_client_corrects_an_address_stays() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let actor = tool_agents::actor(&app, &tenant, owner).await;
    let mut first = in_business(&app, &tenant).await;
    let known = businesses::get(&mut first, tenant.business).await.unwrap();
    let noted = Details { notes: Some("Pays late".to_owned()), ..known.details };
    businesses::set_details(&mut first, tenant.business, &known.name, &noted, &["notes"]).await.unwrap();
    let own = OwnDetails { city: "Miami".to_owned(), ..OwnDetails::default() };
    after(&app, first, async move { own_business::change_details(&actor, own).await }).await.unwrap();
    let kept = businesses::get(&mut in_business(&app, &tenant).await, tenant.business).await.unwrap().details;
    assert_eq!((kept.notes.as_deref(), kept.city.as_deref()), (Some("Pays late"), Some("Miami")));
}

#[tokio::test]
async fn a_logo_that_arrives_while_somebody_changes_the_rest_stays() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::AgencyOwner, &tenant).await;
    let actor = colleague(&app, &tenant, owner).await;
    let mut first = TenantTx::begin(&app.db, of_agency(&tenant)).await.unwrap();
    let with_logo = BrandChoice { logo: Some("0011223344556677".to_owned()), ..BrandChoice::default() };
    agencies::set_brand(&mut first, &with_logo).await.unwrap();
    let rest = NewBrand { accent: None, reply_to: Some("hello@harbor.test".to_owned()), logo: LogoChange::Keep };
    after(&app, first, async move { brand::change(&actor, rest).await }).await.unwrap();
    let mut tx = TenantTx::begin(&app.db, of_agency(&tenant)).await.unwrap();
    let kept = agencies::brand(&mut tx).await.unwrap().choice;
    assert_eq!(kept, BrandChoice { reply_to: Some("hello@harbor.test".to_owned()), ..with_logo });
}

#[tokio::test]
async fn a_field_of_a_contact_that_is_left_out_stays_as_somebody_corrects_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let desk = Inbox::new(&app, &tenant, owner).await;
    let (contact, actor) = (desk.contact().await, tool_agents::actor(&app, &tenant, owner).await);
    let mut first = desk.tx().await;
    let corrected = ContactChange {
        name: "Ana".to_owned(),
        email: None,
        phone: None,
        company: "Harbor".to_owned(),
        note: String::new(),
    };
    contacts::change(&mut first, contact, &corrected).await.unwrap();
    let late = async move {
        inbox::change_contact_by(&actor, contact, |known| ContactForm {
            name: known.name.clone(),
            company: known.company.clone(),
            note: "Calls on Mondays".to_owned(),
            ..ContactForm::default()
        })
        .await
    };
    after(&app, first, late).await.unwrap();
    let kept = contacts::get(&mut desk.tx().await, contact).await.unwrap();
    let kept = (kept.name.as_str(), kept.company.as_str(), kept.note.as_str());
    assert_eq!(kept, ("Ana", "Harbor", "Calls on Mondays"));
}

#[tokio::test]
async fn who_becomes_an_owner_meanwhile_is_no_more_removed_by_an_admin() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (admin, staff) = (app.person(Role::AgencyAdmin, &tenant).await, app.person(Role::AgencyStaff, &tenant).await);
    let actor = colleague(&app, &tenant, admin).await;
    let mut first = TenantTx::begin(&app.db, of_agency(&tenant)).await.unwrap();
    let owner = AgencyRole::BuiltIn(Role::AgencyOwner);
    memberships::set_role(&mut first, staff, &owner, Reach::All).await.unwrap();
    let removed = after(&app, first, async move { people::remove(&actor, staff).await }).await;
    assert!(matches!(removed, Err(Refusal::State(_))), "{removed:?}");
}
