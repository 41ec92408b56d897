//! Where secrets end up. Somebody signs in, connects, provisions, connects a channel, creates a token and invites a
//! colleague, and an AI agent calls every tool; then everything that the product stored or said is read, and it must contain
//! none of the secrets.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::{Reach, Role};
use domain::permission::{EndpointKind, Needs, POLICY};
use domain::{ChannelChoiceId, ConversationId, UserId};
use secrecy::ExposeSecret;
use serde_json::json;
use simulator::{Handle, demo};
use store::tenant::{Scope, TenantTx};
use tracing_subscriber::fmt::MakeWriter;
use url::Url;

use crate::conversations::{Inbox, account, choice};
use crate::health_and_metrics::FIGURES;
use crate::helpers::{Answer, CLIENT_SECRET, Tenant, TestApp, master, until};
use crate::secret_scanner::{Canary, Sink, found};
use crate::tools_access::{post, token_of};

const PASSWORD: &str = "nine canaries leave at dawn";
const PIT: &str = "pit-ca9a41e5-0000-4000-8000-00000000ca9a";
const META_SECRET: &str = "canary-meta-secret-4711-0815";
const META_VERIFY_TOKEN: &str = "canary-verify-token-4711-0815";
const MODEL_KEY: &str = "canary-model-key-4711-0815";
const META_CODE: &str = "AQDcanary4711ofAConsentAtMeta";
const CHANNEL_TOKENS: [&str; 2] = ["EAAcanary4711ofAChannelThatWasChosen", "EAAcanary0815ofAChoiceThatIsOpen"];

/// Collects the lines of the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A server that uses the simulator, and has an app at a Meta and a language model that do not answer.
async fn beside(sim: &Handle, master: &str) -> TestApp {
    let (base, white_label, defaults) = (sim.base_url(), sim.white_label_url(), simulator::defaults());
    TestApp::with(&[
        ("GHL_BASE_URL", &base),
        ("GHL_MARKETPLACE_URL", &base),
        ("GHL_WHITELABEL_URL", &white_label),
        ("GHL_CLIENT_ID", &defaults.client_id),
        ("GHL_CLIENT_SECRET", CLIENT_SECRET),
        ("GHL_APP_ID", &defaults.app_id),
        ("ENCRYPTION_KEY", master),
        ("META_APP_ID", "990000000000001"),
        ("META_APP_SECRET", META_SECRET),
        ("META_WEBHOOK_VERIFY_TOKEN", META_VERIFY_TOKEN),
        ("META_GRAPH_URL", "http://127.0.0.1:9"),
        ("AI_PROVIDER", "anthropic"),
        ("AI_BASE_URL", "http://127.0.0.1:9"),
        ("AI_API_KEY", MODEL_KEY),
        ("AI_MODEL", "m"),
    ])
    .await
}

/// The test environment: a server, a simulator that knows its client secret, and everything that this thread logs.
struct World {
    app: TestApp,
    sim: Handle,
    tenant: Tenant,
    master: String,
}

impl World {
    async fn new() -> Self {
        let sim = Handle::start_with(|config| {
            config.frozen = true;
            config.client_secret = CLIENT_SECRET.to_owned();
        })
        .await
        .unwrap();
        let master = master();
        let app = beside(&sim, &master).await;
        let tenant = app.tenant().await;
        Self { app, sim, tenant, master }
    }

    /// Runs all background work; the test advances time itself.
    async fn work(&self) {
        let (db, sim) = (&self.app.base, &self.sim);
        worker::testing::run_until_idle(
            &self.app.worker,
            || store::provisioning::testing::until_next(db),
            |by: Duration| async move {
                sim.advance(by);
                store::provisioning::testing::advance(db, by).await;
            },
        )
        .await;
    }

    /// Signs in with the form and returns the cookie.
    async fn sign_in(&self, email: &str) -> String {
        let form = serde_urlencoded::to_string([("email", email), ("password", PASSWORD), ("next", "")]).unwrap();
        let answer = self.app.submit("sign_in", &form, None).await;
        cookie(&answer)
    }

    /// Every token of the agency in the vault, decrypted.
    async fn tokens(&self) -> Vec<String> {
        let scope = Scope::Agency { user: None, agency: self.tenant.agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.app.db, scope).await.unwrap();
        let company = store::integrations::company(&mut tx).await.unwrap().unwrap();
        let mut tokens = Vec::new();
        let opened = store::credentials::current(&mut tx, &self.app.vault, company.id, "test").await.unwrap().unwrap();
        tokens.push(opened.access.expose_secret().to_owned());
        tokens.extend(opened.refresh.map(|token| token.expose_secret().to_owned()));
        tokens
    }
}

