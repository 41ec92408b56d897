//! WhatsApp is connected in a window of Embedded Signup: what the window hands over, what is made of what the browser tells,
//! and how little is believed of it.

use axum::http::StatusCode;
use domain::identity::Role;
use domain::integration::Integration;
use simulator::Handle;
use simulator::meta_demo::{LUNA_YOGA_NUMBER, NUMBER, SECOND_NUMBER, WHATSAPP_CONFIG};
use store::TenantTx;
use url::Url;

use crate::conversations::scope;
use crate::helpers::{Answer, Tenant, TestApp, master};

const OPENER: &str = "cross-origin-opener-policy";

/// A business beside Meta's simulator, and its owner.
pub struct World {
    sim: Handle,
    /// The server.
    pub app: TestApp,
    /// The business.
    pub tenant: Tenant,
    /// Its owner.
    pub user: domain::UserId,
    /// The session of the owner.
    pub cookie: String,
}

impl World {
    /// With this configuration for WhatsApp, if there is one.
    pub async fn new(config: Option<&str>) -> Self {
        let (sim, meta, master) = (Handle::start().await.unwrap(), simulator::meta_defaults(), master());
        let (graph, dialog) =
            (format!("{}{}", sim.base_url(), meta.graph_path), format!("{}{}", sim.base_url(), meta.dialog_path));
        let mut settings: Vec<(&str, &str)> = vec![
            ("ENCRYPTION_KEY", master.as_str()),
            ("META_APP_ID", meta.app_id),
            ("META_APP_SECRET", meta.app_secret),
            ("META_WEBHOOK_VERIFY_TOKEN", meta.verify_token),
            ("META_GRAPH_VERSION", meta.version),
            ("META_GRAPH_URL", graph.as_str()),
            ("META_DIALOG_URL", dialog.as_str()),
        ];
        settings.extend(config.map(|id| ("META_CONFIG_ID", id)));
        let app = TestApp::with(&settings).await;
        let tenant = app.tenant().await;
        let user = app.person(Role::BusinessOwner, &tenant).await;
        let cookie = app.sign_in(user).await;
        Self { sim, app, tenant, user, cookie }
    }

    fn home(&self) -> String {
        format!("/b/{}/integrations", self.tenant.business)
    }

    /// Begins a consent in a window.
    async fn begin(&self) -> Answer {
        self.begin_for(&self.tenant, &self.cookie).await
    }

    /// Begins a consent in a window for this business, in this session.
    pub async fn begin_for(&self, tenant: &Tenant, cookie: &str) -> Answer {
        let begin = format!("/api/integrations/meta/connect?business={}&type=whatsapp&window=true", tenant.business);
        self.app.get(&begin, Some(cookie)).await
    }

    /// Begins the signup of this number and ends it like this. Returns the address below our own to which the window comes
    /// back.
    pub async fn sign_up(&self, number: &str, ending: &str) -> String {
        self.signed_up(&self.begin().await.location, number, ending).await
    }

