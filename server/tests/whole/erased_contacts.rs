//! Who erases a customer, what does the page say of it, and what is left of the customer afterwards?

use domain::identity::Role;
use store::messaging::files;

use crate::conversations::Inbox;
use crate::helpers::TestApp;

/// The customer of [`Inbox`], as every table with something of them holds one of these.
const OF_CUSTOMER: [&str; 2] = ["13055550142", "Ana Diaz"];

#[tokio::test]
async fn a_customer_is_erased_by_whoever_may_and_nothing_is_left_but_a_line_without_words() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (owner, member) = (app.person(Role::BusinessOwner, &tenant).await, app.person(Role::TeamMember, &tenant).await);
    let (owners, members) = (app.sign_in(owner).await, app.sign_in(member).await);
    let inbox = Inbox::new(&app, &tenant, owner).await;
    inbox.picture().await;
    inbox.answer().await;
    inbox.scheduled().await;
    let contact = inbox.contact().await.to_string();
    let page = format!("/b/{}/inbox/{}", tenant.business, inbox.conversation);
    let form = format!("business={}&contact={contact}", tenant.business);

    assert!(!app.browse(&page, Some(&members)).await.body.contains("/do/erase_contact"), "no button for others");
    let shown = app.browse(&page, Some(&owners)).await.body;
    assert!(shown.contains("/do/erase_contact") && shown.contains("Figures of usage stay"), "{shown}");
    app.post("erase_contact", &form, &page, &members).await;
    assert!(app.browse(&page, Some(&owners)).await.body.contains("Ana Diaz"), "nothing happened");
    let done = app.post("erase_contact", &form, &page, &owners).await;
    assert_eq!(done.location, format!("/b/{}/inbox", tenant.business), "{}", done.body);
    let told = app.browse(&done.location, Some(&owners)).await.body;
    assert!(told.contains("The contact is erased.") && !told.contains("Ana Diaz"), "{told}");
    assert_eq!(app.audited(owner, "contact.erased", "ok").await, 1);

    for _ in 0..3 {
        worker::testing::run_periodic(&app.worker).await.unwrap();
    }
    let left = app.base.contents().await.into_iter().filter(|(table, rows)| {
        // What somebody sent waits in the session for one page.
        let names_it = table.starts_with("audit_") || table == "sessions";
        OF_CUSTOMER.iter().any(|text| rows.contains(text)) || !names_it && rows.contains(&contact)
    });
    assert_eq!(left.map(|(table, _)| table).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(files::used(&mut inbox.tx().await).await.unwrap(), 0, "the file is gone");
}
