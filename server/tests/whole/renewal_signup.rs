//! WhatsApp is reconnected with a renewal link in the window of Embedded Signup: what the window hands over, which number it
//! takes and how often, and what another number, another person or a late answer changes.

use axum::http::StatusCode;
use domain::identity::Role;
use domain::integration::Kind;
use simulator::meta_demo::{LUNA_YOGA_NUMBER, NUMBER, WABA, WHATSAPP_CONFIG};
use store::TenantTx;
use store::integrations::{self, NewConnection};

use crate::conversations::scope;
use crate::embedded_signup::{World, opener};
use crate::helpers::Answer;
use crate::renewal_links;

/// Where the holder of a link is told what became of it.
const HOME: &str = "/renew/done";

/// A business whose number was connected in a window and needs a new consent.
async fn expired() -> World {
    let world = World::new(Some(WHATSAPP_CONFIG)).await;
    let back = world.sign_up(LUNA_YOGA_NUMBER, "finish").await;
    world.app.browse(&format!("{back}&window=done"), Some(&world.cookie)).await;
    let mut tx = TenantTx::begin(&world.app.db, scope(&world.tenant, world.user)).await.unwrap();
    let id = world.connected().await.first().unwrap().id;
    integrations::needs_reauth(&mut tx, id, "token expired").await.unwrap();
    tx.commit().await.unwrap();
    assert!(!works(&world).await);
    world
}

/// A link for the only channel of the business.
async fn link(world: &World) -> String {
    let id = world.connected().await.first().unwrap().id;
    renewal_links::link(&world.app, &world.tenant, id, &world.cookie).await.0
}

/// Begins a consent with the link in a window, in this session.
async fn begin(world: &World, secret: &str, cookie: Option<&str>) -> Answer {
    world.app.get(&format!("/api/integrations/meta/renew?token={secret}&window=true"), cookie).await
}

/// Begins the signup of this number with the link, in a browser that was never here, and ends it like this. Returns the
/// address to which the window comes back, and the session of the browser.
async fn sign_up(world: &World, secret: &str, number: &str, ending: &str) -> (String, String) {
    let begun = begin(world, secret, None).await;
    let cookie = begun.cookie().expect("an anonymous session");
    (world.signed_up(&begun.location, number, ending).await, cookie)
}

/// Brings this answer back. Returns the page on which the holder is told what became of it.
async fn told(world: &World, taken: &str, cookie: &str) -> String {
    let answer = world.app.browse(taken, Some(cookie)).await;
    assert!(answer.location.ends_with(HOME), "{} {}", answer.status, answer.location);
    world.app.browse(HOME, Some(cookie)).await.body
}

async fn works(world: &World) -> bool {
    world.connected().await.first().unwrap().needs_reauth_at.is_none()
}

/// The channels and tokens of all businesses.
async fn stored(world: &World) -> [String; 2] {
    let written = world.app.written().await;
    ["integrations", "credentials"].map(|table| written[table].clone())
}

#[tokio::test]
async fn the_window_hands_its_code_to_the_page_of_the_link_which_reconnects_its_number_once() {
    let world = expired().await;
    let secret = link(&world).await;
    let page = world.app.browse(&format!("/renew/{secret}"), None).await;
    assert_eq!((page.status, opener(&page)), (StatusCode::OK, "same-origin-allow-popups"), "{}", page.body);
    assert!(page.body.contains("WA_EMBEDDED_SIGNUP") && page.body.contains("data-origins=\"http"), "{}", page.body);
    assert!(page.body.contains(&format!("href=\"/api/integrations/meta/renew?token={secret}\"")), "without scripts");
    let begun = begin(&world, &secret, None).await;
    assert_eq!(opener(&begun), "unsafe-none");
    assert!(begun.location.contains("display=popup") && begun.location.contains("extras="), "{}", begun.location);

    let holder = begun.cookie().expect("an anonymous session");
    let back = world.signed_up(&begun.location, LUNA_YOGA_NUMBER, "finish").await;
    let before = world.app.written().await;
    let landed = world.app.browse(&back, Some(&holder)).await;
    assert!(landed.status == StatusCode::OK && landed.body.contains("opener.postMessage"), "{}", landed.body);
    let taken = format!("{back}&phone_number_id={LUNA_YOGA_NUMBER}&window=done");
    for stranger in [None, Some(world.cookie.as_str())] {
        let answer = world.app.browse(&taken, stranger).await;
        assert!(!answer.location.contains("/renew/"), "another browser: {}", answer.location);
    }
    assert_eq!(world.app.written().await, before, "neither the window nor another browser changes anything");

    for turn in 0..2 {
        let page = told(&world, &taken, &holder).await;
        assert!(page.contains("Luna Yoga is being reconnected."), "{turn}: {page}");
        assert_eq!(page.contains("answered already"), turn == 1, "{page}");
        assert!(works(&world).await, "{turn}");
    }
    let connected = world.connected().await;
    assert_eq!(connected.iter().map(|one| one.platform_id.as_str()).collect::<Vec<_>>(), [LUNA_YOGA_NUMBER]);
    assert_eq!(begin(&world, &secret, None).await.status, StatusCode::CONFLICT, "it works once");
}

