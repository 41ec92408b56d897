//! Every kind of mail is sent from a world full of planted text and read as a mail program reads it: only the
//! headers and parts that we wrote, and nothing in them becomes markup or an address.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::work::Mail as Occasion;
use mail::Kind;
use mail_parser::{MessageParser, MimeHeaders, PartType};
use slipway::boot::mails::MailComposer;
use store::tenant::{Scope, TenantTx};
use worker::Mailer as _;

use crate::helpers::{TestApp, until};
use crate::markup::markup;
use crate::stored_markup::World;

/// The start of our links.
const ORIGIN: &str = "http://127.0.0.1:3000";

/// The headers that each mail has, and no others.
const HEADERS: [&str; 8] =
    ["Content-Type", "Date", "From", "MIME-Version", "Reply-To", "Subject", "To", "X-Slipway-Mail"];

/// A mail can only be sent to an address; the names of people, agencies and clients stay as they were planted.
const ADDRESSES: &str =
    "update users set email = id::text || '@example.test'; update sub_accounts set email = 'owner@example.test'";

/// Nobody owns a client yet or was invited to; the owner is invited when the client is ready.
const OWNERLESS: &str =
    "update user_sub_account_memberships set deleted_at = now() where kind = 'member' and deleted_at is null;
    update one_time_tokens set expires_at = now() where purpose = 'invite' and sub_account_id is not null";

/// The brands of agencies hold planted text where no form would let it in.
const BRANDED: &str = r##"update agencies set settings_json = settings_json
    || '{"brand": {"accent": "#fff3a0", "reply_to": "hi@example.test", "logo": "<b/data-x=\"1\">"}}'"##;

/// Both integrations need a person to reconnect.
const BROKEN: &str = "update integrations set needs_reauth_at = now()";

/// The mails that were sent, as they went out.
pub fn mails(app: &TestApp) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(&app.mails).into_iter().flatten();
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

/// Checks a mail. Returns the kind that it declares and the number of its text parts. Every mail says the same as text and
/// as HTML, under the product's address, and one of an agency carries its name.
fn judged(raw: &[u8]) -> (String, usize) {
    let shown = String::from_utf8_lossy(raw).into_owned();
    let mail = MessageParser::default().parse(raw).unwrap();
    for (name, _) in mail.headers_raw() {
        assert!(HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)), "{name}: {shown}");
    }
    assert_eq!(
        mail.headers_raw().count(),
        mail.headers_raw().map(|(name, _)| name.to_lowercase()).collect::<std::collections::BTreeSet<_>>().len(),
        "{shown}"
    );
    assert_eq!(mail.to().unwrap().clone().into_list().len(), 1, "one person: {shown}");
    assert!(mail.attachment_count() == 0 && mail.parts.iter().all(|part| part.attachment_name().is_none()), "{shown}");
    let mut read = 0;
    for part in &mail.parts {
        match &part.body {
            PartType::Text(text) => {
                assert_no_foreign_links(text, &shown);
                read += 1;
            }
            PartType::Html(html) => {
                assert!(markup(html).is_empty(), "{:#?}", markup(html));
                assert_no_foreign_links(html, &shown);
                read += 1;
            }
            PartType::Multipart(_) => {}
            other => panic!("a part that is no text: {other:?} {shown}"),
        }
    }
    let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    let links = text.split_whitespace().filter(|word| word.starts_with(ORIGIN));
    assert!(links.into_iter().all(|link| html.contains(link)), "the HTML leads where the text leads: {shown}");
    assert!(html.matches("display:inline-block").count() <= 1, "one button: {shown}");
    let from = mail.from().and_then(|from| from.first()).unwrap();
    assert_no_foreign_links(from.name().unwrap(), &shown);
    let kind = mail.header_raw(mail::KIND_HEADER).unwrap().trim();
    let of_product = [Kind::Reset, Kind::Platform, Kind::Test].iter().any(|product| product.key() == kind);
    assert_eq!(from.name().unwrap().ends_with(" via Slipway"), !of_product, "{shown}");
    assert!(mail.reply_to().is_none() || !of_product, "{shown}");
    assert_no_foreign_links(mail.subject().unwrap(), &shown);
    assert!(!mail.subject().unwrap().contains(['\n', '\r']), "{shown}");
    (mail.header_raw(mail::KIND_HEADER).unwrap().trim().to_owned(), read)
}

/// Asserts that a mail program would make no link of anything but our own links, and that no text is hidden.
fn assert_no_foreign_links(text: &str, shown: &str) {
    let others = text.replace(ORIGIN, "").replace("@example.test", "");
    assert!(!others.contains("://") && !others.contains("@x.test") && !others.contains(".test"), "{text}\n{shown}");
    let hides = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    assert!(!text.contains(hides) && !text.contains('\u{202e}'), "{text:?}");
}

