//! Hostile input: every endpoint of the policy × everything that can be put into its address, fields, body and
//! headers. The answer is never an error of ours, its page contains nothing hostile, and nothing is stored if the
//! request is refused.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::{EndpointKind, Needs, POLICY, Rule, TOKEN_SCOPES};

use crate::forms;
use crate::helpers::{Answer, Tenant, TestApp};
use crate::writes::{settled, wrote};

/// Texts that have broken other programs, each with a description.
pub fn hostile() -> Vec<(&'static str, String)> {
    let text = |what: &'static str, text: &str| (what, text.to_owned());
    vec![
        text("nothing", ""),
        text("blanks", "   "),
        text("a script", SCRIPT),
        text("SQL", "'; drop table users; --"),
        text("a path", "../../etc/passwd"),
        text("text that turns around", "a\u{202E}txt.exe\u{2066}b"),
        text("letters nobody sees", "a\u{200B}\u{FEFF}b"),
        text("a byte of zero", "a\u{0}b"),
        text("the end of a header", "a\r\nset-cookie: sid=1\r\n\r\n"),
        text("another site", "//evil.example/\\@x"),
        text("a template", "{{7*7}}${7*7}%n%s"),
        text("a large number", "99999999999999999999999999"),
        text("a number below zero", "-1"),
        text("half a character", "\u{D7FF}\u{E000}\u{10FFFF}"),
        ("ten thousand letters", "x".repeat(10_000)),
    ]
}

const SCRIPT: &str = "\"'><script>alert(1)</script>";

/// Escapes every byte that an address may not contain.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Asserts that the answer is no error of ours, its page contains nothing hostile, it has no header from the
/// sender, and problems have the right form.
pub fn sound(answer: &Answer, what: &str) {
    // A failure that an outside service caused is reported as such and is no error of ours; these tests have no
    // such service.
    let told = answer.body.starts_with("{\"Outside\"") || answer.body.contains("HighLevel did not answer");
    let outside = answer.status == StatusCode::BAD_GATEWAY && told;
    assert!(answer.status.as_u16() < 500 || outside, "{what}: {} {}", answer.status, answer.body);
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = header(header::CONTENT_TYPE);
    assert!(answer.headers.get_all(header::CONTENT_TYPE).iter().count() < 2, "{what}: two kinds of body");
    if kind.starts_with("text/html") {
        assert!(!answer.body.contains("<script>alert(1)"), "{what}: the script is in the page");
    } else if answer.status.is_client_error() {
        assert!(kind.contains("json"), "{what}: {} {kind} {}", answer.status, answer.body);
    }
    assert!(!header(header::SET_COOKIE).starts_with("sid=1;"), "{what}: a cookie of the sender");
    let to = &answer.location;
    assert!(
        to.is_empty() || (to.starts_with('/') && !to.starts_with("//")) || to.starts_with("http://127.0.0.1"),
        "{what}: sent to {to}"
    );
}

/// Every address of a rule with this text in each of its variable parts.
fn addresses(rule: &Rule, tenant: &Tenant, text: &str) -> Vec<String> {
    let good = |part: &str| match part {
        "{agency}" => tenant.agency.to_string(),
        "{business}" => tenant.business.to_string(),
        "{job}" | "{id}" | "{user}" => tenant.job.to_string(),
        "{conversation}" | "{contact}" | "{attachment}" | "{choice}" | "{knowledge}" | "{answer}" | "{rehearsal}"
        | "{agent}" | "{call}" => tenant.conversation.to_string(),
        other => other.to_owned(),
    };
    let parts: Vec<&str> = rule.path.split('/').collect();
    let variable = parts.iter().enumerate().filter(|(_, part)| part.starts_with('{')).map(|(at, _)| at);
    variable
        .map(|bad| {
            let with = parts.iter().enumerate().map(|(at, part)| if at == bad { text.to_owned() } else { good(part) });
            with.collect::<Vec<_>>().join("/")
        })
        .collect()
}

/// The query parameters that addresses take.
const ASKED: [&str; 22] = [
    "q",
    "view",
    "sort",
    "cursor",
    "limit",
    "at",
    "tab",
    "step",
    "level",
    "from",
    "next",
    "agency",
    "code",
    "state",
    "error",
    "status.is",
    "created.after",
    "business",
    "type",
    "before",
    "reply",
    "group",
];