#[tokio::test]
async fn another_number_stops_and_other_businesses_keep_what_they_have() {
    let world = expired().await;
    let other = world.app.tenant().await;
    let owner = world.app.sign_in(world.app.person(Role::BusinessOwner, &other).await).await;
    let begun = world.begin_for(&other, &owner).await;
    let back = world.signed_up(&begun.location, NUMBER, "finish").await;
    world.app.browse(&format!("{back}&phone_number_id={NUMBER}&window=done"), Some(&owner)).await;
    let secret = link(&world).await;
    let before = stored(&world).await;
    assert!(before[0].contains(NUMBER), "another business has this number");

    // The token is granted for all numbers of the portfolio, the link's among them.
    for set_up in [format!("&phone_number_id={NUMBER}"), format!("&waba_id={WABA}")] {
        let (back, holder) = sign_up(&world, &secret, NUMBER, "finish").await;
        let taken = format!("{back}{set_up}&window=done");
        world.app.browse(&taken, Some(&owner)).await;
        for turn in 0..2 {
            let page = told(&world, &taken, &holder).await;
            assert!(page.contains("You consented for another account than Luna Yoga"), "{set_up} {turn}: {page}");
        }
        assert_eq!(stored(&world).await, before, "{set_up}");
    }

    // The owner of another business may hold the link as well: it reconnects the channel of its own business.
    let begun = begin(&world, &secret, Some(&owner)).await;
    let back = world.signed_up(&begun.location, LUNA_YOGA_NUMBER, "finish").await;
    let page = told(&world, &format!("{back}&waba_id=9&phone_number_id=9&window=done"), &owner).await;
    assert!(page.contains("Luna Yoga is being reconnected."), "what Meta does not grant chooses nothing: {page}");
    assert!(works(&world).await);
    let number = stored(&world).await[0].matches(LUNA_YOGA_NUMBER).count();
    assert_eq!(number, before[0].matches(LUNA_YOGA_NUMBER).count(), "it is nowhere else");
}

#[tokio::test]
async fn a_link_that_ends_while_its_window_is_open_reconnects_nothing() {
    let world = expired().await;
    let secret = link(&world).await;
    let (back, holder) = sign_up(&world, &secret, LUNA_YOGA_NUMBER, "finish").await;
    let before = stored(&world).await;
    world.app.base.execute("update one_time_tokens set expires_at = now() where purpose = 'renewal'").await;
    for turn in 0..2 {
        let page = told(&world, &format!("{back}&window=done"), &holder).await;
        assert!(page.contains("no longer works"), "{turn}: {page}");
    }
    assert_eq!(stored(&world).await, before);
    assert_eq!(begin(&world, &secret, Some(&holder)).await.status, StatusCode::CONFLICT);
    let page = world.app.browse(&format!("/renew/{secret}"), Some(&holder)).await;
    assert_eq!(opener(&page), "same-origin");
    assert!(!page.body.contains("WA_EMBEDDED_SIGNUP"), "{}", page.body);
}

#[tokio::test]
async fn a_refusal_leaves_the_link_and_its_last_window_counts() {
    let world = expired().await;
    let secret = link(&world).await;
    let before = stored(&world).await;
    let (back, holder) = sign_up(&world, &secret, LUNA_YOGA_NUMBER, "deny").await;
    for turn in 0..2 {
        let page = told(&world, &format!("{back}&window=done"), &holder).await;
        assert!(page.contains("You canceled at Meta. Nothing was changed."), "{turn}: {page}");
    }
    let (first, earlier) = sign_up(&world, &secret, LUNA_YOGA_NUMBER, "finish").await;
    let (last, holder) = sign_up(&world, &secret, LUNA_YOGA_NUMBER, "finish").await;
    world.app.browse(&format!("{first}&window=done"), Some(&earlier)).await;
    assert_eq!(stored(&world).await, before, "a later window took its place");
    let page = told(&world, &format!("{last}&window=done"), &holder).await;
    assert!(page.contains("Luna Yoga is being reconnected."), "{page}");
    assert!(works(&world).await);
}

#[tokio::test]
async fn there_is_no_window_without_a_configuration_and_for_other_channels() {
    for (config, kind) in [(None, Kind::Whatsapp), (Some(WHATSAPP_CONFIG), Kind::Facebook)] {
        let world = World::new(config).await;
        let mut tx = TenantTx::begin(&world.app.db, scope(&world.tenant, world.user)).await.unwrap();
        let new = NewConnection { kind, platform_id: "1065", name: Some("Front desk"), parent: None };
        let (id, _) = integrations::upsert(&mut tx, &new).await.unwrap();
        integrations::needs_reauth(&mut tx, id, "token expired").await.unwrap();
        tx.commit().await.unwrap();
        let secret = link(&world).await;
        let page = world.app.browse(&format!("/renew/{secret}"), None).await;
        assert_eq!((page.status, opener(&page)), (StatusCode::OK, "same-origin"), "{kind:?} {}", page.body);
        assert!(!page.body.contains("WA_EMBEDDED_SIGNUP") && page.body.contains("/meta/renew?token="), "{kind:?}");
        let begun = begin(&world, &secret, None).await.location;
        assert!(begun.contains("scope=") && !begun.contains("extras="), "{kind:?}: {begun}");
    }
}
