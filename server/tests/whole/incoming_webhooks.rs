//! Is what a platform sent found by whoever may see it, without a word of it, and is what was not done processed by a replay?

use axum::http::StatusCode;
use domain::AgencyId;
use domain::identity::Role;
use domain::work::Queue;
use uuid::Uuid;

use crate::helpers::{Tenant, TestApp};
use crate::meta_webhook::{SECRET, app, post, signature, table};

/// The item and the body that are planted.
const ID: &str = "00000000-0000-4000-8000-0000000000e1";

/// A body that was put aside.
const BODY: &str = "insert into inbound_events (id, provider, body, body_sha256, state, error)
    values ('00000000-0000-4000-8000-0000000000e1', 'meta', $2, sha256($2), 'quarantined', case when $1::uuid is not null then 'It could not be read.' end)
    on conflict (id) do update set state = 'quarantined'";

/// An item of a business that failed.
const ITEM: &str = "insert into inbound_items (id, event_id, position, provider, kind, account, key, outcome, agency_id, sub_account_id, payload, attempts)
    select '00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000e1', 0, 'meta', 'message', 'A1', 'k1', 'quarantined', b.agency_id, b.id,
           jsonb_build_object('text', convert_from($2, 'UTF8')), 5 from sub_accounts b where b.id = $1
    on conflict (id) do update set outcome = excluded.outcome, agency_id = excluded.agency_id, sub_account_id = excluded.sub_account_id";

/// A WhatsApp number of a business.
const CONNECT: &str = "insert into integrations (agency_id, sub_account_id, type, platform_id, waba_id, connected_at)
    select agency_id, id, 'WHATSAPP', '106540000000009', convert_from($2, 'UTF8'), now() from sub_accounts where id = $1";

/// What a customer wrote to that number.
const MESSAGE: &[u8] = br#"{"object":"whatsapp_business_account","entry":[{"id":"102290000000009","changes":[{"field":"messages","value":{
    "messaging_product":"whatsapp","metadata":{"display_phone_number":"15550100009","phone_number_id":"106540000000009"},
    "contacts":[{"profile":{"name":"Ada Example"},"wa_id":"16505550109"}],
    "messages":[{"from":"16505550109","id":"wamid.replayed","timestamp":"1790000001","type":"text","text":{"body":"Words of a customer"}}]}}]}]}"#;

/// A successful form of a replay, and whether the platform sends it. `None` for other server functions.
pub async fn form(app: &TestApp, tenant: &Tenant, operation: &str) -> Option<(String, bool)> {
    let of_platform = match operation {
        "replay_platform_event" | "replay_platform_body" => true,
        "replay_incoming_event" => false,
        _ => return None,
    };
    plant(app, tenant).await;
    let id = format!("id={ID}");
    Some(if of_platform { (id, true) } else { (format!("agency={}&{id}", tenant.agency), false) })
}

async fn plant(app: &TestApp, tenant: &Tenant) {
    app.base.insert(BODY, tenant.business.0, b"no json").await;
    app.base.insert(ITEM, tenant.business.0, b"Words of a customer").await;
}

/// What became of the items, in their order.
async fn outcomes(app: &TestApp) -> Vec<String> {
    let rows = table(app, "inbound_items").await;
    let known = ["waiting", "processed", "duplicate", "unroutable", "ignored", "quarantined"];
    let word =
        |row: String| known.into_iter().find(|word| row.contains(&format!(",{word},"))).unwrap_or("?").to_owned();
    rows.into_iter().map(word).collect()
}

#[tokio::test]
async fn what_no_account_was_meant_for_is_processed_once_after_it_is_connected() {
    let app = app().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    assert_eq!(post(&app, MESSAGE.to_vec(), &signature(SECRET, MESSAGE)).await.status, StatusCode::OK);
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(outcomes(&app).await, ["unroutable"]);
    let list = app.browse("/admin/incoming?view=unroutable", Some(&admin)).await.body;
    let linked = list.split("event=").find_map(|rest| rest.get(..36)?.parse::<Uuid>().ok());
    let id = linked.unwrap();
    let one = async || app.browse(&format!("/admin/incoming?event={id}"), Some(&admin)).await.body;
    let replay = async || app.submit("replay_platform_event", &format!("id={id}"), Some(&admin)).await.status;
    assert!(one().await.contains("No connected account has this ID"));
    assert_eq!(replay().await, StatusCode::OK);
    assert_eq!(replay().await, StatusCode::CONFLICT, "it waits");
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(outcomes(&app).await, ["unroutable"], "nothing changed that would give it to somebody");

    app.base.insert(CONNECT, tenant.business.0, b"102290000000009").await;
    assert!(one().await.contains("A replay would process it for"));
    assert_eq!(replay().await, StatusCode::OK);
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(outcomes(&app).await, ["processed"]);
    let messages = table(&app, "messages").await;
    let made = messages.iter().filter(|row| row.contains("Words of a customer")).count();
    assert_eq!(made, 1, "{messages:?}");
    assert_eq!(replay().await, StatusCode::CONFLICT, "what was done is not done again");
    assert!(!one().await.contains("Words of a customer"), "the platform reads no words");
    assert!(table(&app, "inbound_events").await.iter().all(|row| row.contains(",done,")));
}

#[tokio::test]
async fn an_agency_sees_and_replays_what_failed_for_its_clients_alone() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    plant(&app, &tenant).await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let stranger = app.sign_in(app.person(Role::AgencyOwner, &other).await).await;
    let page = |agency: AgencyId| format!("/a/{agency}/connections/incoming?event={ID}");
    let shown = app.browse(&page(tenant.agency), Some(&owner)).await.body;
    assert!(shown.contains("/do/replay_incoming_event") && shown.contains("Failed"), "{shown}");
    assert!(!shown.contains("Words of a customer") && shown.contains("text of 19 characters"), "{shown}");
    assert_eq!(app.browse(&page(other.agency), Some(&stranger)).await.status, StatusCode::NOT_FOUND);
    let replay = async |agency: AgencyId, cookie: &str| {
        app.submit("replay_incoming_event", &format!("agency={agency}&id={ID}"), Some(cookie)).await.status
    };
    assert_eq!(replay(other.agency, &stranger).await, StatusCode::NOT_FOUND);
    assert_eq!(outcomes(&app).await, ["quarantined"]);
    assert_eq!(replay(tenant.agency, &owner).await, StatusCode::OK);
    assert_eq!(outcomes(&app).await, ["waiting"]);
    assert_eq!(replay(tenant.agency, &owner).await, StatusCode::NOT_FOUND, "while it waits it belongs to nobody");
}

#[tokio::test]
async fn a_body_that_was_put_aside_is_read_again() {
    let app = app().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let support = app.sign_in(app.person(Role::Support, &tenant).await).await;
    app.base.insert(BODY, tenant.business.0, br#"{"object":"moon","entry":[{"id":"1"}]}"#).await;
    let page = app.browse("/admin/incoming", Some(&admin)).await.body;
    assert!(page.contains("Could not be read") && page.contains("/do/replay_platform_body"), "{page}");
    let reads = app.browse("/admin/incoming", Some(&support)).await.body;
    assert!(reads.contains("Could not be read") && !reads.contains("/do/replay_"), "support changes nothing");
    let replay = async || app.submit("replay_platform_body", &format!("id={ID}"), Some(&admin)).await.status;
    assert_eq!(replay().await, StatusCode::OK);
    assert_eq!(replay().await, StatusCode::NOT_FOUND, "it is not put aside any more");
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(outcomes(&app).await, ["ignored"]);
    assert!(table(&app, "inbound_events").await[0].contains(",done,"));
}
