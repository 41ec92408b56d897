//! Nothing that is stored can become markup. A text that tries to break out of titles, text areas and attributes
//! is put into every database column that takes it. Then everything that the product shows is parsed as a browser
//! parses it, and no element or attribute of that text may exist.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::page::ListQuery;
use domain::permission::{EndpointKind, TOKEN_SCOPES};
use domain::{BusinessId, JobId};
use futures::StreamExt;
use simulator::Handle;
use store::provisioning::testing as clock;
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::authorisation::{address, opened};
use crate::conversations::fill;
use crate::helpers::{Answer, CLIENT_SECRET, Tenant, TestApp, master};
use crate::markup::{TEXTS, markup, markup_and_text};
use crate::unplanted_columns::LEFT_ALONE;
use crate::{planted_conversations, planted_mails, planted_routes, refilled_forms};

/// The demo world with an object of every kind, and the people who may look at it.
pub struct World {
    _sim: Handle,
    /// The server.
    pub app: Arc<TestApp>,
    /// The demo agency.
    pub tenant: Tenant,
    jobs: Vec<JobId>,
    clients: Vec<BusinessId>,
    /// Who looks: a word for the person, and the cookie of their session.
    pub people: Vec<(&'static str, Option<String>)>,
    links: Vec<String>,
    token: String,
}

impl World {
    async fn new() -> Self {
        let sim_handle = Handle::start_with(|config| {
            config.frozen = true;
            config.client_secret = CLIENT_SECRET.to_owned();
        })
        .await
        .unwrap();
        let app = TestApp::beside(&sim_handle, &master()).await;
        let other = app.tenant().await;
        let admin = app.sign_in(app.person(Role::SuperAdmin, &other).await).await;
        let seeded = app.submit("seed_demo", "", Some(&admin)).await;
        assert_eq!(seeded.status, StatusCode::OK, "{}", seeded.body);
        let mut tenant = harbor(&app).await;
        let person = app.person(Role::AgencyOwner, &tenant).await;
        let owner = app.sign_in(person).await;
        add(&app, &tenant, &owner).await;
        let (base, sim) = (&app.base, &sim_handle);
        worker::testing::run_until_idle(
            &app.worker,
            || clock::until_next(base),
            |by: Duration| async move {
                sim.advance(by);
                clock::advance(base, by).await;
            },
        )
        .await;
        done(&app, &tenant, &owner, "start_job", &order("Cove Dental", "1234509876")).await;
        app.base.execute(BEGINS).await;
        app.base.execute(ASKS).await;
        let links = links(&app, &tenant, &owner).await;
        fill(&app, &mut tenant, person).await.goes_on(&app).await;
        let (jobs, clients) = named(&app, &tenant).await;
        let mut people = vec![("nobody", None), ("super admin", Some(admin)), ("owner", Some(owner))];
        for (who, role) in [
            ("support", Role::Support),
            ("staff", Role::AgencyStaff),
            ("business owner", Role::BusinessOwner),
            ("team member", Role::TeamMember),
        ] {
            people.push((who, Some(app.sign_in(app.person(role, &tenant).await).await)));
        }
        let token = app.token(&tenant, &TOKEN_SCOPES).await;
        let app = Arc::new(app);
        Self { _sim: sim_handle, app, tenant, jobs, clients, people, links, token }
    }

    /// All of these people.
    fn readers(&self) -> impl Iterator<Item = Reader> {
        self.people.iter().map(|&(who, ref cookie)| Reader { app: self.app.clone(), who, cookie: cookie.clone() })
    }

    /// Every address to request: each page for each job and client, with the query parameters that jobs take.
    fn addresses(&self) -> BTreeSet<String> {
        let jobs = self.jobs.iter().map(|job| Tenant { job: *job, ..self.tenant });
        let clients = self.clients.iter().map(|business| Tenant { business: *business, ..self.tenant });
        let pages: BTreeSet<String> =
            jobs.chain(clients).flat_map(|tenant| pages(&tenant)).chain(pages(&self.tenant)).collect();
        let tabs = ["tab=diagnose", "tab=input", "tab=output", "tab=calls", "all=1", "q=b&all=1", "with=1"];
        let jobs = self
            .jobs
            .iter()
            .flat_map(|job| tabs.map(|tab| format!("/a/{}/provisioning/{job}?{tab}", self.tenant.agency)));
        let open = ["/login", "/setup", "/forgot", "/login/code", "/nothing", "/a/nothing"].map(str::to_owned);
        let typed = format!("/login?next={}", serde_urlencoded::to_string([("x", TEXTS[0])]).unwrap());
        pages.into_iter().chain(jobs).chain(open).chain(self.links.iter().cloned()).chain([typed]).collect()
    }

