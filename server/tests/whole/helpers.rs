//! Helpers for tests of the whole server: the real router on its own database, and people who send requests to it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use domain::UserId;
use domain::identity::{Reach, Role};
use domain::provisioning::{Client, NewJob};
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use slipway::http::session;
use store::sessions::NewSession;
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::vault::Vault;
use store::{Db, DbRole};
use tower::ServiceExt;
use tower_sessions::session::Id;
use web::session::Proof;

use crate::conversations::data;
pub use crate::in_process::{master, process, router};
use crate::in_process::{serve, settings};
pub use crate::tenant::Tenant;

/// The tables in which any request leaves a trace.
const TRACES: [&str; 9] = [
    "sessions",
    "auth_throttles",
    "rate_windows",
    "request_counts",
    "audit_events",
    "audit_links",
    "audit_pending",
    "api_tokens",
    "outbox_events",
];

/// The server in this process.
pub struct TestApp {
    /// Its database.
    pub base: TestDb,
    /// Database connections of its pages.
    pub db: Db,
    /// Decrypts what the server encrypted.
    pub vault: Vault,
    /// Its background work, which runs only when a test asks for it.
    pub worker: worker::Worker,
    /// The folder with its mails.
    pub mails: PathBuf,
    router: Router,
    master: String,
}

/// A complete answer.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// The redirect target; empty if there is none.
    pub location: String,
    /// Body as text.
    pub body: String,
    /// Headers.
    pub headers: HeaderMap,
}

impl Answer {
    /// The session cookie that the answer sets, as the browser then sends it; `None` if it sets none.
    pub fn cookie(&self) -> Option<String> {
        self.cookie_named("sid")
    }

    /// The same for any cookie.
    pub fn cookie_named(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = set.filter_map(|set| set.split(';').next());
        pairs.find(|pair| pair.starts_with(&format!("{name}="))).map(ToOwned::to_owned)
    }
}

impl TestApp {
    /// Starts a server on an empty, migrated database.
    pub async fn new() -> Self {
        let master = master();
        Self::with(&settings(&master)).await
    }

    /// A server that uses the simulator, which knows `CLIENT_SECRET`.
    pub async fn beside(sim: &simulator::Handle, master: &str) -> Self {
        let (base, defaults) = (sim.base_url(), simulator::defaults());
        let white_label = sim.white_label_url();
        Self::with(&[
            ("GHL_BASE_URL", &base),
            ("GHL_MARKETPLACE_URL", &base),
            ("GHL_WHITELABEL_URL", &white_label),
            ("GHL_CLIENT_ID", &defaults.client_id),
            ("GHL_CLIENT_SECRET", CLIENT_SECRET),
            ("GHL_APP_ID", &defaults.app_id),
            ("ENCRYPTION_KEY", master),
        ])
        .await
    }

    /// A server with an app at a Meta that does not answer.
    pub async fn with_meta() -> Self {
        let master = master();
        Self::with(&[
            ("ENCRYPTION_KEY", &master),
            ("META_APP_ID", "990000000000001"),
            ("META_APP_SECRET", "secret-of-the-app-at-meta"),
            ("META_WEBHOOK_VERIFY_TOKEN", "token-of-the-webhooks"),
            ("META_GRAPH_URL", "http://127.0.0.1:9"),
        ])
        .await
    }

    /// A server whose pages have one database connection.
    pub async fn with_one_connection() -> Self {
        Self::sized(&settings(&master()), 1).await
    }

