//! Stores in the session who a person is and when and how they proved it. Each proof begins a session with a new id.

use chrono::{DateTime, Utc};
use domain::UserId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;
use uuid::Uuid;

use crate::request_context::RequestContext;

/// Key of the proof in a session's data.
pub const PROOF: &str = "proof";
/// Key of the address the session began from.
pub const IP: &str = "ip";
/// Key of the browser's own description.
pub const AGENT: &str = "agent";
const TARGET: &str = "target";
const CLAIM: &str = "claim";
const ANCHOR: &str = "anchor";
const FACTOR: &str = "factor";

/// Who proved to be whom, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The person.
    pub user: UserId,
    /// Whether a second factor was shown in this session.
    pub second_factor: bool,
    /// Whether they are staff of the platform or an agency, whose sessions are shorter.
    pub staff: bool,
    /// When it was last proven; set by `begin`.
    pub at: Option<DateTime<Utc>>,
    /// How often all the person's sessions were ended until then: a session that began under another number is over. Absent in
    /// one that a former version began.
    #[serde(default)]
    pub generation: Option<i32>,
}

impl Proof {
    /// The password was right.
    #[must_use]
    pub const fn by_password(user: UserId, staff: bool) -> Self {
        Self { user, second_factor: false, staff, at: None, generation: None }
    }

    /// Under this number of the person's sessions, read together with the password's hash.
    #[must_use]
    pub const fn of_generation(self, generation: i32) -> Self {
        Self { generation: Some(generation), ..self }
    }

    /// The second factor was right too.
    #[must_use]
    pub const fn and_second_factor(self) -> Self {
        Self { second_factor: true, ..self }
    }

    /// Seconds since the proof.
    #[must_use]
    pub fn ago(&self, now: DateTime<Utc>) -> i64 {
        self.at.map_or(i64::MAX, |at| (now - at).num_seconds())
    }
}

/// Keeps a proof under a new session id; the old id is dead at once.
///
/// # Errors
/// When the session cannot be written.
pub async fn begin(session: &Session, request: &RequestContext, proof: Proof) -> Result<(), Error> {
    // What somebody else left behind in this browser is not for whoever signs in now.
    if self::proof(session).await?.is_some_and(|former| former.user != proof.user) {
        session.clear().await;
    }
    session.cycle_id().await?;
    session.insert(IP, &request.ip).await?;
    session.insert(AGENT, &request.agent).await?;
    session.insert(PROOF, Proof { at: Some(crate::clock::now()), ..proof }).await
}

/// The proof a session holds.
///
/// # Errors
/// When the session cannot be read.
pub async fn proof(session: &Session) -> Result<Option<Proof>, Error> {
    session.get(PROOF).await
}

/// Remembers where a person wanted to go while the second factor is asked.
///
/// # Errors
/// When the session cannot be written.
pub async fn remember_target(session: &Session, target: &str) -> Result<(), Error> {
    session.insert(TARGET, target).await
}

/// Where the person wanted to go, once.
///
/// # Errors
/// When the session cannot be read.
pub async fn target(session: &Session) -> Result<String, Error> {
    Ok(take(session, TARGET).await?.unwrap_or_else(|| "/".to_owned()))
}

/// Takes something out of a session. Nothing is written when it is not there: `remove` alone would write the session at every
/// page, and put back what another tab has changed meanwhile.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn take<T: DeserializeOwned>(session: &Session, key: &str) -> Result<Option<T>, Error> {
    if session.get_value(key).await?.is_none() {
        return Ok(None);
    }
    session.remove(key).await
}

/// Something of this session alone that a new proof of identity does not change, other than its id: random, known to the server only,
/// and gone when somebody else signs in. What is under way elsewhere (a consent) is bound to it.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn anchor(session: &Session) -> Result<[u8; 32], Error> {
    if let Some(known) = known_anchor(session).await? {
        return Ok(known);
    }
    let fresh = crate::identity::token::Secret::new().hash();
    session.insert(ANCHOR, hex::encode(fresh)).await?;
    Ok(fresh)
}

/// The same, of a session that has one already.
///
/// # Errors
/// When the session cannot be read.
pub async fn known_anchor(session: &Session) -> Result<Option<[u8; 32]>, Error> {
    let kept: Option<String> = session.get(ANCHOR).await?;
    Ok(kept.and_then(|text| hex::decode(text).ok()?.try_into().ok()))
}

/// Remembers that this browser installed the app from the marketplace, so that an agency may claim the install with it.
///
/// # Errors
/// When the session cannot be written.
pub async fn remember_claim(session: &Session, hash: [u8; 32]) -> Result<(), Error> {
    session.insert(CLAIM, hex::encode(hash)).await
}

/// What this browser may claim an install with.
///
/// # Errors
/// When the session cannot be read.
pub async fn claim(session: &Session) -> Result<Option<[u8; 32]>, Error> {
    let kept: Option<String> = session.get(CLAIM).await?;
    Ok(kept.and_then(|text| hex::decode(text).ok()?.try_into().ok()))
}

/// Remembers which second factor this session set out to add: no other session is shown its seed.
///
/// # Errors
/// When the session cannot be written.
pub async fn remember_factor(session: &Session, id: Uuid) -> Result<(), Error> {
    session.insert(FACTOR, id).await
}

/// The second factor that this session set out to add.
///
/// # Errors
/// When the session cannot be read.
pub async fn factor(session: &Session) -> Result<Option<Uuid>, Error> {
    session.get(FACTOR).await
}