/// Sends one mail of this kind.
async fn send(world: &World, kind: Kind, who: &Senders) {
    let (app, agency) = (&world.app, world.tenant.agency);
    let ok = async |operation: &str, form: String, by: Option<&str>| {
        let answer = app.submit(operation, &form, by).await;
        assert_eq!(answer.status, StatusCode::OK, "{operation}: {}", answer.body);
    };
    match kind {
        Kind::Reset => ok("request_reset", format!("email={}%40example.test", who.owner.0), None).await,
        Kind::Invitation => {
            let form = format!("agency={agency}&email=later%40y.test&role=agency_staff");
            ok("invite_colleague", form, Some(&who.owner.1)).await;
        }
        Kind::Platform => {
            ok("invite_to_platform", "email=later%40z.test&role=support".to_owned(), Some(&who.admin)).await
        }
        Kind::RightRequested => {
            ok("ask_access", format!("agency={agency}&right={}", who.right), Some(&who.staff)).await
        }
        Kind::Test => ok("send_test_mail", String::new(), Some(&who.admin)).await,
        Kind::OwnerInvitation => {
            app.base.execute(OWNERLESS).await;
            who.letters.send(Some(agency), Some(world.tenant.business), Occasion::InviteOwner).await.unwrap();
        }
        Kind::Notification | Kind::Digest => happened(world, kind, who.owner.0).await,
        Kind::CompanyNeedsReauth | Kind::LocationNeedsReauth => {
            let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
            let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
            let integration = match kind {
                Kind::CompanyNeedsReauth => store::integrations::company(&mut tx).await.unwrap().unwrap().id,
                _ => {
                    store::integrations::list(&mut tx, &ListQuery { limit: 1, ..ListQuery::default() })
                        .await
                        .unwrap()
                        .rows[0]
                        .id
                }
            };
            drop(tx);
            let occasion = Occasion::NeedsReauth { integration, user: who.owner.0 };
            who.letters.send(Some(agency), None, occasion).await.unwrap();
        }
    }
}

/// Something planted happens that a person is told of.
async fn happened(world: &World, kind: Kind, to: domain::UserId) {
    let (app, agency) = (&world.app, world.tenant.agency);
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
    let planted = "<b/data-x>@x.test http://x.test/ \r\nBcc: a@x.test";
    let event = store::notifications::Event {
        kind: domain::notifications::Kind::TodoAssigned,
        key: kind.key().to_owned(),
        subject: None,
        business: None,
        to: Some(to),
        title: planted,
        detail: planted,
    };
    store::notifications::tell(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
    if kind == Kind::Digest {
        app.base.execute("update notifications set channel = 'digest' where event_key = 'digest'").await;
        let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
        let mail = serde_json::to_value(Occasion::Digest { user: to }).unwrap();
        let work = store::queue::Work::new(domain::work::Kind::SendMail).subject(to).payload(mail);
        store::queue::add(&mut tx, &work).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// The people who send the mails.
struct Senders {
    owner: (domain::UserId, String),
    staff: String,
    admin: String,
    right: String,
    letters: MailComposer,
}

/// Sends a mail of each kind from the current world, and checks all of them.
pub async fn judge(world: &World) {
    let app = &world.app;
    let person = async |role: Role| {
        let user = app.person(role, &world.tenant).await;
        (user, app.sign_in(user).await)
    };
    let (owner, staff, admin) =
        (person(Role::AgencyOwner).await, person(Role::AgencyStaff).await.1, person(Role::SuperAdmin).await.1);
    app.base.execute("update users set name = '<b/data-x>@x.test' where name not like '%data-x%'").await;
    app.base.execute(ADDRESSES).await;
    app.base.execute(BROKEN).await;
    app.base.execute(BRANDED).await;
    app.base.execute("delete from auth_throttles").await;
    app.send_mails().await;
    let mailer = mail::Mailer::folder(app.mails.clone(), "Slipway <a@b.example>").unwrap();
    let letters = MailComposer::new(app.db.clone(), mailer, ORIGIN.to_owned());
    let right = serde_json::to_value(domain::permission::Right::TokensManage).unwrap().as_str().unwrap().to_owned();
    let senders = Senders { owner, staff, admin, right, letters };
    let before = mails(app).len();
    for kind in Kind::ALL {
        let count = mails(app).len();
        send(world, kind, &senders).await;
        // A reset is queued after its answer.
        let sent = async || {
            app.send_mails().await;
            (mails(app).len() > count).then_some(())
        };
        until(kind.key(), sent).await;
    }
    let all = mails(app);
    assert!(all.len() >= before + Kind::ALL.len());
    let mut seen = BTreeMap::<String, usize>::new();
    for raw in &all {
        let (kind, parts) = judged(raw);
        assert_eq!(parts, 2, "a text and its HTML");
        *seen.entry(kind).or_default() += 1;
    }
    let mut kinds = Kind::ALL.map(Kind::key).to_vec();
    kinds.sort_unstable();
    assert_eq!(seen.keys().map(String::as_str).collect::<Vec<_>>(), kinds);
    let texts: Vec<String> = all.iter().map(|raw| String::from_utf8_lossy(raw).replace("=\r\n", "")).collect();
    let named = texts.iter().filter(|text| text.contains("data-x")).count();
    let answered = texts.iter().filter(|text| text.contains("Reply-To: hi@example.test")).count();
    assert!(answered >= 4, "mails of an agency are answered at its address");
    assert!(named >= 4, "agencies, clients, people and locations are named in mails: {texts:#?}");
}
