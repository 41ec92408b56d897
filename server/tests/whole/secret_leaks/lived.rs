//! What do people and programs do with secrets in one life of an agency, and which secrets are these?

use axum::http::{Method, StatusCode};
use domain::identity::{Reach, Role};
use domain::{ChannelChoiceId, ConversationId, UserId};
use secrecy::ExposeSecret;
use serde_json::json;
use simulator::demo;
use store::tenant::{Scope, TenantTx};
use url::Url;

use super::{META_SECRET, META_VERIFY_TOKEN, MODEL_KEY, PASSWORD, PIT, World, dump};
use crate::conversations::{Inbox, account, choice};
use crate::health_and_metrics::FIGURES;
use crate::helpers::{CLIENT_SECRET, until};
use crate::secret_scanner::{Canary, Sink, found};
use crate::tools_access::{post, token_of};

const META_CODE: &str = "AQDcanary4711ofAConsentAtMeta";
const CHANNEL_TOKENS: [&str; 2] = ["EAAcanary4711ofAChannelThatWasChosen", "EAAcanary0815ofAChoiceThatIsOpen"];

/// What a person and an API client did, and the secrets that were used.
pub struct Lived {
    pub cookie: String,
    pub token: String,
    pub job: String,
    pub conversation: ConversationId,
    /// The accounts of a consent that wait for the person.
    pub choice: ChannelChoiceId,
    /// Secrets of links, which may be in their mails.
    pub links: Vec<Canary>,
    /// Secrets that may be nowhere.
    pub others: Vec<Canary>,
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
        let (_, started) = self.app.api(token, Method::POST, "/api/v1/provisioning/jobs", body.to_string()).await;
        self.work().await;
        started["id"].as_str().unwrap().to_owned()
    }

    /// Does all of it.
    pub async fn live(&self) -> Lived {
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
    pub async fn tools(&self) -> (Vec<Sink>, Vec<Canary>) {
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
