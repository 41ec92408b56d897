//! Stores sessions in our own table under the hash of the cookie value. Sessions of the platform's staff expire after half
//! an hour without use, those of agencies and businesses after twelve hours; both have an absolute limit.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use domain::UserId;
use domain::identity::Caller;
use sha2::{Digest, Sha256};
use store::Db;
use store::sessions::NewSession;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use web::session::Proof;

const fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3600)
}

/// A store of sessions in Postgres.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
}

impl Sessions {
    /// Creates a store in this database.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

/// What was read together with a session.
#[derive(Debug)]
pub struct Known {
    /// The person of the session.
    pub caller: Caller,
    /// How often all their sessions were ended.
    pub generation: i32,
    /// Whether the use of the session was recorded within the last minute.
    pub is_recorded: bool,
}

tokio::task_local! {
    /// What the current request read together with its session.
    static KNOWN: Mutex<Option<Known>>;
}

/// Runs a request, which may then ask what it read together with its session.
pub async fn with_known<F: Future>(request: F) -> F::Output {
    KNOWN.scope(Mutex::default(), request).await
}

/// What the current request read together with its session, if that is this person's. It is given out once.
#[must_use]
pub fn known(user: UserId) -> Option<Known> {
    let known = KNOWN.try_with(|known| known.lock().ok()?.take()).ok().flatten();
    known.filter(|known| known.caller.user == user)
}

fn remember(known: Option<Known>) {
    let kept = KNOWN.try_with(|kept| kept.lock().map(|mut kept| *kept = known).is_ok());
    if !kept.unwrap_or_default() {
        tracing::debug!(event = "session.person_not_kept", "the person of a session is read once more");
    }
}

/// Returns the key of a session's row.
#[must_use]
pub fn hash(id: &Id) -> [u8; 32] {
    Sha256::digest(id.to_string().as_bytes()).into()
}

/// Returns the idle and the absolute lifetime of a session with this proof.
const fn limits(proof: Option<&Proof>) -> (Duration, Duration) {
    match proof {
        Some(proof) if proof.staff => (Duration::from_secs(30 * 60), hours(12)),
        Some(_) => (hours(12), hours(7 * 24)),
        // Nobody has signed in yet: this is enough to fill in a form.
        None => (hours(1), hours(1)),
    }
}

fn proof(record: &Record) -> Option<Proof> {
    record.data.get(web::session::PROOF).and_then(|value| serde_json::from_value(value.clone()).ok())
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record.data.get(name).and_then(|value| value.as_str())
}

fn backend(error: store::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let proof = proof(record);
        let (idle, absolute) = limits(proof.as_ref());
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        for _ in 0..4 {
            let new = NewSession {
                hash: hash(&record.id),
                user: proof.map(|proof| proof.user),
                data: &data,
                idle,
                absolute,
                ip: text(record, web::session::IP).and_then(|ip| ip.parse::<IpAddr>().ok()),
                user_agent: text(record, web::session::AGENT),
            };
            if store::sessions::create(&self.db, &new).await.map_err(backend)? {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(Error::Backend("no free session id".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let user = proof(record).map(|proof| proof.user);
        // `save` changes only a row that still exists, so a session that ended meanwhile stays ended.
        store::sessions::save(&self.db, hash(&record.id), user, &data).await.map(drop).map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(found) = store::sessions::load(&self.db, hash(id)).await.map_err(backend)? else { return Ok(None) };
        let data = serde_json::from_value(found.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(found.expires_at.timestamp())
            .map_err(|error| Error::Decode(error.to_string()))?;
        let is_recorded = found.is_recorded;
        remember(found.person.map(|(caller, generation)| Known { caller, generation, is_recorded }));
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        store::sessions::delete(&self.db, hash(id)).await.map_err(backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_staff_are_signed_out_sooner() {
        let proof = |staff| Proof::by_password(UserId(uuid::Uuid::nil()), staff);
        let (idle_staff, whole_staff) = limits(Some(&proof(true)));
        let (idle, whole) = limits(Some(&proof(false)));
        assert!(idle_staff < idle && whole_staff < whole);
        assert_eq!((idle_staff, idle), (Duration::from_secs(1800), hours(12)));
        assert!(limits(None).1 <= hours(1), "what nobody signed in for is soon gone");
    }
}