fn cookie(answer: &Answer) -> String {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookie = set.filter_map(|text| text.split(';').next()).find(|text| text.starts_with("sid=")).unwrap();
    cookie.to_owned()
}

/// Every table with its whole contents, as text; bytes are hexadecimal.
pub async fn dump(app: &TestApp) -> Vec<Sink> {
    let tables = app.base.contents().await;
    tables.into_iter().map(|(table, text)| Sink::new(format!("table {table}"), text)).collect()
}

/// Every page, list and metric that these people and this API client may read.
async fn said(world: &World, cookies: &[String], lived: &Lived) -> Vec<Sink> {
    let app = &world.app;
    let mut sinks = Vec::new();
    for rule in
        POLICY.iter().filter(|rule| rule.kind != EndpointKind::ServerFunction && !rule.path.ends_with("/connect"))
    {
        let path = rule
            .path
            .replace("{agency}", &world.tenant.agency.to_string())
            .replace("{business}", &world.tenant.business.to_string())
            .replace("{conversation}", &lived.conversation.to_string())
            .replace("{choice}", &lived.choice.to_string())
            .replace("{token}", "nobody-has-this")
            .replace("{job}", &lived.job)
            .replace("{id}", &lived.job);
        // The others are read on a job's page alone.
        let queries = ["", "?tab=input", "?tab=output", "?tab=calls", "?all=1"];
        let queries = if rule.path.contains("{job}") { &queries[..] } else { &queries[..1] };
        for cookie in cookies {
            for query in queries {
                let mut answer = app.get(&format!("{path}{query}"), Some(cookie)).await;
                // The one header that is meant only for the browser that holds the session.
                answer.headers.remove(header::SET_COOKIE);
                sinks.push(Sink::new(format!("{path}{query}"), format!("{:?}{}", answer.headers, answer.body)));
            }
        }
        if matches!(rule.needs, Needs::Token(_)) {
            let request = Request::get(&path).header(header::AUTHORIZATION, format!("Bearer {}", lived.token));
            let answer = app.send(request.body(Body::empty()).unwrap()).await;
            sinks.push(Sink::new(format!("API {path}"), answer.body));
        }
    }
    sinks
}

/// What a person and an API client did, and the secrets that were used.
struct Lived {
    cookie: String,
    token: String,
    job: String,
    conversation: ConversationId,
    /// The accounts of a consent that wait for the person.
    choice: ChannelChoiceId,
    /// Secrets of links, which may be in their mails.
    links: Vec<Canary>,
    /// Secrets that may be nowhere.
    others: Vec<Canary>,
}

impl World {
    /// An admin signs in by a reset link, which is a secret while it works.
    async fn come_in(&self) -> (UserId, String, String) {
        let (app, admin) = (&self.app, self.app.person(Role::AgencyAdmin, &self.tenant).await);
        app.submit("request_reset", &format!("email={admin}%40example.test"), None).await;
        // The mail is queued in a task of its own.
        let sent = async || {
            app.send_mails().await;
            (!app.mailed().is_empty()).then_some(())
        };
        until("the mail", sent).await;
        let link = app.mailed_secret();
        let form = serde_urlencoded::to_string([("token", link.as_str()), ("password", PASSWORD)]).unwrap();
        assert_eq!(app.submit("set_password", &form, None).await.status, StatusCode::OK);
        let email = format!("{admin}@example.test");
        let wrong = serde_urlencoded::to_string([("email", email.as_str()), ("password", &PASSWORD[1..])]).unwrap();
        assert_eq!(app.submit("sign_in", &wrong, None).await.status, StatusCode::CONFLICT);
        (admin, link, self.sign_in(&email).await)
    }

    /// Answers a consent at Meta, whose code nobody exchanges, and lets Meta verify the address of its webhooks. Returns the
    /// state that was used.
    async fn meta(&self, cookie: &str) -> String {
        let verify = format!("hub.mode=subscribe&hub.challenge=4711&hub.verify_token={META_VERIFY_TOKEN}");
        assert_eq!(self.app.get(&format!("/api/webhooks/meta?{verify}"), None).await.body, "4711");
        let path = format!("/api/integrations/meta/connect?business={}&type=whatsapp", self.tenant.business);
        let consent = Url::parse(&self.app.get(&path, Some(cookie)).await.location).unwrap();
        let state = consent.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
        let path = format!("/api/integrations/meta/callback?code={META_CODE}&state={state}");
        for _ in 0..2 {
            let answer = self.app.get(&path, Some(cookie)).await;
            assert!(answer.location.ends_with("/integrations"), "{} {}", answer.status, answer.body);
        }
        state
    }

