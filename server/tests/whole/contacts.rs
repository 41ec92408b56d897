//! Do the pages of contacts show who wrote, and make one contact of two and two of it again, for whoever may and nobody else?

use std::collections::BTreeSet;

use axum::http::StatusCode;
use domain::identity::Role;
use domain::integration::Kind;
use domain::messaging::Channel;
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::permission::Right;
use domain::{ContactId, ConversationId};
use serde_json::json;
use store::integrations::{self, NewConnection};
use store::messaging::channels::{self, NewChannel};
use store::messaging::{contacts, erasing, merging, messages, thread};
use uuid::Uuid;

use crate::authorisation::own_role;
use crate::conversations::{Inbox, fill};
use crate::helpers::{Answer, Tenant, TestApp};

impl Inbox {
    /// Somebody who wrote on an Instagram account of the same business, which nobody else wrote to.
    pub async fn elsewhere(&self) -> (ContactId, ConversationId) {
        let account = Uuid::now_v7().to_string();
        let mut tx = self.tx().await;
        let new = NewConnection { kind: Kind::Instagram, platform_id: &account, name: Some("Salon"), parent: None };
        let (integration, _) = integrations::upsert(&mut tx, &new).await.unwrap();
        let kind = Channel::Instagram;
        let new = NewChannel { kind, external_id: &account, integration, name: "Salon", display_address: "@salon" };
        let channel = channels::upsert(&mut tx, &new).await.unwrap();
        let channel = channels::get(&mut tx, channel).await.unwrap();
        let message = InboundMessage {
            id: format!("ig.{account}"),
            person: Person { scoped_id: Some(account), username: Some("zoe.bell".to_owned()), ..Person::default() },
            origin: Origin::Customer,
            kind: "text".to_owned(),
            text: "Do you know me?".to_owned(),
            attachments: Vec::new(),
            reply_to: None,
            details: json!({}),
        };
        let conversation = messages::receive(&mut tx, &channel, None, &message).await.unwrap().unwrap().conversation;
        let contact = thread::thread(&mut tx, conversation, None, 1).await.unwrap().contact.id;
        tx.commit().await.unwrap();
        (contact, conversation)
    }

    /// Somebody who became part of the customer.
    pub async fn merged(&self) -> ContactId {
        let (kept, gone) = (self.contact().await, self.elsewhere().await.0);
        let mut tx = self.tx().await;
        erasing::hold(&mut tx, &BTreeSet::from([kept, gone])).await.unwrap();
        let pair = merging::pair(&mut tx, kept, gone).await.unwrap();
        merging::merge(&mut tx, kept, gone, &pair).await.unwrap();
        tx.commit().await.unwrap();
        gone
    }
}

/// A person with two contacts of a business.
struct Desk {
    app: TestApp,
    tenant: Tenant,
    inbox: Inbox,
    cookie: String,
    ana: ContactId,
    zoe: ContactId,
    on_instagram: ConversationId,
}

impl Desk {
    async fn new(role: Role) -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(role, &tenant).await;
        let inbox = Inbox::new(&app, &tenant, user).await;
        let cookie = app.sign_in(user).await;
        let (ana, (zoe, on_instagram)) = (inbox.contact().await, inbox.elsewhere().await);
        Self { app, tenant, inbox, cookie, ana, zoe, on_instagram }
    }

    /// The page of contacts with this behind it.
    fn at(&self, rest: &str) -> String {
        format!("/b/{}/contacts{rest}", self.tenant.business)
    }

    async fn page(&self, rest: &str) -> Answer {
        self.app.browse(&self.at(rest), Some(&self.cookie)).await
    }

    fn form(&self, contact: ContactId, name: &str, other: ContactId) -> String {
        format!("business={}&contact={contact}&{name}={other}", self.tenant.business)
    }

    async fn merges(&self, contact: ContactId, other: ContactId) -> Answer {
        let from = self.at(&format!("/{contact}/merge?with={other}"));
        self.app.post("merge_contacts", &self.form(contact, "other", other), &from, &self.cookie).await
    }

    async fn takes_out(&self, contact: ContactId, merged: ContactId) -> Answer {
        let from = self.at(&format!("/{contact}"));
        self.app.post("undo_contact_merge", &self.form(contact, "merged", merged), &from, &self.cookie).await
    }

    /// With whom the conversation on Instagram is.
    async fn on_instagram(&self) -> ContactId {
        thread::thread(&mut self.inbox.tx().await, self.on_instagram, None, 1).await.unwrap().contact.id
    }
}

