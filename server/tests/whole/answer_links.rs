//! A client can answer with the link that staff sent, and with nothing else: what the link opens, how often, and
//! what it leaves alone.

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use domain::provisioning::{Client, JobStatus};
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Answer, Tenant, TestApp};

/// The tenant's only job asks for the client's phone number.
const ASKS: &str = r#"update provisioning_jobs set status = 'AWAITING_INPUT', current_step = 'VALIDATE_CLIENT', question_json =
  '{"step":"VALIDATE_CLIENT","kind":"fix_input","what":"HighLevel refused the phone number","effect":"Nothing was created.",
    "ask":"Which number is right?","fields":[{"pointer":"/input/phone","detail":"Use the international form."}]}'"#;

pub async fn ask(app: &TestApp) {
    app.base.execute("update provisioning_jobs set status = 'IN_PROGRESS'").await;
    app.base.execute(ASKS).await;
}

async fn order(app: &TestApp, tenant: &Tenant) -> (JobStatus, Client) {
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let job = store::provisioning::get(&mut tx, tenant.job).await.unwrap();
    (job.row.status, job.order.client)
}

/// Creates a link as staff do, and reads it from the page that shows it.
pub async fn link(app: &TestApp, tenant: &Tenant, cookie: &str) -> (String, Answer) {
    let page = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    let form = format!("agency={}&id={}", tenant.agency, tenant.job);
    app.post("make_answer_link", &form, &page, cookie).await;
    let shown = app.browse(&page, Some(cookie)).await;
    let at = shown.body.find("/answer/").map(|at| at + "/answer/".len());
    let secret = at.map(|at| shown.body[at..].chars().take_while(char::is_ascii_hexdigit).collect::<String>());
    (secret.unwrap_or_default(), shown)
}

#[tokio::test]
async fn the_client_gives_what_is_asked_once_and_nothing_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    ask(&app).await;
    let (first, _) = link(&app, &tenant, &cookie).await;
    let (secret, shown) = link(&app, &tenant, &cookie).await;
    assert_eq!(secret.len(), 64, "{}", shown.body);
    let again = app.browse(&format!("/a/{}/provisioning/{}", tenant.agency, tenant.job), Some(&cookie)).await;
    assert!(!again.body.contains(&secret), "a link is shown once");
    let old = app.browse(&format!("/answer/{first}"), None).await;
    assert!(old.body.contains("it was replaced"), "a newer link ends the older one");
    let page = app.browse(&format!("/answer/{secret}"), None).await;
    assert!(page.status == StatusCode::OK && page.body.contains("/input/phone") && !page.body.contains("/input/email"));
    assert!(page.body.contains("Use the international form."));
    let wrong = app.submit("answer_question", &format!("token={secret}&%2Finput%2Fphone=12"), None).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    let form = format!("token={secret}&%2Finput%2Fphone=%2B13055550100&%2Finput%2Fname=Taken+over");
    let good = app.submit("answer_question", &form, None).await;
    assert!(good.status.is_success() || good.status.is_redirection(), "{} {}", good.status, good.body);
    let (status, client) = order(&app, &tenant).await;
    assert_eq!((status, client.phone.as_str()), (JobStatus::Pending, "+13055550100"));
    assert_eq!(client.name, "Bright Dental", "what was not asked for stays");
    let twice = app.submit("answer_question", &form, None).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{}", twice.body);
    assert!(app.browse(&format!("/answer/{secret}"), None).await.body.contains("were already sent with this link"));
}

#[tokio::test]
async fn pressing_the_button_alone_answers_nothing() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    ask(&app).await;
    let (secret, _) = link(&app, &tenant, &cookie).await;
    for form in [format!("token={secret}"), format!("token={secret}&%2Finput%2Fphone=")] {
        let pressed = app.submit("answer_question", &form, None).await;
        assert_eq!(pressed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", pressed.body);
    }
    assert_eq!(order(&app, &tenant).await.0, JobStatus::AwaitingInput);
    assert_eq!(app.browse(&format!("/answer/{secret}"), None).await.status, StatusCode::OK, "the link still works");
}

#[tokio::test]
async fn a_link_answers_the_question_it_was_made_for_and_no_later_one() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    ask(&app).await;
    let (secret, _) = link(&app, &tenant, &cookie).await;
    app.base.execute("update provisioning_jobs set question_json = jsonb_set(question_json::jsonb, '{fields}', '[{\"pointer\":\"/input/email\",\"detail\":\"It bounced.\"}]')").await;
    let page = app.browse(&format!("/answer/{secret}"), None).await;
    let answered = page.body.contains("What this link asked for has been answered");
    assert!(answered && !page.body.contains("/input/email"), "{}", page.body);
    let form = format!("token={secret}&%2Finput%2Femail=thief%40example.test");
    assert_eq!(app.submit("answer_question", &form, None).await.status, StatusCode::CONFLICT);
    assert_eq!(order(&app, &tenant).await.1.email, "owner@bright.test");
}

#[tokio::test]
async fn no_link_is_made_where_nothing_is_asked_or_the_agency_rests() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let (none, shown) = link(&app, &tenant, &cookie).await;
    assert!(none.is_empty() && shown.body.contains("need anything from the client"), "{}", shown.body);
    ask(&app).await;
    let (secret, _) = link(&app, &tenant, &cookie).await;
    app.base.execute("update agencies set status = 'paused'").await;
    let page = app.browse(&format!("/answer/{secret}"), None).await;
    assert!(page.body.contains("is paused"), "{}", page.body);
    let form = format!("token={secret}&%2Finput%2Fphone=%2B13055550100");
    assert_eq!(app.submit("answer_question", &form, None).await.status, StatusCode::CONFLICT);
    assert_eq!(order(&app, &tenant).await.0, JobStatus::AwaitingInput);
}