    /// These pages with what lists are asked for. Which job or client an address names makes no difference to that, so those
    /// of one are enough.
    fn asked(&self, open: &[String]) -> Vec<String> {
        let own: BTreeSet<String> = pages(&self.tenant).into_iter().collect();
        let asked = ["?q=b", "?view=trash", "?q=%3Cb%2Fdata-x%3E"];
        let lists = open.iter().filter(|page| own.contains(*page));
        lists.flat_map(|page| asked.map(|asked| format!("{page}{asked}"))).collect()
    }
}

/// Every page of this tenant that needs a sign-in.
fn pages(tenant: &Tenant) -> Vec<String> {
    opened().filter(|rule| rule.kind == EndpointKind::Page).map(|rule| address(rule, tenant)).collect()
}

/// The demo agency, its first client and its first job.
async fn harbor(app: &TestApp) -> Tenant {
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let agency = store::agencies::find_ref(&mut tx, "harbor").await.unwrap().unwrap().id;
    let mut tenant = app.tenant().await;
    tenant.agency = agency;
    let (jobs, clients) = named(app, &tenant).await;
    Tenant { business: clients[0], job: jobs[0], ..tenant }
}

/// Some of the agency's jobs and clients: at most 12 and 4.
async fn named(app: &TestApp, tenant: &Tenant) -> (Vec<JobId>, Vec<BusinessId>) {
    let scope =
        Scope::Agency { user: None, agency: tenant.agency, reach: domain::identity::Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let query = ListQuery { limit: 12, ..ListQuery::default() };
    let jobs = store::provisioning::list(&mut tx, &query).await.unwrap().rows.iter().map(|job| job.id).collect();
    let clients =
        store::businesses::list(&mut tx, &query).await.unwrap().rows.iter().take(4).map(|one| one.id).collect();
    (jobs, clients)
}

/// Adds objects that the demo world lacks.
async fn add(app: &TestApp, tenant: &Tenant, owner: &str) {
    let made: [(&str, &[(&str, &str)]); 6] = [
        ("make_role", &[("name", "Night shift"), ("rights[]", "clients.read")]),
        ("create_token", &[("name", "Sign-up form"), ("provisioning", "on"), ("once", "0123456789")]),
        ("invite_colleague", &[("email", "new@x.test"), ("role", "agency_staff")]),
        ("start_job", &order("Bay Dental", "9876543210")),
        ("save_view", &[("list", "jobs"), ("name", "Late jobs"), ("query", "view=failed"), ("shared", "on")]),
        ("check_job", &[("draft", "0197a000-0000-7000-8000-000000000001"), ("/client/name", "Cove Dental")]),
    ];
    for (operation, fields) in made {
        done(app, tenant, owner, operation, fields).await;
    }
}

/// The form of a new client.
const fn order<'a>(name: &'a str, once: &'a str) -> [(&'a str, &'a str); 9] {
    [
        ("/client/name", name),
        ("/client/email", "bay@x.test"),
        ("/client/country", "US"),
        ("/client/timezone", "America/New_York"),
        ("/tags", "vip"),
        ("/custom_values/0/name", "Link"),
        ("/custom_values/0/value", "https://x.test"),
        ("once", once),
        ("create_anyway", "on"),
    ]
}

async fn done(app: &TestApp, tenant: &Tenant, owner: &str, operation: &str, fields: &[(&str, &str)]) {
    let answer = app.submit_in(tenant.agency, operation, fields, owner).await;
    assert!(
        answer.status.is_success() || answer.status.is_redirection(),
        "{operation}: {} {}",
        answer.status,
        answer.body
    );
}

/// Puts the newest job in progress.
const BEGINS: &str = "update provisioning_jobs set status = 'IN_PROGRESS'
  where id = (select id from provisioning_jobs order by created_at desc, id desc limit 1)";

/// Makes that job ask for the client's phone number.
const ASKS: &str = r#"update provisioning_jobs set status = 'AWAITING_INPUT', current_step = 'VALIDATE_CLIENT', question_json =
  '{"step":"VALIDATE_CLIENT","kind":"fix_input","what":"HighLevel refused the phone number","effect":"Nothing was created.",
    "ask":"Which number is right?","fields":[{"pointer":"/input/phone","detail":"Use the international form."}]}'
  where id = (select id from provisioning_jobs order by created_at desc, id desc limit 1)"#;

