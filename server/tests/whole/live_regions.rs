//! What an open page receives and asks for: events of its topics and its tenant alone, and the regions that it names.

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use domain::identity::{Reach, Role};
use futures::StreamExt;
use scraper::{Html, Selector};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

use crate::conversations::fill;
use crate::helpers::{Answer, Tenant, TestApp};

async fn follow(app: &TestApp, address: &str, cookie: &str) -> BodyDataStream {
    let request = Request::get(address).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let answer = app.open(request).await;
    assert_eq!(answer.status(), StatusCode::OK, "{address}");
    let mut stream = answer.into_body().into_data_stream();
    assert!(piece(&mut stream).await.contains("hello"));
    stream
}

async fn piece(stream: &mut BodyDataStream) -> String {
    let bytes = stream.next().await.expect("the stream goes on").unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Everything that the stream sends until this event. Its topic is the last in the alphabet, because events of one moment
/// arrive in that order.
async fn until_event(stream: &mut BodyDataStream, last: &str) -> String {
    let mut all = String::new();
    while !all.contains(last) {
        all.push_str(&piece(stream).await);
    }
    all
}

async fn happens(app: &TestApp, tenant: &Tenant, in_business: bool, topic: &str, subject: Uuid) {
    let (agency, business) = (tenant.agency, tenant.business);
    let scope = match in_business {
        true => Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() },
        false => Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() },
    };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::outbox::add(&mut tx, topic, Some(subject), &serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_stream_sends_the_topics_that_it_was_asked_for_and_its_tenant_alone() {
    let app = TestApp::new().await;
    let (mine, other) = (app.tenant().await, app.tenant().await);
    let owner = app.sign_in(app.person(Role::AgencyOwner, &mine).await).await;
    let client = app.sign_in(app.person(Role::BusinessOwner, &mine).await).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &mine).await).await;
    let (shown, hidden, foreign, inner, last) =
        (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let agency = format!("/a/{}/live", mine.agency);
    let mut all = follow(&app, &agency, &owner).await;
    let mut one = follow(&app, &format!("{agency}?topics=testing:{shown}%20zz:*"), &owner).await;
    let mut none = follow(&app, &format!("{agency}?topics=zz:*"), &owner).await;
    let mut business = follow(&app, &format!("/b/{}/live", mine.business), &client).await;
    let mut platform = follow(&app, "/admin/live", &admin).await;

    happens(&app, &mine, false, "testing", shown).await;
    happens(&app, &mine, false, "testing", hidden).await;
    happens(&app, &other, false, "testing", foreign).await;
    happens(&app, &mine, true, "testing", inner).await;
    happens(&app, &mine, true, "zz", last).await;

    let last = format!("zz:{last}");
    let (all, one, none) =
        (until_event(&mut all, &last).await, until_event(&mut one, &last).await, until_event(&mut none, &last).await);
    let (business, platform) = (until_event(&mut business, &last).await, until_event(&mut platform, &last).await);
    for (who, heard, expected) in [
        ("everything", &all, [true, true, false, true]),
        ("one subject", &one, [true, false, false, false]),
        ("another topic", &none, [false; 4]),
        ("the business", &business, [false, false, false, true]),
        ("the platform", &platform, [true; 4]),
    ] {
        let holds = [shown, hidden, foreign, inner].map(|id| heard.contains(&format!("testing:{id}")));
        assert_eq!(holds, expected, "{who}: {heard}");
    }
}

/// Asks for regions of a page as a page does that is open.
pub async fn refresh(app: &TestApp, address: &str, regions: &str, cookie: &str) -> Answer {
    let request = Request::get(address)
        .header(header::COOKIE, cookie)
        .header("sec-fetch-dest", "empty")
        .header(kit::region::HEADER, regions);
    app.send(request.body(Body::empty()).unwrap()).await
}

