//! Tests how HighLevel's responses are interpreted, including odd and broken ones.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use ghl::auth::{self, Class, Host};
use ghl::locations::{self, Search};
use ghl::snapshots::{self, Load};
use ghl::{Error, Kind, Reason, Verdict, custom_values, users};
use secrecy::SecretString;

use crate::calls::{COMPANY, Caller, LOCATION, ghl, ghl_with, new_location, new_user, redirect};
use crate::server::{Act, Server};

/// Creates a location, because that is the call for which a wrong verdict costs most.
async fn create(act: Act) -> Result<locations::Location, Error> {
    let server = Server::play(vec![act, Act::json(200, "{}")]).await;
    let caller = Caller::new();
    let result = locations::create(&ghl(&server.url), caller.call(), &new_location()).await;
    assert!(server.seen().len() <= 1, "sent once at most");
    result
}

async fn refused(status: u16, body: &str) -> Error {
    create(Act::json(status, body)).await.unwrap_err()
}

#[tokio::test]
async fn the_words_decide_what_a_no_means() {
    use Kind::{NotFound, Refused, Unauthorised};
    let no_access = r#"{"status":401,"message":"You do not have access to this feature! Please contact the admin!","name":"HttpException","traceId":"t-1"}"#;
    let cases: &[(u16, &str, Kind)] = &[
        (
            401,
            r#"{"statusCode":401,"message":"Invalid token: access token is invalid","error":"Unauthorized"}"#,
            Unauthorised,
        ),
        (401, r#"{"statusCode":401,"message":"Invalid JWT"}"#, Unauthorised),
        (401, "", Unauthorised),
        (401, r#"{"statusCode":401,"message":"The token is not authorized for this scope."}"#, Refused(Reason::Scope)),
        (401, no_access, Refused(Reason::Plan)),
        (403, no_access, Refused(Reason::Plan)),
        (401, r#"{"statusCode":401,"message":"version header was not found."}"#, Refused(Reason::Version)),
        (401, r#"{"statusCode":401,"message":"version header is invalid"}"#, Refused(Reason::Version)),
        (
            403,
            r#"{"statusCode":403,"message":"The token does not have access to this location."}"#,
            Refused(Reason::Location),
        ),
        (403, "{}", Refused(Reason::Other)),
        (400, r#"{"statusCode":400,"message":"Location is not active"}"#, Refused(Reason::Inactive)),
        (401, r#"{"statusCode":401,"message":"Location is not active"}"#, Refused(Reason::Inactive)),
        (403, r#"{"statusCode":403,"message":"Location is not active"}"#, Refused(Reason::Inactive)),
        (403, r#"{"statusCode":403,"message":"Company is not active"}"#, Refused(Reason::Inactive)),
        (401, r#"{"statusCode":401,"message":"Agency is not active"}"#, Refused(Reason::Inactive)),
        (400, r#"{"error":"invalid_grant","error_description":"refresh token used"}"#, Refused(Reason::Grant)),
        (
            400,
            r#"{"message":"API endpoint has been removed","error":"Bad Request","statusCode":400}"#,
            Refused(Reason::Removed),
        ),
        (404, r#"{"message":"Cannot GET /x","error":"Not Found","statusCode":404}"#, NotFound),
    ];
    for (status, body, kind) in cases {
        let error = refused(*status, body).await;
        assert_eq!(error.kind, *kind, "{status} {body}");
        let expected = if *kind == Unauthorised { Verdict::NotExecuted } else { Verdict::Refused };
        assert_eq!(error.verdict(), expected, "{status} {body}");
        assert_eq!(error.status, Some(*status));
        assert!(!error.passes());
    }
    assert_eq!(refused(401, no_access).await.request_id.as_deref(), Some("t-1"));
}

#[tokio::test]
async fn complaints_are_kept_line_by_line() {
    let list = r#"{"statusCode":422,"message":["property X should not exist","name is empty"],"error":"Unprocessable Entity","traceId":"t-2"}"#;
    let error = refused(422, list).await;
    assert_eq!(error.kind, Kind::Invalid(vec!["property X should not exist".into(), "name is empty".into()]));
    assert_eq!(error.message, "property X should not exist, name is empty");
    assert_eq!(error.request_id.as_deref(), Some("t-2"));
    let worn = r#"{"statusCode":401,"message":"pipelineId can't be undefined","code":"COMMON_PIPELINE_ID_UNDEFINED","error":"Unauthorized"}"#;
    assert_eq!(refused(401, worn).await.kind, Kind::Invalid(vec!["pipelineId can't be undefined".into()]));
}

#[tokio::test]
async fn a_limit_is_not_executed_with_or_without_headers() {
    let told = Act::answer(429, &[("x-ratelimit-interval-milliseconds", "4000")], "Too Many Requests");
    let silent = Act::answer(429, &[], "");
    for (act, least, most) in [(told, 3, 5), (silent, 9, 12)] {
        let error = create(act).await.unwrap_err();
        let wait = (error.until().expect("a time to come again") - DateTime::<Utc>::from(SystemTime::now()))
            .num_milliseconds();
        assert!((least * 1000..most * 1000).contains(&wait), "{wait}");
        assert_eq!(error.verdict(), Verdict::NotExecuted);
    }
    let day = Act::answer(429, &[("x-ratelimit-daily-remaining", "0"), ("x-ratelimit-daily-reset", "60000")], "{}");
    assert!(matches!(create(day).await.unwrap_err().kind, Kind::Limited { daily: true, .. }));
}

#[tokio::test]
async fn whatever_may_have_happened_is_unclear() {
    let html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for act in [
        Act::answer(502, &[("content-type", "text/html")], html),
        Act::json(500, r#"{"statusCode":500,"message":"Conversation with id temp not found"}"#),
        Act::json(504, ""),
        Act::json(408, ""),
        Act::answer(302, &[("location", "/login")], ""),
        Act::json(200, ""),
        Act::json(200, r#"{"id":"abc"#),
        Act::json(200, r#"{"success":true}"#),
        Act::json(201, "null"),
        Act::answer(200, &[("content-type", "text/html")], html),
        Act::ResetBefore,
        Act::ResetAfter,
        Act::BreakOff(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"id\":\"ve9E".to_vec()),
    ] {
        let name = format!("{act:?}");
        let error = create(act).await.expect_err(&name);
        assert_eq!((error.kind.clone(), error.verdict()), (Kind::Unclear, Verdict::Unknown), "{name}");
        assert!(error.passes());
        assert!(!error.message.contains('<'), "{name}: {}", error.message);
    }
}

#[tokio::test]
async fn no_answer_within_the_deadline_is_unclear() {
    let server = Server::play(vec![Act::Silence]).await;
    let caller = Caller::new();
    let ghl = ghl_with(&server.url, |profile| profile.deadlines.background = Duration::from_secs(1));
    let error = locations::create(&ghl, caller.call(), &new_location()).await.unwrap_err();
    assert_eq!((error.kind.clone(), error.verdict(), error.status), (Kind::Unclear, Verdict::Unknown, None));
}

#[tokio::test]
async fn nobody_there_is_down_and_not_executed() {
    // The port is taken, so that nobody else begins to listen there meanwhile.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = url::Url::parse(&format!("http://{}", taken.local_addr().unwrap())).unwrap();
    let caller = Caller::new();
    let error = locations::create(&ghl(&gone), caller.call(), &new_location()).await.unwrap_err();
    assert_eq!((error.kind.clone(), error.verdict()), (Kind::Down, Verdict::NotExecuted));
}

#[tokio::test]
async fn an_invalid_id_is_never_sent() {
    let server = Server::play(vec![Act::json(200, "{}")]).await;
    let (ghl, caller) = (ghl(&server.url), Caller::new());
    for id in ["../companies/x", "a/b", "", "a?b", "a%2e%2e"] {
        let error = locations::get(&ghl, caller.call(), id).await.unwrap_err();
        assert!(matches!(error.kind, Kind::Invalid(_)), "{id}");
        assert_eq!(error.status, None);
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_refused_refresh_is_told_from_a_lost_one() {
    let token: SecretString = "old-refresh-token".to_owned().into();
    let invalid = r#"{"error":"invalid_grant","error_description":"Invalid refresh token"}"#;
    for (act, kind) in [
        (Act::json(400, invalid), Kind::Refused(Reason::Grant)),
        (Act::json(401, invalid), Kind::Refused(Reason::Grant)),
        (Act::json(400, r#"{"statusCode":400,"message":"Location is not active"}"#), Kind::Refused(Reason::Inactive)),
        (Act::json(200, r#"{"access_token":"new-access-tok"#), Kind::Unclear),
        (Act::json(200, r#"{"token":"new-access-tok"}"#), Kind::Unclear),
        (Act::json(200, ""), Kind::Unclear),
        (Act::json(500, ""), Kind::Unclear),
        (Act::ResetAfter, Kind::Unclear),
        (
            Act::json(422, r#"{"message":["user_type must be one of"]}"#),
            Kind::Invalid(vec!["user_type must be one of".into()]),
        ),
    ] {
        let server = Server::play(vec![act.clone()]).await;
        let caller = Caller::new();
        let error =
            auth::refresh(&ghl(&server.url), caller.about(), &token, &Class::Company, COMPANY).await.unwrap_err();
        assert_eq!(error.kind, kind, "{act:?}");
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("old-refresh") && !shown.contains("new-access") && !shown.contains("client-secret"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_created_pair_is_taken_with_any_2xx_and_content_type() {
    let body = include_str!("../../src/fixtures/token_location.json");
    let server = Server::play(vec![Act::answer(201, &[("content-type", "text/plain")], body)]).await;
    let caller = Caller::new();
    let tokens = auth::exchange(&ghl(&server.url), caller.about(), "c0de", &redirect(), &Class::Company).await.unwrap();
    assert_eq!(tokens.class, Class::Location, "the answer decides, not what was asked");
}

#[tokio::test]
async fn the_consent_address_carries_everything_encoded() {
    let base = url::Url::parse("http://127.0.0.1:1").unwrap();
    for (host, at) in [(Host::Standard, "marketplace"), (Host::WhiteLabel, "white-label")] {
        let scopes = ["locations.readonly", "locations/tags.write"];
        let url = auth::authorize_url(&ghl(&base), host, &redirect(), &scopes, "st+ate/1");
        assert_eq!(
            url.as_str(),
            format!(
                "https://{at}.example.com/v2/oauth/chooselocation?response_type=code\
                 &client_id=65f0c0ffee0000000000abcd-m1abcdef&state=st%2Bate%2F1\
                 &redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fintegrations%2Fghl%2Fcallback\
                 &scope=locations.readonly%20locations%2Ftags.write&loginWindowOpenMode=self"
            )
        );
    }
}

#[tokio::test]
async fn a_snapshot_without_a_record_has_not_started() {
    for act in [Act::json(404, "{}"), Act::json(200, ""), Act::json(200, "null"), Act::json(200, r#"{"data":null}"#)] {
        let server = Server::play(vec![act.clone()]).await;
        let caller = Caller::new();
        let load = snapshots::status(&ghl(&server.url), caller.call(), COMPANY, "s1", LOCATION).await;
        assert_eq!(load, Ok(Load::NotStarted), "{act:?}");
    }
}

#[tokio::test]
async fn gone_already_counts_as_removed() {
    let server = Server::play(vec![
        Act::json(404, "{}"),
        Act::json(400, r#"{"statusCode":400,"message":"Custom value with id v1 not found"}"#),
        Act::json(403, "{}"),
    ])
    .await;
    let (ghl, caller) = (ghl(&server.url), Caller::new());
    assert!(custom_values::remove(&ghl, caller.call(), LOCATION, "v1").await.is_ok());
    assert!(custom_values::remove(&ghl, caller.call(), LOCATION, "v1").await.is_ok());
    assert!(custom_values::remove(&ghl, caller.call(), LOCATION, "v1").await.is_err());
}

#[tokio::test]
async fn a_user_is_found_by_the_whole_address_only() {
    let body = r#"{"users":[{"id":"u1","email":"JOHN@example.com"},{"id":"u2","email":"john@example.com","deleted":true},{"id":"u3","email":"xjohn@example.com"},{"id":"u4"}],"count":4}"#;
    let server = Server::play(vec![Act::json(200, body)]).await;
    let caller = Caller::new();
    let found = users::find(&ghl(&server.url), caller.call(), COMPANY, "John@Example.com ").await.unwrap();
    assert_eq!(found.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["u1"]);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_never_makes_a_page_look_shorter() {
    let odd = r#"{"locations":[{"id":"a"},{"name":"no id"}]}"#;
    let loose = r#"{"locations":[{"id":"a","name":null,"dateAdded":1767607200000},{"_id":"b","phone":7}]}"#;
    let server = Server::play(vec![Act::json(200, odd), Act::json(200, loose)]).await;
    let (ghl, caller) = (ghl(&server.url), Caller::new());
    let error = locations::search(&ghl, caller.call(), &Search::of(COMPANY)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unclear);
    let page = locations::search(&ghl, caller.call(), &Search::of(COMPANY)).await.unwrap();
    assert_eq!(page.len(), 2);
    assert!(page[0].date_added.is_some());
}

#[tokio::test]
async fn an_error_never_repeats_a_secret_or_an_address() {
    let echo = r#"{"message":["email john.deo@example.com exists","password Str0ng is weak","Bearer token-1234 seen","eyJhbGciOi.eyJzdWIi.c2ln"]}"#;
    let server = Server::play(vec![Act::json(422, echo)]).await;
    let caller = Caller::new();
    let error = users::create(&ghl(&server.url), caller.call(), &new_user()).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    for secret in ["john.deo", "token-1234", "eyJ", "c2ln"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(!format!("{:?}", new_user()).contains("Str0ng"));
}