#[tokio::test]
async fn hostile_addresses_lead_nowhere() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let platform = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let before = app.written().await;
    let bytes = ["%FF%FE", "%C0%80", "%ED%A0%80", "%", "%zz", "%00"].map(str::to_owned);
    let script = escaped(SCRIPT);
    let texts = hostile().into_iter().map(|(_, text)| escaped(&text)).filter(|text| !text.is_empty()).chain(bytes);
    for text in texts {
        for rule in POLICY.iter().filter(|rule| rule.kind != EndpointKind::ServerFunction) {
            let good =
                addresses(rule, &tenant, &tenant.agency.to_string()).pop().unwrap_or_else(|| rule.path.to_owned());
            let query = ASKED.map(|name| format!("{name}={text}")).join("&");
            let paths = addresses(rule, &tenant, &text).into_iter().chain([format!("{good}?{query}")]);
            for path in paths {
                let shown: String = path.chars().take(120).collect();
                // On a page that needs a sign-in, the request without a cookie is left out, because it is
                // redirected before any input is read.
                let open = matches!(rule.needs, Needs::Nothing | Needs::Proof);
                let of_platform = matches!(rule.needs, Needs::Platform(_));
                // Whoever may not open a page is refused before its address is read, and whoever else may opens the same
                // page: one text is enough for them.
                let everybody = text == script;
                let cookies = [
                    open.then_some(None),
                    (everybody || !of_platform).then_some(Some(&admin)),
                    (!open && (everybody || of_platform)).then_some(Some(&platform)),
                ];
                for cookie in cookies.into_iter().flatten() {
                    let mut request = Request::get(&path).header(header::AUTHORIZATION, format!("Bearer {token}"));
                    if let Some(cookie) = cookie {
                        request = request.header(header::COOKIE, cookie);
                    }
                    // A client cannot send something that is not an address.
                    let Ok(request) = request.body(Body::empty()) else { continue };
                    sound(&app.send(request).await, &shown);
                }
            }
        }
    }
    assert_eq!(app.written().await, before, "looking changes nothing");
}

/// Characters that nobody sees, of the hostile texts above.
const HIDDEN: [char; 4] = ['\u{202E}', '\u{2066}', '\u{200B}', '\u{FEFF}'];

/// Tables that keep what was typed as it came: a form that is shown again, and the key that its browser made up.
const AS_TYPED: [&str; 2] = ["idempotency_keys", "sessions"];

/// Asserts that what is stored has no character that nobody sees, whichever field it came from.
async fn assert_nothing_is_hidden(app: &TestApp) {
    for (table, rows) in app.base.contents().await {
        if !AS_TYPED.contains(&table.as_str()) {
            assert_eq!(rows.lines().find(|row| row.contains(HIDDEN)), None, "{table} keeps what nobody can see");
        }
    }
}

/// The role that may call a server function.
fn caller(rule: &Rule) -> Role {
    if matches!(rule.needs, Needs::Platform(_)) { Role::SuperAdmin } else { Role::AgencyOwner }
}