#[tokio::test]
async fn contacts_are_listed_found_merged_and_taken_out_again() {
    let desk = Desk::new(Role::TeamMember).await;
    let list = desk.page("").await.body;
    assert!(list.contains("Ana Diaz") && list.contains("@zoe.bell"), "{list}");
    let found = desk.page("?q=zoe").await.body;
    assert!(!found.contains(&desk.at(&format!("/{}", desk.ana))), "{found}");
    assert!(found.contains(&desk.at(&format!("/{}", desk.zoe))), "{found}");
    let ana = desk.page(&format!("/{}", desk.ana)).await.body;
    assert!(ana.contains("/do/change_contact") && ana.contains(&desk.inbox.conversation.to_string()), "{ana}");
    let choice = desk.page(&format!("/{}/merge", desk.ana)).await.body;
    let with = format!("/{}/merge?with={}", desk.ana, desk.zoe);
    assert!(choice.contains(&desk.at(&with)) && !choice.contains(&format!("with={}", desk.ana)), "{choice}");
    let preview = desk.page(&with).await.body;
    assert!(preview.contains("@zoe.bell becomes part of Ana Diaz") && preview.contains("Salon"), "{preview}");

    for round in 0..2 {
        let merged = desk.merges(desk.ana, desk.zoe).await;
        assert_eq!(merged.location, desk.at(&format!("/{}", desk.ana)), "{}", merged.body);
        let shown = desk.app.browse(&merged.location, Some(&desk.cookie)).await.body;
        assert!(shown.contains("The contacts are merged.") && shown.contains("/do/undo_contact_merge"), "{shown}");
        assert!(shown.contains(&desk.on_instagram.to_string()) && shown.contains("Merged contacts"), "{shown}");
        assert!(shown.contains("@zoe.bell becomes a contact of its own again"), "{shown}");
        assert_eq!(desk.on_instagram().await, desk.ana);
        assert_eq!(desk.page(&format!("/{}", desk.zoe)).await.status, StatusCode::NOT_FOUND);
        // A second click finds it done.
        assert_eq!(desk.merges(desk.ana, desk.zoe).await.status, StatusCode::SEE_OTHER, "{round}");
        for _ in 0..2 {
            let undone = desk.takes_out(desk.ana, desk.zoe).await;
            assert_eq!(undone.location, desk.at(&format!("/{}", desk.ana)), "{}", undone.body);
            assert_eq!(desk.on_instagram().await, desk.zoe);
        }
        let shown = desk.page(&format!("/{}", desk.ana)).await.body;
        assert!(!shown.contains("Merged contacts") && !shown.contains("/do/undo_contact_merge"), "{shown}");
    }
    let user = desk.inbox.tx().await.user().unwrap();
    for action in ["contact.merged", "contact.unmerged"] {
        assert_eq!(desk.app.audited(user, action, "ok").await, 2, "{action}: a repeat does nothing");
    }
}

#[tokio::test]
async fn of_two_people_who_merge_at_once_one_does() {
    let desk = Desk::new(Role::TeamMember).await;
    let forms = [desk.form(desk.ana, "other", desk.zoe), desk.form(desk.zoe, "other", desk.ana)];
    let [one, other] = forms.each_ref().map(|form| desk.app.submit("merge_contacts", form, Some(&desk.cookie)));
    let (one, other) = tokio::join!(one, other);
    let gone = [one.status, other.status].iter().filter(|status| **status == StatusCode::NOT_FOUND).count();
    assert_eq!(gone, 1, "{} {}", one.body, other.body);
    let kept = desk.on_instagram().await;
    let one = contacts::get(&mut desk.inbox.tx().await, kept).await.unwrap();
    assert_eq!((one.name.as_str(), one.identities.len()), ("Ana Diaz", 2));
}

#[tokio::test]
async fn what_is_no_pair_is_refused_and_stays() {
    let desk = Desk::new(Role::BusinessOwner).await;
    let own = desk.app.submit("merge_contacts", &desk.form(desk.ana, "other", desk.ana), Some(&desk.cookie)).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "{}", own.body);
    let mut tx = desk.inbox.tx().await;
    let channel = thread::thread(&mut tx, desk.inbox.conversation, None, 1).await.unwrap().line.channel;
    let channel = channels::get(&mut tx, channel).await.unwrap();
    let ben = Person { wa_id: Some("13055550143".to_owned()), ..Person::default() };
    let ben = contacts::resolve(&mut tx, &channel, &ben, chrono::Utc::now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let preview = desk.page(&format!("/{}/merge?with={ben}", desk.ana)).await.body;
    assert!(preview.contains("Both write on WhatsApp") && !preview.contains("/do/merge_contacts"), "{preview}");
    let refused = desk.app.submit("merge_contacts", &desk.form(desk.ana, "other", ben), Some(&desk.cookie)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);

    // Of two that became part of one, the later one is taken out first.
    let third = desk.inbox.elsewhere().await.0;
    desk.merges(desk.ana, desk.zoe).await;
    desk.merges(desk.ana, third).await;
    let form = desk.form(desk.ana, "merged", desk.zoe);
    let first = desk.app.submit("undo_contact_merge", &form, Some(&desk.cookie)).await;
    assert_eq!(first.status, StatusCode::CONFLICT, "{}", first.body);
    assert_eq!(desk.takes_out(desk.ana, third).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.takes_out(desk.ana, desk.zoe).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.on_instagram().await, desk.zoe);

    // Whoever is being erased becomes part of nobody.
    let form = format!("business={}&contact={}", desk.tenant.business, desk.zoe);
    desk.app.post("erase_contact", &form, &desk.at(&format!("/{}", desk.zoe)), &desk.cookie).await;
    let erased = desk.app.submit("merge_contacts", &desk.form(desk.ana, "other", desk.zoe), Some(&desk.cookie)).await;
    assert_eq!(erased.status, StatusCode::NOT_FOUND, "{}", erased.body);
}