    /// The same with other settings, which must include a master key.
    pub async fn with(settings: &[(&'static str, &str)]) -> Self {
        Self::sized(settings, 5).await
    }

    async fn sized(settings: &[(&'static str, &str)], connections: u32) -> Self {
        let base = TestDb::new().await;
        let db = base.sized(DbRole::Web, connections).await;
        let mails = scratch(base.name());
        let served = serve(&db, &base.db(DbRole::Worker).await, settings, &mails).await;
        let master = settings.iter().find(|(name, _)| *name == "ENCRYPTION_KEY").unwrap().1.to_owned();
        Self { base, db, vault: served.vault, worker: served.worker, mails, router: served.router, master }
    }

    /// The router of a second process on the same database.
    pub async fn second(&self) -> Router {
        let work = self.base.db(DbRole::Worker).await;
        serve(&self.db, &work, &settings(&self.master), &self.mails).await.router
    }

    /// The router of a production process on the same database.
    pub async fn in_production(&self) -> Router {
        let work = self.base.db(DbRole::Worker).await;
        let settings = [
            ("SLIPWAY_ENV", "production"),
            ("PUBLIC_URL", "https://app.example"),
            ("DATABASE_URL", "postgres://nowhere/x"),
            ("ENCRYPTION_KEY", self.master.as_str()),
            ("SMTP_URL", "folder"),
        ];
        serve(&self.db, &work, &settings, &self.mails).await.router
    }

    /// An API token of the tenant's agency with these scopes, created on the server.
    pub async fn token(&self, tenant: &Tenant, scopes: &[&str]) -> String {
        self.token_by(None, tenant, scopes).await
    }

    /// The same, created by a person.
    pub async fn token_by(&self, user: Option<UserId>, tenant: &Tenant, scopes: &[&str]) -> String {
        let agency = Scope::Agency { user, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.db, agency).await.unwrap();
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = store::api_tokens::NewToken { name: "test".to_owned(), scopes, expires_at: None };
        let (_, secret) = store::api_tokens::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        secret.expose_secret().to_owned()
    }

    /// A tenant with one of every object that an address can name.
    pub async fn tenant(&self) -> Tenant {
        let agency = self.base.agency().await;
        let business = self.base.business(agency).await;
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.db, scope).await.unwrap();
        let order = NewJob {
            client: Client {
                name: "Bright Dental".to_owned(),
                email: "owner@bright.test".to_owned(),
                country: "US".to_owned(),
                timezone: "America/New_York".to_owned(),
                ..Client::default()
            },
            ..NewJob::default()
        };
        let started = store::provisioning::start(&mut tx, &order.check().unwrap(), None).await.unwrap();
        tx.commit().await.unwrap();
        Tenant::bare(agency, business, started.job)
    }

    /// A new person with this role in this tenant.
    pub async fn person(&self, role: Role, tenant: &Tenant) -> UserId {
        self.base.person(role, Some(tenant.agency), Some(tenant.business)).await
    }

    /// A valid session of a person, as the cookie that the browser sends.
    pub async fn sign_in(&self, user: UserId) -> String {
        self.signed_in(user, chrono::TimeDelta::zero()).await
    }

    /// The same for somebody whose last proof of identity is this old.
    pub async fn signed_in(&self, user: UserId, ago: chrono::TimeDelta) -> String {
        let id = Id::default();
        let proof = Proof { at: Some(web::clock::now() - ago), ..Proof::by_password(user, true) };
        let data = serde_json::json!({ web::session::PROOF: proof });
        let hour = Duration::from_secs(3600);
        let new = NewSession {
            hash: session::hash(&id),
            user: Some(user),
            data: &data,
            idle: hour,
            absolute: hour,
            ip: None,
            user_agent: None,
        };
        assert!(store::sessions::create(&self.db, &new).await.unwrap());
        // The person was active a moment ago, so the next request does not record it again.
        store::sessions::touch(&self.db, new.hash, user).await.unwrap();
        format!("sid={id}")
    }

    /// Sends a request unchanged and leaves its answer unread: a stream continues until it is dropped.
    pub async fn open(&self, mut request: Request<Body>) -> Response {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request unchanged and reads its answer.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.open(request).await.into_parts();
        // An event stream never ends, so only its first bytes are read.
        let stream = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let body = if stream {
            String::new()
        } else {
            String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned()
        };
        let location =
            parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Answer { status: parts.status, location, body, headers: parts.headers }
    }

    /// The contents of every table that a refused request must leave alone: all except those in which any request
    /// leaves a trace.
    pub async fn written(&self) -> BTreeMap<String, String> {
        let tables = self.base.contents().await.into_iter();
        tables.filter(|(table, _)| !TRACES.contains(&table.as_str())).collect()
    }

    /// How many rows of each of these tables were written since this was asked for the first time: as strict as their
    /// contents, and quick enough to be asked after every request.
    pub async fn writes(&self) -> BTreeMap<String, i64> {
        let tables = self.base.writes().await.into_iter();
        tables.filter(|(table, _)| !TRACES.contains(&table.as_str())).collect()
    }

    /// Makes the waits of whoever tried too often long, so that none ends while the test runs.
    pub async fn lengthen_waits(&self) {
        let long =
            "update auth_throttles set blocked_until = now() + interval '10 minutes' where blocked_until is not null";
        self.base.execute(long).await;
    }

    /// Opens a page.
    pub async fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        self.send(with_cookie(Request::get(path), cookie).body(Body::empty()).unwrap()).await
    }

    /// Opens an address as a browser does when it navigates there.
    pub async fn browse(&self, path: &str, cookie: Option<&str>) -> Answer {
        let request = with_cookie(Request::get(path), cookie).header(header::ACCEPT, "text/html,*/*;q=0.8");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form of the page `from` as a browser does.
    pub async fn post(&self, name: &str, form: &str, from: &str, cookie: &str) -> Answer {
        let request = Request::post(format!("/do/{name}"))
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, format!("http://127.0.0.1:3000{from}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Calls a server function as a script of our own page would.
    pub async fn submit(&self, name: &str, form: &str, cookie: Option<&str>) -> Answer {
        let request = with_cookie(Request::post(format!("/do/{name}")), cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, form_type(form))
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.send(request).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.mails);
        let _ = std::fs::remove_dir_all(data(&self.mails));
    }
}

/// The type of a form. One that begins with the boundary `x` has files.
pub fn form_type(form: &str) -> &'static str {
    let has_files = form.starts_with("--x\r\n");
    if has_files { "multipart/form-data; boundary=x" } else { "application/x-www-form-urlencoded" }
}

/// A folder for one test; `name` must be unique on this machine.
pub fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("slipway-test-{name}"))
}

/// Polls until there is a value. Panics if there never is one.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(180), found).await.unwrap_or_else(|_| panic!("{what} never came"))
}

/// An address at which another process may listen. Its port lies below those that the system gives away by itself, so no
/// connection takes it until the process listens.
pub fn free() -> SocketAddr {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 20_000;
    const PORTS: u16 = 10_000;
    let own = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap();
    loop {
        let port = FIRST + own.wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(at).is_ok() {
            return at;
        }
    }
}

/// The client secret that the simulator and the server share in these tests.
pub const CLIENT_SECRET: &str = "canary-client-secret-4711-0815";

fn with_cookie(request: Builder, cookie: Option<&str>) -> Builder {
    match cookie {
        Some(cookie) => request.header(header::COOKIE, cookie),
        None => request,
    }
}