#[tokio::test]
async fn hostile_fields_are_refused_or_shown_as_text() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    for rule in POLICY.iter().filter(|rule| rule.kind == EndpointKind::ServerFunction) {
        let fields = forms::fields(rule.path, &tenant);
        let cookie = app.sign_in(app.person(caller(rule), &tenant).await).await;
        let look = async || app.writes().await;
        let mut known = settled(&look).await;
        for (what, text) in hostile() {
            for name in fields.keys() {
                let mut bad = fields.clone();
                bad.insert(name.clone(), text.clone());
                let what = format!("{what} as {name} of {}", rule.path);
                let form = forms::body(&bad);
                let answer = app.submit(rule.path, &form, Some(&cookie)).await;
                sound(&answer, &what);
                if answer.status.is_client_error() {
                    assert!(serde_json::from_str::<web::Error>(&answer.body).is_ok(), "{what}: {}", answer.body);
                    let again = async || drop(app.submit(rule.path, &form, Some(&cookie)).await);
                    let tables = wrote(&look, &mut known, again).await;
                    assert!(tables.is_empty(), "{what} was refused and yet wrote to {tables:?}");
                } else {
                    known = app.writes().await;
                }
            }
        }
    }
    assert_nothing_is_hidden(&app).await;
    // The accepted texts are now in lists and on pages, as text.
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let platform = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    for rule in POLICY.iter().filter(|rule| rule.kind == EndpointKind::Page) {
        let path = rule
            .path
            .replace("{agency}", &tenant.agency.to_string())
            .replace("{business}", &tenant.business.to_string())
            .replace("{job}", &tenant.job.to_string());
        for cookie in [&admin, &platform] {
            sound(&app.get(&path, Some(cookie)).await, &path);
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_forms_change_nothing() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let form = "application/x-www-form-urlencoded";
    let nested = format!("agency{}=x", "[a]".repeat(5_000));
    let many: String = (0..5_000).map(|n| format!("f{n}=x&")).collect();
    let bodies: [(&str, Option<&str>, Vec<u8>); 11] = [
        ("nothing", Some(form), Vec::new()),
        ("half an escape", Some(form), b"agency=%&name=%z&id[]=%".to_vec()),
        ("bytes that are no text", Some(form), b"agency=%FF%FE&name=%C0%80&email=%FF&token=%FF&code=%FF".to_vec()),
        ("raw bytes", Some(form), vec![0xFF, 0xFE, 0, 1, 2]),
        ("JSON", Some("application/json"), b"{\"agency\": [[[[]]]]}".to_vec()),
        ("half of JSON", Some("application/json"), b"{\"agency\": ".to_vec()),
        ("another kind", Some("text/plain"), b"agency=x".to_vec()),
        ("parts that never begin", Some("multipart/form-data; boundary=x"), b"--y\r\n".to_vec()),
        ("very deep", Some(form), nested.into_bytes()),
        ("very many", Some(form), many.into_bytes()),
        ("300 KiB", Some(form), vec![b'x'; 300 * 1024]),
    ];
    // What takes one name takes any text for it, such as half an escape.
    let takes_any =
        |rule: &Rule| forms::fields(rule.path, &tenant).keys().all(|name| ["agency", "name"].contains(&name.as_str()));
    for rule in POLICY.iter().filter(|rule| rule.kind == EndpointKind::ServerFunction) {
        let cookie = app.sign_in(app.person(caller(rule), &tenant).await).await;
        let before = settled(async || app.writes().await).await;
        for (what, kind, body) in &bodies {
            for accept in ["application/json", "text/html"] {
                let mut request = Request::post(format!("/do/{}", rule.path))
                    .header(header::COOKIE, &cookie)
                    .header("sec-fetch-site", "same-origin")
                    .header(header::ACCEPT, accept);
                if let Some(kind) = kind {
                    request = request.header(header::CONTENT_TYPE, *kind);
                }
                let answer = app.send(request.body(Body::from(body.clone())).unwrap()).await;
                sound(&answer, &format!("{what} to {}", rule.path));
            }
        }
        if !takes_any(rule) {
            assert_eq!(app.writes().await, before, "{} wrote", rule.path);
        }
    }
}

#[tokio::test]
async fn hostile_headers_are_ignored_or_refused() {
    let app = TestApp::new().await;
    app.tenant().await;
    let names = [
        "authorization",
        "cookie",
        "referer",
        "origin",
        "accept",
        "accept-language",
        "accept-encoding",
        "user-agent",
        "host",
        "x-forwarded-for",
        "x-forwarded-host",
        "last-event-id",
        "idempotency-key",
        "range",
        "if-none-match",
        "content-length",
        "sec-fetch-site",
        "sec-fetch-mode",
        "sec-fetch-dest",
        "x-tenant-id",
        "traceparent",
    ];
    let values: Vec<Vec<u8>> = hostile()
        .into_iter()
        .map(|(_, text)| text.into_bytes())
        .chain([
            b"Bearer slw_\xff\xfe".to_vec(),
            b"sid=AAAAAAAAAAAAAAAAAAAAAA; theme=\"><script>".to_vec(),
            b"sid=\xff".to_vec(),
        ])
        .collect();
    let before = app.written().await;
    let paths = ["/login", "/health", "/me", "/api/v1/provisioning/jobs", "/api/openapi.json", "/nothing/here"];
    for name in names {
        for value in &values {
            let Ok(value) = header::HeaderValue::from_bytes(value) else { continue };
            for path in paths {
                for request in [Request::get(path), Request::post(path)] {
                    let answer = app.send(request.header(name, &value).body(Body::empty()).unwrap()).await;
                    sound(&answer, &format!("{name}: {value:?} to {path}"));
                    assert!(!answer.location.contains("evil"), "{name} to {path} leads to {}", answer.location);
                }
            }
        }
    }
    assert_eq!(app.written().await, before);
}