#[tokio::test]
async fn who_only_reads_sees_contacts_and_merges_none_and_nobody_merges_those_of_others() {
    let desk = Desk::new(Role::BusinessOwner).await;
    let (reader, _) = own_role(&desk.app, &desk.tenant, "Reader", &[Right::BusinessRead, Right::InboxRead]).await;
    let reader = desk.app.sign_in(reader).await;
    let shown = desk.app.browse(&desk.at(&format!("/{}", desk.ana)), Some(&reader)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert!(
        !shown.body.contains(&format!("/{}/merge", desk.ana)) && !shown.body.contains("/do/change_contact"),
        "{}",
        shown.body
    );
    let form = desk.form(desk.ana, "other", desk.zoe);
    let refused = desk.app.submit("merge_contacts", &form, Some(&reader)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let gone = desk.inbox.merged().await;
    let form = desk.form(desk.ana, "merged", gone);
    let refused = desk.app.submit("undo_contact_merge", &form, Some(&reader)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);

    let mut other = desk.app.tenant().await;
    let stranger = desk.app.person(Role::AgencyOwner, &other).await;
    fill(&desk.app, &mut other, stranger).await;
    let foreign = desk.page(&format!("/{}/merge?with={}", desk.ana, other.contact)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{}", foreign.body);
    for (contact, with) in [(desk.ana, other.contact), (other.contact, desk.zoe)] {
        let form = desk.form(contact, "other", with);
        let refused = desk.app.submit("merge_contacts", &form, Some(&desk.cookie)).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.body);
    }
}

#[tokio::test]
async fn find_knows_the_contacts_of_ones_own_business_for_whoever_may_read_them() {
    let desk = Desk::new(Role::TeamMember).await;
    let (ana, zoe) = (desk.at(&format!("/{}", desk.ana)), desk.at(&format!("/{}", desk.zoe)));
    let business = desk.tenant.business;
    let find = async |q: &str, who: &str| {
        let page = desk.app.browse(&format!("/b/{business}/find?q={q}"), Some(who)).await;
        let piece = desk.app.submit("find_in_business", &format!("business={business}&q={q}"), Some(who)).await;
        assert_eq!((page.status, piece.status), (StatusCode::OK, StatusCode::OK), "{q}: {}", piece.body);
        let found = [&ana, &zoe].map(|href| page.body.contains(href.as_str()));
        assert_eq!(found, [&ana, &zoe].map(|href| piece.body.contains(href.as_str())), "{q}: {}", piece.body);
        (found, page.body)
    };
    for (q, finds) in [
        ("ana", [true, false]),
        ("%40zoe", [false, true]),
        ("%2B1+(305)+555-0142", [true, false]),
        ("%40", [true, true]),
        ("", [false, false]),
        ("%2Fana", [false, false]),
        ("nobody", [false, false]),
    ] {
        assert_eq!(find(q, &desk.cookie).await.0, finds, "{q}");
    }
    desk.app.base.execute("update contacts set name = '<b>Ana</b>' where name = 'Ana Diaz'").await;
    let (found, page) = find("%3Cb", &desk.cookie).await;
    assert!(found[0] && page.contains("+1 305-555-0142") && !page.contains("<b>Ana"), "{page}");

    let (clerk, _) = own_role(&desk.app, &desk.tenant, "Clerk", &[Right::BusinessRead]).await;
    let clerk = desk.app.sign_in(clerk).await;
    assert_eq!(find("%40", &clerk).await.0, [false, false], "a role that reads no conversations finds no contact");
    let other = desk.app.tenant().await;
    let stranger = desk.app.sign_in(desk.app.person(Role::BusinessOwner, &other).await).await;
    let refused = desk.app.submit("find_in_business", &format!("business={business}&q=ana"), Some(&stranger)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.body);
}

#[tokio::test]
async fn the_page_of_a_contact_says_where_and_when_the_person_wrote_and_what_they_want() {
    let desk = Desk::new(Role::TeamMember).await;
    let page = desk.page(&format!("/{}", desk.ana)).await.body;
    for text in ["Channels", "+1 305-555-0142", "Last wrote", "Automatic messages", "Allowed", "Open conversation"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("Marketing messages") && !page.contains("Opted out"), "{page}");
    desk.app.base.execute("update contacts set opted_out_at = now(), marketing_refused_at = now()").await;
    let page = desk.page(&format!("/{}", desk.ana)).await.body;
    assert!(page.contains("No automatic messages") && page.contains("Marketing messages"), "{page}");
    assert_eq!(page.matches("Opted out on").count(), 2, "{page}");
    let list = desk.page("?q=305555").await.body;
    assert!(list.contains("+1 305-555-0142") && !list.contains("+13055550142"), "{list}");
}