    /// Connects one channel by a consent, and leaves the choice of another consent open.
    async fn channels(&self, user: UserId, cookie: &str) -> ChannelChoiceId {
        let [chosen, left] = CHANNEL_TOKENS.map(|token| choice(&self.app, &self.tenant, user, token));
        let (chosen, left) = (chosen.await, left.await);
        let (business, account) = (self.tenant.business, account(&self.tenant));
        let form = format!("business={business}&choice={chosen}&account={account}");
        let answer = self.app.submit("choose_channel", &form, Some(cookie)).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{} {}", answer.status, answer.body);
        left
    }

    /// Connects the agency by consent. Returns the state and the code that were used.
    async fn connect(&self, cookie: &str) -> (String, String) {
        let path = format!("/api/integrations/ghl/connect?agency={}", self.tenant.agency);
        let consent = Url::parse(&self.app.get(&path, Some(cookie)).await.location).unwrap();
        let asked = |name: &str| consent.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let (state, redirect) = (asked("state"), asked("redirect_uri"));
        let code = self.sim.authorize(demo::HARBOR, &[demo::BRIGHT_DENTAL], &redirect).unwrap();
        let path = format!("/api/integrations/ghl/callback?code={code}&state={state}");
        let answer = self.app.get(&path, Some(cookie)).await;
        assert!(answer.location.ends_with("/connections"), "{} {}", answer.status, answer.body);
        // The repeated request gets the result of the first one, and that is logged.
        assert_eq!(self.app.get(&path, Some(cookie)).await.status, StatusCode::SEE_OTHER);
        (state, code)
    }

