//! What do tests of the whole server stand on: the real router over a database of its own, and people to send to it.

use std::net::SocketAddr;

use app::session::Proof;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::identity::Role;
use domain::provisioning::{Client, NewJob};
use domain::{AgencyId, BusinessId, JobId, UserId};
use http_body_util::BodyExt;
use slipway::compose::{self, Core};
use slipway::config::{Config, Source};
use slipway::{outward, pages, session};
use store::sessions::NewSession;
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::vault::{Keyring, Vault};
use store::{Db, DbRole};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tower_sessions::session::Id;

/// The server in this process.
pub struct TestApp {
    /// Its database.
    pub base: TestDb,
    /// Connections of its pages.
    pub db: Db,
    router: Router,
}

/// An answer, read to its end.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Where it sends the browser, if anywhere.
    pub location: String,
    /// Body as text.
    pub body: String,
    /// Headers.
    pub headers: HeaderMap,
}

/// An agency with a business, a job and a member of every role.
pub struct Tenant {
    /// The agency.
    pub agency: AgencyId,
    /// Its business.
    pub business: BusinessId,
    /// Its job.
    pub job: JobId,
}

impl TestApp {
    /// Starts it over an empty, migrated database.
    pub async fn new() -> Self {
        let base = TestDb::new().await;
        let db = base.db(DbRole::Web).await;
        let router = router(&db, &base.db(DbRole::Worker).await).await;
        Self { base, db, router }
    }

    /// A tenant with one of everything an address can name.
    pub async fn tenant(&self) -> Tenant {
        let agency = self.base.agency().await;
        let business = self.base.business(agency).await;
        let scope = Scope::Agency { user: None, agency, reach: domain::identity::Reach::All, listed: Vec::new() };
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
        Tenant { agency, business, job: started.job }
    }

    /// Somebody with this role in this tenant.
    pub async fn person(&self, role: Role, tenant: &Tenant) -> UserId {
        self.base.person(role, Some(tenant.agency), Some(tenant.business)).await
    }

    /// A living session of a person, as the cookie their browser sends.
    pub async fn sign_in(&self, user: UserId) -> String {
        let id = Id::default();
        let proof = Proof { at: Some(app::clock::now()), ..Proof::by_password(user, true) };
        let data = serde_json::json!({ app::session::PROOF: proof });
        let hour = std::time::Duration::from_secs(3600);
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
        format!("sid={id}")
    }

    /// Sends a request as it stands.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        // An event stream never ends: its first bytes are enough.
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

    /// Opens a page.
    pub async fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        self.send(with_cookie(Request::get(path), cookie).body(Body::empty()).unwrap()).await
    }

    /// Calls a server function as a script of our own page would.
    pub async fn deed(&self, name: &str, form: &str, cookie: Option<&str>) -> Answer {
        let request = with_cookie(Request::post(format!("/do/{name}")), cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "application/json")
            .header(
                header::CONTENT_TYPE,
                if form.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" },
            )
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.send(request).await
    }
}

/// The real router over these connections.
pub async fn router(db: &Db, worker: &Db) -> Router {
    let source = Source::given(&[
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
    ]);
    let config = Config::read(&source).unwrap();
    let tasks = TaskTracker::new();
    let keyring = Keyring::parse(&hex::encode(rand::random::<[u8; 32]>()).into()).unwrap();
    let vault = Vault::start(worker, keyring).await.unwrap();
    let (http, calls) = outward::client(&config, worker, &tasks).unwrap();
    let settings = ghl::Settings {
        base: config.ghl.base.clone(),
        marketplace: config.ghl.marketplace.clone(),
        client_id: "app-x".to_owned(),
        client_secret: config.ghl.client_secret.clone(),
        app_id: "app".to_owned(),
    };
    let mailer = mail::Mailer::folder(std::env::temp_dir().join("slipway-test-mail"), "Slipway <a@b.test>").unwrap();
    let core = Core { db: db.clone(), vault, ghl: ghl::Ghl::new(http, settings), mailer, calls };
    let shared = compose::shared(&config, &core, CancellationToken::new(), tasks).await.unwrap();
    pages::router(shared, &config)
}

fn with_cookie(request: Builder, cookie: Option<&str>) -> Builder {
    match cookie {
        Some(cookie) => request.header(header::COOKIE, cookie),
        None => request,
    }
}