/// The names of the regions in a page that follow topics.
fn regions(page: &str) -> Vec<&str> {
    let tags = page.split('<').filter_map(|tag| tag.split('>').next()).filter(|tag| tag.contains("data-topics="));
    let name = |tag: &'_ str| -> Option<usize> { tag.find("data-live=\"").map(|at| at + "data-live=\"".len()) };
    let mut found: Vec<&str> = tags.filter_map(|tag| tag[name(tag)?..].split('"').next()).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_refresh_renders_the_regions_that_it_names_and_no_frame() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let root = format!("/a/{}", tenant.agency);
    for address in [
        root.clone(),
        format!("{root}/clients"),
        format!("{root}/clients/{}", tenant.business),
        format!("{root}/provisioning"),
        format!("{root}/provisioning/{}", tenant.job),
        format!("{root}/connections"),
        format!("{root}/audit"),
    ] {
        let whole = app.get(&address, Some(&cookie)).await.body;
        let names = regions(&whole);
        assert!(!names.is_empty() && whole.contains("class=\"side\""), "{address}");
        let mut distinct = names.clone();
        distinct.dedup();
        assert_eq!(names, distinct, "{address}: each region has its own name");
        for name in names {
            let part = refresh(&app, &address, name, &cookie).await;
            assert_eq!(part.status, StatusCode::OK);
            assert_eq!(regions(&part.body), [name], "{address}");
            assert!(!part.body.contains("class=\"side\""), "{address}: no frame");
        }
        let nothing = refresh(&app, &address, "unheard-of", &cookie).await;
        assert_eq!(regions(&nothing.body), Vec::<&str>::new(), "{address}");
    }
}

/// The text of a region, without times that go on.
fn text(page: &str, name: &str) -> String {
    let region = Selector::parse(&format!("[data-live=\"{name}\"]")).unwrap();
    let page = Html::parse_document(page);
    let region = page.select(&region).next().unwrap();
    let goes_on = |element: &scraper::node::Element| element.name() == "time";
    let stays =
        region.descendants().filter(|node| !node.ancestors().any(|up| up.value().as_element().is_some_and(goes_on)));
    let texts = stays.filter_map(|node| node.value().as_text().map(|text| text.trim().to_owned()));
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("|")
}

#[tokio::test]
async fn a_part_of_the_inbox_shows_alone_what_it_shows_in_its_page() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(owner).await;
    let inbox = fill(&app, &mut tenant, owner).await;
    inbox.goes_on(&app).await;
    let list = format!("/b/{}/inbox", tenant.business);
    let one = format!("{list}/{}", tenant.conversation);
    // Whoever looks at it has read it from then on.
    refresh(&app, &one, "thread", &cookie).await;
    let (quotes, template) = (format!("{one}?reply={}", inbox.message), template(&app, &one, &cookie).await);
    for (window, addresses) in [
        (
            "update conversations set window_closes_at = now() + interval '20 hours 30 minutes 50 seconds'",
            [&list, &one, &quotes],
        ),
        ("update conversations set window_closes_at = now() - interval '1 hour'", [&list, &one, &template]),
    ] {
        for address in addresses {
            app.base.execute(window).await;
            let whole = app.get(address, Some(&cookie)).await.body;
            let names = regions(&whole);
            assert!(names.contains(&"list") && names.contains(&"views"), "{names:?}");
            for name in names {
                let part = refresh(&app, address, name, &cookie).await.body;
                assert_eq!(text(&part, name), text(&whole, name), "{address}: {name}");
            }
        }
    }
}

/// The address of a conversation with a template chosen, once nothing else can be sent.
async fn template(app: &TestApp, conversation: &str, cookie: &str) -> String {
    app.base.execute("update conversations set window_closes_at = now() - interval '1 hour'").await;
    let page = app.get(conversation, Some(cookie)).await.body;
    let id = page.split_once("template=").and_then(|(_, rest)| rest.get(..36)).expect("a template to choose");
    format!("{conversation}?template={id}")
}

#[tokio::test]
async fn a_navigation_renders_everything_whatever_its_header_says() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let request = Request::get(format!("/a/{}/provisioning", tenant.agency))
        .header(header::COOKIE, &cookie)
        .header("sec-fetch-dest", "document")
        .header(kit::region::HEADER, "aloud");
    let page = app.send(request.body(Body::empty()).unwrap()).await.body;
    assert!(page.contains("class=\"side\"") && regions(&page).len() > 1, "{page}");
}