/// Addresses of pages behind working one-time links.
async fn links(app: &TestApp, tenant: &Tenant, owner: &str) -> Vec<String> {
    let mails = planted_mails::mails(app).into_iter();
    let mails: String = mails.map(|mail| String::from_utf8(mail).unwrap()).collect();
    let mails = mails.replace("=\r\n", "");
    let mut links: Vec<String> = mails
        .split("http://127.0.0.1:3000")
        .skip(1)
        // A link ends at a space in the text of a mail, and at a quote or a tag in its HTML.
        .map(|rest| rest.split(|end: char| end.is_whitespace() || "\"<>".contains(end)).next().unwrap_or_default())
        .map(str::to_owned)
        .filter(|path| path.starts_with("/invite/") || path.starts_with("/password/"))
        .collect();
    assert!(!links.is_empty(), "the invitation's mail");
    // A job that waits for an answer lets its client answer.
    let (jobs, _) = named(app, tenant).await;
    for job in jobs {
        let form = [("agency", tenant.agency.to_string()), ("id", job.to_string())];
        app.submit("make_answer_link", &serde_urlencoded::to_string(form).unwrap(), Some(owner)).await;
        let page = app.browse(&format!("/a/{}/provisioning/{job}", tenant.agency), Some(owner)).await.body;
        if let Some((_, rest)) = page.split_once("http://127.0.0.1:3000/answer/") {
            let token: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            links.push(format!("/answer/{token}"));
            break;
        }
    }
    links
}

/// Asserts that nothing of the text is markup, in every kind of answer. Returns whether a page shows it.
pub fn judge(answer: &Answer, what: &str) -> bool {
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = header(header::CONTENT_TYPE);
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{what}");
    let html = kind.starts_with("text/html");
    let plain = ["application/json", "application/problem+json", "text/plain", "text/event-stream"];
    assert!(html || kind.is_empty() || plain.iter().any(|one| kind.starts_with(one)), "{what}: {kind}");
    if !html {
        return false;
    }
    let (found, shown) = markup_and_text(&answer.body);
    assert!(found.is_empty(), "{what}: {found:#?}");
    shown
}

/// A person who opens pages.
struct Reader {
    app: Arc<TestApp>,
    who: &'static str,
    cookie: Option<String>,
}

impl Reader {
    /// Those of these addresses at which a page opens.
    async fn open(self, addresses: Arc<BTreeSet<String>>) -> Vec<String> {
        let mut open = Vec::new();
        for address in addresses.iter() {
            let answer = self.app.browse(address, self.cookie.as_deref()).await;
            assert!(answer.status.as_u16() < 500, "{} at {address}: {}", self.who, answer.status);
            if answer.status == StatusCode::OK {
                open.push(address.clone());
            }
        }
        open
    }

    /// The pages that show the text, and a line for each that breaks by it.
    async fn read(self, addresses: Vec<String>) -> (BTreeSet<String>, Vec<String>) {
        let (mut shown, mut broken) = (BTreeSet::new(), Vec::new());
        for address in addresses {
            let what = format!("{} at {address}", self.who);
            let answer = self.app.browse(&address, self.cookie.as_deref()).await;
            if answer.status.as_u16() >= 500 {
                let begin: String = answer.body.chars().take(400).collect();
                broken.push(format!("{what}: {} {begin}", answer.status));
            }
            if judge(&answer, &what) {
                shown.insert(address.split(['?']).next().unwrap_or_default().to_owned());
            }
        }
        (shown, broken)
    }
}

/// Runs tasks at the same time, on all cores.
async fn spread<T: Send + 'static>(tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    futures::future::try_join_all(tasks.map(tokio::spawn)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_stored_becomes_markup() {
    let world = World::new().await;
    let app = &world.app;
    let addresses = Arc::new(world.addresses());
    // A page that is shown before planting must also be shown afterwards; otherwise the test would check empty
    // pages.
    let open = spread(world.readers().map(|reader| reader.open(addresses.clone()))).await;
    let count: usize = open.iter().map(Vec::len).sum();
    assert!(count > 150 && world.links.iter().any(|link| link.starts_with("/answer/")), "{count}");

    let left_alone: Vec<&str> = LEFT_ALONE.iter().map(|(column, _)| *column).collect();
    let planted = app.base.plant(&TEXTS, &left_alone).await;
    let reached: Vec<_> = planted.iter().filter(|one| one.rows > 0).collect();
    assert!(reached.len() > 60, "{planted:#?}");

    let open = open.into_iter().map(|open| [world.asked(&open), open].concat());
    let read = spread(world.readers().zip(open).map(|(reader, open)| reader.read(open))).await;
    let (shown, broken): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let shown: BTreeSet<String> = shown.into_iter().flatten().collect();
    let broken: Vec<String> = broken.into_iter().flatten().collect();
    assert!(broken.is_empty(), "pages that a text breaks: {broken:#?}\n{planted:#?}");
    assert!(shown.len() > 20, "where it can be read: {shown:#?}");
    for page in planted_conversations::pages(&world.tenant) {
        assert!(shown.contains(page.as_str()), "{page} shows nothing of it: {shown:#?}");
    }
    previews(&world).await;
    programs(&world).await;
    planted_routes::check(&world).await;
    refilled_forms::check(&world).await;
    planted_conversations::check(&world).await;
    planted_mails::judge(&world).await;
}

