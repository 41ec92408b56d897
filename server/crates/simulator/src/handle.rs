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
        config.addr = addr;
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

    /// Removes every fault. Calls that one delays go on.
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

    /// Lets a customer write or do something else, as `POST /_sim/meta/inbound` does. Returns the ids.
    pub fn meta_inbound(&self, order: &Value) -> Result<Value, String> {
        crate::meta::inbound::receive(&self.sim, order)
    }

    /// The messages of an account of Meta, oldest first; of all accounts if it is empty.
    pub fn meta_messages(&self, account: &str) -> Vec<Value> {
        crate::meta::message_routes::messages(&self.sim, account).into_iter().map(|message| json!(message)).collect()
    }

    /// The webhook requests of Meta, oldest first.
    pub fn meta_deliveries(&self) -> Vec<Value> {
        crate::meta::message_routes::deliveries(&self.sim).into_iter().map(|delivery| json!(delivery)).collect()
    }

    /// Sets switches of Meta, as `POST /_sim/meta/knobs` does.
    pub fn meta_knobs(&self, knobs: &Value) -> Result<Value, String> {
        crate::meta::knobs::set(&self.sim, knobs)
    }

    /// Tells the subscribed apps any event, as `POST /_sim/meta/event` does.
    pub fn meta_event(&self, event: &Value) -> Result<Value, String> {
        crate::meta::message_routes::emit(&self.sim, event)
    }

    /// Ends tokens or takes permissions of Meta, as `POST /_sim/meta/expire` does. Returns how many were hit.
    pub fn meta_expire(&self, what: &Value) -> Result<usize, String> {
        crate::meta::steer::expire(&self.sim, what)
    }

    /// Changes the app at Meta, as `POST /_sim/meta/app` does.
    pub fn meta_app(&self, fields: &Value) -> Result<Value, String> {
        crate::meta::steer::set_app(&self.sim, fields)
    }

    /// Removes the app for a person and tells the app, as `POST /_sim/meta/deauthorize` does. Returns the app's answer.
    pub async fn meta_deauthorize(&self, order: &Value) -> Result<Value, String> {
        crate::meta::steer::deauthorize(&self.sim, order).await
    }

    /// Asks the app to delete a person's data, as `POST /_sim/meta/data_deletion` does. Returns the app's answer.
    pub async fn meta_data_deletion(&self, order: &Value) -> Result<Value, String> {
        crate::meta::steer::data_deletion(&self.sim, order).await
    }

    /// Verifies an address and sends webhooks there from now on, as `POST /_sim/meta/subscribe_webhook` does.
    pub async fn meta_subscribe_webhook(&self, order: &Value) -> Result<Value, String> {
        crate::meta::steer::subscribe_webhook(&self.sim, order).await
    }

    /// Plays Embedded Signup, as `POST /_sim/meta/embedded_signup` does. Returns the code and the popup's message.
    pub fn meta_embedded_signup(&self, order: &Value) -> Result<Value, String> {
        crate::meta::steer::embedded_signup(&self.sim, order)
    }

    /// Consents at Meta as a person does with plain forms, starting from the dialog's own address. `chosen` are the names and values
    /// that the person's form adds, such as `("page", ID)` and `("grant", SCOPE)`. Returns the address that it leads back to.
    pub async fn meta_consent(&self, dialog: &str, chosen: &[(&str, &str)]) -> Result<String, String> {
        let (path, query) = dialog.split_once('?').unwrap_or((dialog, ""));
        let mut form = url::form_urlencoded::Serializer::new(query.to_owned());
        form.extend_pairs(chosen);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let reply = crate::request("POST", path, &headers, form.finish().as_bytes()).await?;
        let back = reply.header("location").map(str::to_owned);
        back.ok_or_else(|| String::from_utf8_lossy(&reply.body).into_owned())
    }

    /// Tells the chat model what to do, as `POST /_sim/llm` does.
    pub fn set_llm(&self, orders: &Value) -> Result<(), String> {
        crate::llm::set(&self.sim, orders)
    }

    /// Every request to the chat model and what came of it, oldest first.
    pub fn llm_journal(&self) -> Vec<Value> {
        crate::llm::journal(&self.sim)
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
