//! What does an AI agent ask the person at this browser for? The session keeps it while they sign in, because the address of a
//! page may not be that long. The page that asks them checks it again.

use chrono::{DateTime, TimeDelta, Utc};
use domain::agent_sign_in::Parameters;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;
use uuid::Uuid;

/// Key of the request in a session's data.
const KEY: &str = "agent_request";
/// How long it is kept.
const KEPT: TimeDelta = TimeDelta::minutes(30);

/// A request of an AI agent. A session keeps one: the last one that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRequest {
    /// Its id, which the page that asks the person names.
    pub id: Uuid,
    /// When it came.
    pub at: DateTime<Utc>,
    client: String,
    redirect: String,
    challenge: String,
    state: String,
    resource: String,
}

impl AgentRequest {
    /// The request with these parameters.
    #[must_use]
    pub fn new(sent: &Parameters<'_>) -> Self {
        Self {
            id: Uuid::now_v7(),
            at: crate::clock::now(),
            client: sent.client.to_owned(),
            redirect: sent.redirect.to_owned(),
            challenge: sent.challenge.to_owned(),
            state: sent.state.to_owned(),
            resource: sent.resource.to_owned(),
        }
    }

    /// Its parameters.
    #[must_use]
    pub fn parameters(&self) -> Parameters<'_> {
        Parameters {
            client: &self.client,
            redirect: &self.redirect,
            challenge: &self.challenge,
            state: &self.state,
            resource: &self.resource,
        }
    }

    /// Keeps it. An earlier one is forgotten.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn keep(&self, session: &Session) -> Result<(), Error> {
        session.insert(KEY, self).await
    }

    /// The request with this id, while it is kept.
    ///
    /// # Errors
    /// When the session cannot be read.
    pub async fn of(session: &Session, id: Uuid) -> Result<Option<Self>, Error> {
        let kept: Option<Self> = session.get(KEY).await?;
        Ok(kept.filter(|kept| kept.id == id && crate::clock::now() - kept.at <= KEPT))
    }
}