/// Checks the parts of pages that scripts request.
async fn previews(world: &World) {
    let (app, agency) = (&world.app, world.tenant.agency.to_string());
    let business = world.tenant.business.to_string();
    let previews =
        [("find", "owner"), ("find_in_business", "owner"), ("find_platform", "super admin"), ("check_job", "owner")];
    for (operation, who) in previews {
        let cookie = world.people.iter().find(|(name, _)| *name == who).unwrap().1.as_deref();
        for text in ["b", TEXTS[0], TEXTS[2]] {
            let tenant = if operation == "find_in_business" { ("business", &business) } else { ("agency", &agency) };
            let tenant = (tenant.0, tenant.1.as_str());
            let form = [tenant, ("q", text), ("/client/name", text), ("/client/country", "US")];
            let answer = app.submit(operation, &serde_urlencoded::to_string(form).unwrap(), cookie).await;
            judge(&answer, operation);
            if let Ok(piece) = serde_json::from_str::<String>(&answer.body) {
                assert!(markup(&piece).is_empty(), "{operation}: {:#?}", markup(&piece));
            }
        }
    }
}

/// Checks the answers for API clients and downloads: never a page, and declared as what they are.
async fn programs(world: &World) {
    let app = &world.app;
    let owner = world.people.iter().find(|(name, _)| *name == "owner").unwrap().1.as_deref();
    let job = world.tenant.job;
    let log = app.browse(&format!("/a/{}/provisioning/{job}/log", world.tenant.agency), owner).await;
    assert_eq!(log.status, StatusCode::OK, "{}", log.body);
    assert!(log.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain"));
    assert!(log.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    judge(&log, "the log of a job");
    for state in ["figures".to_owned(), "connections/state".to_owned(), format!("provisioning/{job}/state?all=1")] {
        let answer = app.browse(&format!("/a/{}/{state}", world.tenant.agency), owner).await;
        assert_eq!(answer.status, StatusCode::OK, "{state}: {}", answer.body);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json", "{state}");
        judge(&answer, &state);
    }
    let base = "/api/v1/provisioning/jobs";
    let lists = [
        "/api/v1/phone-routes",
        "/api/v1/webhook-endpoints",
        "/api/v1/webhook-deliveries",
        "/api/v1/snapshots",
        "/api/v1/businesses",
        "/api/v1/todos",
        "/api/v1/sub-accounts/importable",
    ];
    let lists = lists.map(str::to_owned);
    for path in [base.to_owned(), format!("{base}/{job}")].into_iter().chain(lists) {
        let request = Request::get(&path)
            .header(header::AUTHORIZATION, format!("Bearer {}", world.token))
            // Even for a client that prefers a page.
            .header(header::ACCEPT, "text/html");
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert!(answer.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("application/json"), "{path}");
        assert!(answer.body.contains("<b/data-x"), "{path} shows it as text: {}", answer.body);
        judge(&answer, &path);
    }
    for (path, auth, cookie) in [
        (format!("{base}/{job}/events"), Some(&world.token), None),
        (format!("/a/{}/live", world.tenant.agency), None, owner),
    ] {
        let mut request = Request::get(&path).header("last-event-id", uuid::Uuid::nil().to_string());
        request = auth
            .iter()
            .fold(request, |request, token| request.header(header::AUTHORIZATION, format!("Bearer {token}")));
        request = cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie));
        let answer = app.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream", "{path}");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        let first = answer.into_body().into_data_stream().next().await.unwrap().unwrap();
        assert!(first.starts_with(b"event: "), "{path}: {first:?}");
    }
}
