//! Stores in the session who a person is, and when and how they proved it. Each proof begins a session with a new id.

use chrono::{DateTime, Utc};
use domain::UserId;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;
use uuid::Uuid;

use crate::request_context::RequestContext;
use crate::session_value::take;

/// Key of the proof in a session's data.
pub const PROOF: &str = "proof";
/// Key of the IP address that the session began from.
pub const IP: &str = "ip";
/// Key of the browser's own description (user agent).
pub const AGENT: &str = "agent";
const TARGET: &str = "target";
const CLAIM: &str = "claim";
const OAUTH_BINDING: &str = "anchor";
const FACTOR: &str = "factor";

/// Who proved their identity, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The person.
    pub user: UserId,
    /// Whether a second factor was shown in this session.
    pub second_factor: bool,
    /// True if the person is staff of the platform; their sessions are shorter.
    pub staff: bool,
    /// When it was last proven; set by `begin`.
    pub at: Option<DateTime<Utc>>,
    /// How many times all sessions of the person had been ended before this proof. A session with another number
    /// is over. `None` in a session that an earlier version began.
    #[serde(default)]
    pub generation: Option<i32>,
}

impl Proof {
    /// A proof by password.
    #[must_use]
    pub const fn by_password(user: UserId, staff: bool) -> Self {
        Self { user, second_factor: false, staff, at: None, generation: None }
    }

    /// Sets the generation, which is read together with the password's hash.
    #[must_use]
    pub const fn of_generation(self, generation: i32) -> Self {
        Self { generation: Some(generation), ..self }
    }

    /// Adds that the second factor was right too.
    #[must_use]
    pub const fn and_second_factor(self) -> Self {
        Self { second_factor: true, ..self }
    }

    /// Seconds since the proof; `i64::MAX` if the time of the proof is not set.
    #[must_use]
    pub fn ago(&self, now: DateTime<Utc>) -> i64 {
        self.at.map_or(i64::MAX, |at| (now - at).num_seconds())
    }
}

/// Keeps a proof under a new session id; the old id stops working at once.
///
/// # Errors
/// When the session cannot be written.
pub async fn begin(session: &Session, request: &RequestContext, proof: Proof) -> Result<(), Error> {
    // The person who signs in now must not get what somebody else left behind in this browser.
    if self::proof(session).await?.is_some_and(|former| former.user != proof.user) {
        session.clear().await;
    }
    session.cycle_id().await?;
    session.insert(IP, &request.ip).await?;
    session.insert(AGENT, &request.agent).await?;
    session.insert(PROOF, Proof { at: Some(crate::clock::now()), ..proof }).await
}

/// The proof that a session holds.
///
/// # Errors
/// When the session cannot be read.
pub async fn proof(session: &Session) -> Result<Option<Proof>, Error> {
    session.get(PROOF).await
}

/// Remembers where a person wanted to go while they are asked for the second factor.
///
/// # Errors
/// When the session cannot be written.
pub async fn remember_target(session: &Session, target: &str) -> Result<(), Error> {
    session.insert(TARGET, target).await
}

/// Takes the address where the person wanted to go; `/` if none is remembered.
///
/// # Errors
/// When the session cannot be read.
pub async fn target(session: &Session) -> Result<String, Error> {
    Ok(take(session, TARGET).await?.unwrap_or_else(|| "/".to_owned()))
}

/// A random value of this session that only the server knows. Unlike the session id, a new proof of identity does
/// not change it; it is gone when somebody else signs in. What is under way elsewhere (a consent) is bound to it.
/// If the session has none, this creates one.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn oauth_binding(session: &Session) -> Result<[u8; 32], Error> {
    if let Some(known) = known_oauth_binding(session).await? {
        return Ok(known);
    }
    let fresh = crate::token::Secret::new().hash();
    session.insert(OAUTH_BINDING, hex::encode(fresh)).await?;
    Ok(fresh)
}

/// The OAuth binding, if the session has one already.
///
/// # Errors
/// When the session cannot be read.
pub async fn known_oauth_binding(session: &Session) -> Result<Option<[u8; 32]>, Error> {
    let kept: Option<String> = session.get(OAUTH_BINDING).await?;
    Ok(kept.and_then(|text| hex::decode(text).ok()?.try_into().ok()))
}

/// Remembers that this browser installed the app from the marketplace, so that an agency may claim the install with it.
///
/// # Errors
/// When the session cannot be written.
pub async fn remember_claim(session: &Session, hash: [u8; 32]) -> Result<(), Error> {
    session.insert(CLAIM, hex::encode(hash)).await
}

/// The hash with which this browser may claim an install.
///
/// # Errors
/// When the session cannot be read.
pub async fn claim(session: &Session) -> Result<Option<[u8; 32]>, Error> {
    let kept: Option<String> = session.get(CLAIM).await?;
    Ok(kept.and_then(|text| hex::decode(text).ok()?.try_into().ok()))
}

/// Remembers which second factor this session is adding. No other session is shown its seed.
///
/// # Errors
/// When the session cannot be written.
pub async fn remember_factor(session: &Session, id: Uuid) -> Result<(), Error> {
    session.insert(FACTOR, id).await
}

/// The second factor that this session is adding.
///
/// # Errors
/// When the session cannot be read.
pub async fn factor(session: &Session) -> Result<Option<Uuid>, Error> {
    session.get(FACTOR).await
}
