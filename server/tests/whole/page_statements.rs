//! How often does the page of a list ask the database? A known number of times, so that nobody adds a round trip to every page
//! unseen: most of them are those of the frame around a page.

use axum::http::StatusCode;
use domain::identity::Role;

use crate::helpers::TestApp;
use crate::tools_statements::Statements;

/// The statements of an inbox in all its transactions: the session with its person, the language of the business or the first
/// steps of the agency, the bell, and the page itself.
const MOST_STATEMENTS: usize = 9;
const MOST_TRANSACTIONS: usize = 4;
/// Listeners read the outbox now and then beside a page, more often the slower it is, so the fewest of some count.
const TRIES: usize = 20;

#[tokio::test]
async fn an_inbox_asks_the_database_as_rarely_as_it_can() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (statements, _watching) = Statements::watch();
    for (role, page) in [
        (Role::AgencyOwner, format!("/a/{}/inbox", tenant.agency)),
        (Role::BusinessOwner, format!("/b/{}/inbox", tenant.business)),
    ] {
        let cookie = app.sign_in(app.person(role, &tenant).await).await;
        let (mut fewest, mut transactions) = (Vec::new(), usize::MAX);
        for _ in 0..TRIES {
            statements.take();
            let answer = app.get(&page, Some(&cookie)).await;
            assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
            let (sent, begun) = statements.take();
            transactions = transactions.min(begun);
            if fewest.is_empty() || sent.len() < fewest.len() {
                fewest = sent;
            }
            if fewest.len() <= MOST_STATEMENTS && transactions <= MOST_TRANSACTIONS {
                break;
            }
        }
        assert!(fewest.len() <= MOST_STATEMENTS, "{page}: {} statements: {fewest:#?}", fewest.len());
        assert!((1..=MOST_TRANSACTIONS).contains(&transactions), "{page}: {transactions} transactions: {fewest:#?}");
    }
}