    /// The same for a signup that was begun and has this address.
    pub async fn signed_up(&self, dialog: &str, number: &str, ending: &str) -> String {
        let dialog = Url::parse(dialog).unwrap();
        let mut form = url::form_urlencoded::Serializer::new(dialog.query().unwrap().to_owned());
        let form = form.append_pair("number", number).append_pair("ending", ending).finish();
        let address = format!("{}{}/signup", self.sim.base_url(), dialog.path());
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let reply = simulator::request("POST", &address, &headers, form.as_bytes()).await.unwrap();
        let html = String::from_utf8(reply.body).unwrap();
        let back = html.split_once("data-back=\"").unwrap().1.split('"').next().unwrap().replace("&amp;", "&");
        let back = Url::parse(&back).unwrap();
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    /// The channels of the business.
    pub async fn connected(&self) -> Vec<Integration> {
        let mut tx = TenantTx::begin(&self.app.db, scope(&self.tenant, self.user)).await.unwrap();
        store::integrations::of_channels(&mut tx).await.unwrap()
    }
}

/// What the answer says of windows that opened its page, and that its page opens.
pub fn opener(answer: &Answer) -> &str {
    answer.headers[OPENER].to_str().unwrap()
}

#[tokio::test]
async fn the_window_hands_its_code_over_and_the_number_that_was_set_up_is_connected_once() {
    let world = World::new(Some(WHATSAPP_CONFIG)).await;
    let page = world.app.browse(&world.home(), Some(&world.cookie)).await;
    assert_eq!(opener(&page), "same-origin-allow-popups");
    assert!(page.body.contains(&format!("data-origins=\"{}\"", world.sim.base_url())), "{}", page.body);
    assert!(page.body.contains("WA_EMBEDDED_SIGNUP"));
    let begun = world.begin().await;
    assert_eq!(opener(&begun), "unsafe-none");
    assert!(begun.location.contains("display=popup") && begun.location.contains("extras="), "{}", begun.location);

    let back = world.sign_up(LUNA_YOGA_NUMBER, "finish").await;
    let before = world.app.written().await;
    for cookie in [Some(world.cookie.as_str()), None] {
        let landed = world.app.browse(&back, cookie).await;
        assert_eq!((landed.status, opener(&landed)), (StatusCode::OK, "unsafe-none"), "{}", landed.body);
        assert!(landed.body.contains("opener.postMessage") && !landed.body.contains("AQ"), "{}", landed.body);
        let policy = landed.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"), "{policy}");
    }
    assert_eq!(world.app.written().await, before, "the page of the window changes nothing");

    let taken = format!("{back}&waba_id=1&phone_number_id={LUNA_YOGA_NUMBER}&window=done");
    for turn in 0..2 {
        let answer = world.app.browse(&taken, Some(&world.cookie)).await;
        assert!(answer.location.ends_with(&world.home()), "{turn}: {} {}", answer.status, answer.location);
        let page = world.app.browse(&world.home(), Some(&world.cookie)).await;
        assert!(page.body.contains("is being connected"), "{turn}: {}", page.body);
        let connected = world.connected().await;
        assert_eq!(connected.iter().map(|one| one.platform_id.as_str()).collect::<Vec<_>>(), [LUNA_YOGA_NUMBER]);
    }
}

#[tokio::test]
async fn what_the_browser_tells_chooses_only_among_what_meta_grants() {
    let world = World::new(Some(WHATSAPP_CONFIG)).await;
    for told in ["", "&waba_id=9&phone_number_id=9", "&waba_id=%00&phone_number_id='"] {
        let back = world.sign_up(NUMBER, "code_alone").await;
        let answer = world.app.browse(&format!("{back}{told}&window=done"), Some(&world.cookie)).await;
        assert!(answer.location.contains("/choose/"), "{told}: {} {}", answer.status, answer.location);
        assert!(world.connected().await.is_empty(), "{told}");
    }
    let back = world.sign_up(NUMBER, "finish").await;
    let taken = format!("{back}&phone_number_id={SECOND_NUMBER}&window=done");
    let stranger = world.app.sign_in(world.app.person(Role::BusinessOwner, &world.tenant).await).await;
    world.app.browse(&taken, Some(&stranger)).await;
    assert!(world.connected().await.is_empty(), "another person's browser");
    let answer = world.app.browse(&taken, Some(&world.cookie)).await;
    assert!(answer.location.ends_with(&world.home()), "{} {}", answer.status, answer.location);
    assert_eq!(
        world.connected().await.first().unwrap().platform_id,
        SECOND_NUMBER,
        "of two numbers the one that was set up"
    );
}

#[tokio::test]
async fn a_refusal_in_the_window_connects_nothing() {
    let world = World::new(Some(WHATSAPP_CONFIG)).await;
    let back = world.sign_up(NUMBER, "deny").await;
    assert_eq!(world.app.browse(&back, Some(&world.cookie)).await.status, StatusCode::OK);
    let answer = world.app.browse(&format!("{back}&window=done"), Some(&world.cookie)).await;
    assert!(answer.location.ends_with(&world.home()), "{}", answer.location);
    let page = world.app.browse(&world.home(), Some(&world.cookie)).await;
    assert!(page.body.contains("You canceled at Meta. Nothing was changed."), "{}", page.body);
    assert!(world.connected().await.is_empty());
}

#[tokio::test]
async fn without_a_configuration_there_is_no_window() {
    let world = World::new(None).await;
    let page = world.app.browse(&world.home(), Some(&world.cookie)).await;
    assert_eq!(opener(&page), "same-origin");
    assert!(!page.body.contains("WA_EMBEDDED_SIGNUP") && page.body.contains("type=whatsapp"), "{}", page.body);
    let begun = world.begin().await.location;
    assert!(begun.contains("scope=") && !begun.contains("extras="), "{begun}");
}
