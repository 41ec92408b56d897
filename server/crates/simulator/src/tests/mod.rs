//! Tests of the simulator, all over real TCP on loopback. No test waits for time to pass; tests move the
//! clock instead.

mod access;
mod consent;
mod contracts;
mod faults;
mod hooks;
mod laws;
mod llm;
mod meta_access;
mod meta_messages;
mod meta_signup;
mod pages;
mod provisioning;
mod refusals;
mod webhooks;

use serde_json::{Value, json};

use crate::{
    Handle, Reply,
    control::actions,
    demo::{BRIGHT_DENTAL, HARBOR, LUNA_YOGA, SUMMIT_REALTY},
    ghl::installs::Consent,
};

const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";

/// A simulator with a frozen clock and the app installed on Harbor.
struct InstalledSimulator {
    sim: Handle,
    company: String,
    refresh: String,
}

impl InstalledSimulator {
    async fn start() -> Self {
        Self::to(Handle::start_frozen().await.unwrap()).await
    }

    async fn to(sim: Handle) -> Self {
        let code = sim.authorize(HARBOR, &[BRIGHT_DENTAL, LUNA_YOGA, SUMMIT_REALTY], CALLBACK).unwrap();
        let tokens = sim.exchange(&code, CALLBACK).await.unwrap();
        let text = |name: &str| tokens[name].as_str().expect("the exchange succeeds").to_owned();
        let (company, refresh) = (text("access_token"), text("refresh_token"));
        Self { sim, company, refresh }
    }

    async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Reply {
        self.sim.call(method, path, token, &body).await.unwrap()
    }

    async fn as_company(&self, method: &str, path: &str, body: Value) -> Reply {
        self.call(method, path, &self.company, body).await
    }

    async fn location_token(&self, location: &str) -> String {
        let reply =
            self.as_company("POST", "/oauth/locationToken", json!({"companyId": HARBOR, "locationId": location})).await;
        reply.json()["access_token"].as_str().unwrap_or_else(|| panic!("{:?}", reply.json())).to_owned()
    }

    async fn refresh(&self, refresh: &str) -> Reply {
        refresh_at(&self.sim, refresh).await
    }

    fn advance(&self, milliseconds: u64) {
        self.sim.advance(std::time::Duration::from_millis(milliseconds));
    }
}

async fn refresh_at(sim: &Handle, refresh: &str) -> Reply {
    let app = crate::defaults();
    let body = json!({
        "client_id": app.client_id, "client_secret": app.client_secret, "grant_type": "refresh_token",
        "refresh_token": refresh, "user_type": "Company",
    });
    sim.call("POST", "/oauth/token", "", &body).await.unwrap()
}

/// Returns a token of a company or of one location with exactly these scopes.
async fn token_with(sim: &Handle, single: Option<&str>, scopes: &[&str]) -> String {
    let consent = Consent {
        company: HARBOR.into(),
        single: single.map(str::to_owned),
        locations: vec![BRIGHT_DENTAL.into()],
        future: true,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let code = actions::consent(sim.simulator(), &consent, CALLBACK).unwrap();
    sim.exchange(&code, CALLBACK).await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

fn new_location(name: &str) -> Value {
    json!({"name": name, "companyId": HARBOR, "country": "US", "timezone": "America/New_York",
        "prospectInfo": {"firstName": "Ana", "lastName": "Lee", "email": "ana@new.example"}})
}

fn message(reply: &Reply) -> String {
    reply.json()["message"].as_str().unwrap_or_default().to_owned()
}