    /// Creates an API token and reads it from the page, which shows it once.
    async fn new_token(&self, cookie: &str) -> String {
        let agency = self.tenant.agency;
        let form = format!("agency={agency}&name=Canary&provisioning=on&snapshots=on&businesses=on");
        assert_eq!(self.app.submit("create_token", &form, Some(cookie)).await.status, StatusCode::OK);
        // Until the page is read, the token waits in the session's row, where nobody else can read it.
        let unread = dump(&self.app).await;
        let page = self.app.get(&format!("/a/{agency}/tokens"), Some(cookie)).await.body;
        let token: String =
            page[page.find("slw_").unwrap()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        assert_eq!(found(&[Canary::new("the unread token", &token)], &unread), Vec::<String>::new());
        token
    }

    /// Creates a client through the API.
    async fn provision(&self, token: &str) -> String {
        let body = json!({ "client": { "name": "Canary Dental", "email": "o@canary.example", "country": "US",
            "timezone": "America/New_York" }, "invite_owner": true });
        let request = Request::post("/api/v1/provisioning/jobs")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let answer = self.app.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let started: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        self.work().await;
        started["id"].as_str().unwrap().to_owned()
    }

    async fn live(&self) -> Lived {
        let (user, reset, cookie) = self.come_in().await;
        let (state, code) = self.connect(&cookie).await;
        let agency = self.tenant.agency;
        for token in [PIT, "pit-no"] {
            self.app.submit("add_private_token", &format!("agency={agency}&token={token}"), Some(&cookie)).await;
        }
        let token = self.new_token(&cookie).await;
        let job = self.provision(&token).await;
        let meta_state = self.meta(&cookie).await;
        let choice = self.channels(user, &cookie).await;
        let conversation = Inbox::new(&self.app, &self.tenant, user).await.conversation;
        let form = format!("agency={agency}&email=new%40canary.example&role=agency_staff");
        assert_eq!(self.app.submit("invite_colleague", &form, Some(&cookie)).await.status, StatusCode::OK);
        self.app.send_mails().await;
        let links =
            vec![Canary::new("the reset link", &reset), Canary::new("the invitation", &self.app.mailed_secret())];
        let mut others = vec![
            Canary::new("the password", PASSWORD),
            Canary::new("the session", cookie.trim_start_matches("sid=")),
            Canary::new("the API token", &token),
            Canary::new("the client secret", CLIENT_SECRET),
            Canary::new("the private token", PIT),
            Canary::new("the master key", &self.master),
            Canary::new("the OAuth state", &state),
            Canary::new("the OAuth code", &code),
            Canary::new("the secret of the Meta app", META_SECRET),
            Canary::new("the verification token", META_VERIFY_TOKEN),
            Canary::new("the key of the language model", MODEL_KEY),
            Canary::new("the state of a consent at Meta", &meta_state),
            Canary::new("the code of a consent at Meta", META_CODE),
        ];
        let tokens = self.tokens().await;
        assert_eq!(tokens.len(), 2, "an access and a refresh token");
        others.extend(tokens.iter().map(|token| Canary::new("a HighLevel token", token)));
        others.extend(CHANNEL_TOKENS.map(|token| Canary::new("a token of Meta", token)));
        Lived { cookie, token, job, conversation, choice, links, others }
    }
}

impl World {
    /// An AI agent of the client calls each tool, asked for nothing in particular. Returns all that it was answered, and the
    /// secrets by which it and its calls were let in.
    async fn tools(&self) -> (Vec<Sink>, Vec<Canary>) {
        let (app, tenant) = (&self.app, &self.tenant);
        let owner = app.person(Role::BusinessOwner, tenant).await;
        let secret = token_of(app, tenant, Some(owner), &["tools"]).await;
        let (agency, business) = (tenant.agency, tenant.business);
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
        store::businesses::set_location(&mut tx, business, demo::BRIGHT_DENTAL).await.unwrap();
        tx.commit().await.unwrap();
        // Calls are counted for all tests of the process.
        let _alone = FIGURES.lock().await;
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
        let mut sinks = vec![Sink::new("tools by MCP", post(app, "/mcp", &secret, list).await.body)];
        for tool in operations::tools::TOOLS.iter().copied().flatten() {
            let answer = post(app, &format!("/tools/{}", tool.name), &secret, json!({})).await;
            let is_done = answer.status == StatusCode::OK;
            assert!(is_done || tool.name != "list_contacts", "{} {}", answer.status, answer.body);
            sinks.push(Sink::new(format!("tool {}", tool.name), format!("{:?}{}", answer.headers, answer.body)));
        }
        let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
        let known = store::integrations::location(&mut tx, demo::BRIGHT_DENTAL).await.unwrap().unwrap();
        let opened = store::credentials::current(&mut tx, &app.vault, known.id, "test").await.unwrap().unwrap();
        let minted = Canary::new("the token of the sub-account", opened.access.expose_secret());
        (sinks, vec![Canary::new("the token of the AI agent", &secret), minted])
    }
}

/// Collects everything that is logged, at the finest level.
fn watch() -> (Lines, tracing::subscriber::DefaultGuard) {
    let all = Lines::default();
    let everything = tracing_subscriber::filter::LevelFilter::TRACE;
    let log = tracing_subscriber::fmt().json().with_max_level(everything).with_writer(all.clone()).finish();
    (all, tracing::subscriber::set_default(log))
}

/// The log lines of our own crates.
fn ours(log: &str) -> String {
    const OURS: [&str; 10] =
        ["app", "slipway", "operations", "store", "worker", "ghl", "meta", "outbound", "mail", "domain"];
    let is_ours = |line: &&str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let target = line["target"].as_str().unwrap_or_default();
        OURS.contains(&target.split("::").next().unwrap_or_default())
    };
    log.lines().filter(is_ours).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn no_secret_is_in_any_log_page_figure_mail_or_table() {
    let (log, watching) = watch();
    let world = World::new().await;
    let app = &world.app;
    let lived = world.live().await;
    let page = app.get(&format!("/a/{}/provisioning/{}", world.tenant.agency, lived.job), Some(&lived.cookie)).await;
    assert!(page.body.contains("is ready"), "the client was made");
    let platform = app.sign_in(app.person(Role::SuperAdmin, &world.tenant).await).await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &world.tenant).await).await;
    let (answers, agents) = world.tools().await;
    let mut sinks = said(&world, &[lived.cookie.clone(), platform, owner], &lived).await;
    sinks.extend(answers);
    let access = world.tokens().await.swap_remove(0);
    drop(watching);
    let own = ours(&log.text());
    // A person who traces a secret through the log knows it by the start of its hash.
    for secret in [access.as_str(), PIT] {
        let shown = store::credentials::fingerprint(&secret.into());
        assert!(shown.starts_with("cred:") && own.contains(&shown), "{shown} is not in the log");
    }
    sinks.push(Sink::new("our own log, unmasked", own));
    sinks.push(Sink::new("the whole log, masked", outbound::redact(&log.text())));
    sinks.extend(dump(app).await);
    let choice = format!("/b/{}/integrations/choose/{}", world.tenant.business, lived.choice);
    for name in [
        "/metrics",
        "/login",
        "our own log, unmasked",
        "the whole log, masked",
        "table sessions",
        "table credentials",
        "table channel_choices",
        "table tool_calls",
        "tools by MCP",
        "tool list_contacts",
        choice.as_str(),
    ] {
        assert!(sinks.iter().any(|sink| sink.name == name && sink.text.len() > 100), "{name} was read");
    }
    let secrets: Vec<Canary> = lived.links.into_iter().chain(lived.others).chain(agents).collect();
    assert_eq!(found(&secrets, &sinks), Vec::<String>::new());
    // The secret of a link is in its mail; no other secret is even there.
    let mails = app.mailed().concat();
    assert_eq!(found(&secrets, &[Sink::new("mails", mails)]), ["the reset link in mails", "the invitation in mails"]);
}
