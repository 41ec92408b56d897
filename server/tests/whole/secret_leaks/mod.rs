//! Where secrets end up. Somebody signs in, connects, provisions, connects a channel, creates a token and invites a
//! colleague, and an AI agent calls every tool; then everything that the product stored or said is read, and it must contain
//! none of the secrets.

mod lived;
mod log_lines;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use domain::identity::{Reach, Role};
use domain::permission::{EndpointKind, Needs, POLICY};
use lived::Lived;
use log_lines::{ours, watch};
use secrecy::ExposeSecret;
use simulator::Handle;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{CLIENT_SECRET, Tenant, TestApp, master};
use crate::secret_scanner::{Canary, Sink, found};

const PASSWORD: &str = "nine canaries leave at dawn";
const PIT: &str = "pit-ca9a41e5-0000-4000-8000-00000000ca9a";
const META_SECRET: &str = "canary-meta-secret-4711-0815";
const META_VERIFY_TOKEN: &str = "canary-verify-token-4711-0815";
const MODEL_KEY: &str = "canary-model-key-4711-0815";

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
        self.app.submit("sign_in", &form, None).await.cookie().unwrap()
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
