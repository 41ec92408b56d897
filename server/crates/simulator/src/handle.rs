//! Starts a simulator for one test: over real TCP on a free port, with a data folder that is removed afterwards.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{Config, Simulator, control::actions, ghl::installs::Consent, ids::new_id, serve_on};

/// A simulator that belongs to one test.
pub struct Handle {
    sim: Simulator,
    addr: SocketAddr,
    folder: Option<PathBuf>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl Handle {
    /// Starts a simulator whose clock runs.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// Starts a simulator whose time moves only through [`Handle::advance`].
    pub async fn start_frozen() -> anyhow::Result<Self> {
        Self::start_with(|config| config.frozen = true).await
    }

    /// Starts a simulator with changed settings. A data folder that the settings name is not removed afterwards.
    pub async fn start_with(set: impl FnOnce(&mut Config)) -> anyhow::Result<Self> {
        let own = std::env::temp_dir().join(format!("slipway-simulator-{}", new_id(12)));
        let mut config = Config::new(own.clone());
        config.addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        set(&mut config);
        let folder = (config.data_dir == own).then_some(own);
        let listener = TcpListener::bind(config.addr).await?;
        let addr = listener.local_addr()?;
        let sim = Simulator::open(config)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let signal = async {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(serve_on(listener, sim.clone(), signal));
        Ok(Self { sim, addr, folder, stop: Some(stop), serving })
    }

    /// The simulator itself.
    #[cfg(test)]
    pub(crate) fn simulator(&self) -> &Simulator {
        &self.sim
    }

    /// Base URL of the API and of the consent screen.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// URL prefix of the consent screen for white-labelled agencies.
    pub fn white_label_url(&self) -> String {
        format!("{}{}", self.base_url(), crate::WHITE_LABEL)
    }

    /// Every call so far, oldest first.
    pub fn journal(&self) -> Vec<Value> {
        serde_json::from_str(&self.sim.lock().journal(0, usize::MAX)).unwrap_or_default()
    }

    /// Everything that exists in the simulated world.
    pub fn world(&self) -> Value {
        let state = self.sim.lock();
        state.world.to_json(state.now())
    }

    /// Sets faults, as `POST /_sim/faults` does.
    pub fn faults(&self, rules: Value) -> Result<(), String> {
        actions::set_faults(&self.sim, rules)
    }

    /// Removes every fault.
    pub fn clear_faults(&self) -> Result<(), String> {
        actions::clear_faults(&self.sim)
    }

    /// Sets switches, as `POST /_sim/knobs` does.
    pub fn knobs(&self, knobs: &Value) -> Result<Value, String> {
        actions::set_knobs(&self.sim, knobs)
    }

    /// Invalidates credentials, as `POST /_sim/expire` does. Returns how many were affected.
    pub fn expire(&self, what: &Value) -> Result<usize, String> {
        actions::expire(&self.sim, what)
    }

    /// Pauses a location or resumes it, as `POST /_sim/location` does.
    pub fn set_location(&self, what: &Value) -> Result<(), String> {
        actions::set_location(&self.sim, what)
    }

    /// Tells a receiver of webhooks how to answer (`answers`, `always`) and which secret signs (`secret`).
    pub fn set_hook(&self, name: &str, orders: &Value) -> Result<(), String> {
        crate::hooks::set(&self.sim, name, orders)
    }

    /// Everything that a receiver of webhooks got, oldest first.
    pub fn hook(&self, name: &str) -> Vec<Value> {
        crate::hooks::got(&self.sim, name)
    }

    /// Resets to the demo world and removes every install and OAuth token.
    pub fn reset(&self) -> Result<(), String> {
        actions::reset(&self.sim, true)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let milliseconds = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // Moving the clock forward cannot be refused here, so the result is ignored.
        let _ = actions::advance(&self.sim, milliseconds);
    }

    /// Returns a code as the consent screen issues it for an agency and these locations, including future ones.
    pub fn authorize(&self, company: &str, locations: &[&str], redirect_uri: &str) -> Result<String, String> {
        let consent = Consent {
            company: company.into(),
            single: None,
            locations: locations.iter().map(|id| (*id).to_owned()).collect(),
            future: true,
            scopes: crate::defaults().scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        actions::consent(&self.sim, &consent, redirect_uri)
    }

    /// Returns a code as the consent screen issues it for an agency that grants only these scopes. `future` says
    /// whether future locations get the app too.
    pub fn authorize_with_scopes(
        &self,
        company: &str,
        future: bool,
        scopes: &[&str],
        redirect: &str,
    ) -> Result<String, String> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let consent = Consent { company: company.into(), single: None, locations: Vec::new(), future, scopes };
        actions::consent(&self.sim, &consent, redirect)
    }

    /// Deletes a location as a person does in HighLevel's own screens.
    pub fn delete_location(&self, id: &str) -> Result<(), String> {
        actions::delete_location(&self.sim, id)
    }

    /// Pauses a location as HighLevel does, or resumes it.
    pub fn pause_location(&self, id: &str, paused: bool) -> Result<(), String> {
        actions::set_location(&self.sim, &json!({ "id": id, "active": !paused }))
    }

    /// Sends one call over TCP. `token` goes into the `Authorization` header; the `Version` header is `2021-07-28`.
    pub async fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> Result<crate::Reply, String> {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("version", "2021-07-28"), ("content-type", "application/json")];
        if !token.is_empty() {
            headers.push(("authorization", &authorization));
        }
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        crate::request(method, &format!("{}{path}", self.base_url()), &headers, &body).await
    }

    /// Exchanges a code for tokens.
    pub async fn exchange(&self, code: &str, redirect_uri: &str) -> Result<Value, String> {
        let config = &self.sim.config;
        let body = json!({
            "client_id": config.client_id, "client_secret": config.client_secret, "grant_type": "authorization_code",
            "code": code, "user_type": "Company", "redirect_uri": redirect_uri,
        });
        self.call("POST", "/oauth/token", "", &body).await.map(|reply| reply.json())
    }

    /// Stops listening and waits for the server to end. A data folder from the settings stays for the next start.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.serving.abort();
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
