//! To which session does an MCP request belong? Nothing is stored of one: its id is sealed, opens for one token of one
//! business alone, and says when it was given and which version of the protocol was agreed on. So each process knows it,
//! before and after a restart.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use operations::tools::Caller;
use rmcp::model::{ClientCapabilities, ProtocolVersion};
use secrecy::ExposeSecret;
use serde_json::json;
use store::vault::{AssociatedData, Vault};

use crate::http::pages::Shared;
use crate::http::problem;

/// The header with the id of a session.
const ID: &str = "mcp-session-id";
/// The header with the version of the protocol that a request speaks.
const VERSION: &str = "mcp-protocol-version";
/// The newest version that has sessions. Versions are dates, so later ones come after it in the alphabet.
const NEWEST: &str = "2025-11-25";
/// How long a session lasts, in seconds: a day.
const LASTS: i64 = 24 * 3600;
/// JSON-RPC's number for a session that is not there, as the official SDKs have it.
const NOT_FOUND: i32 = -32001;

/// The first version in which servers ask the person at a client.
const ASKS: &str = "2025-06-18";
/// The first version in which they lead the person to an address.
const LEADS: &str = "2025-11-25";

/// How the person at a client can be asked (elicitation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// By a form, which here has no field.
    Form,
    /// By an address to which the client leads them.
    Address,
}

impl Asks {
    const fn key(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Address => "address",
        }
    }

    fn parse(key: &str) -> Option<Self> {
        [Self::Form, Self::Address].into_iter().find(|one| one.key() == key)
    }
}

/// A session of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The version of the protocol that was agreed on.
    pub version: String,
    /// How the person at the client can be asked; `None` if they cannot.
    pub asks: Option<Asks>,
}

impl Session {
    /// What a handshake agreed on, with a client that can do this.
    #[must_use]
    pub fn agreed(version: &ProtocolVersion, client: &ClientCapabilities) -> Self {
        let version = version.as_str();
        let asks = client.elicitation.as_ref().filter(|_| version >= ASKS).and_then(|can| {
            // A client that names neither way knows forms, as the first one.
            match (can.url.is_some(), can.form.is_some()) {
                (true, _) if version >= LEADS => Some(Asks::Address),
                (_, true) | (false, false) => Some(Asks::Form),
                (true, false) => None,
            }
        });
        Self { version: version.to_owned(), asks }
    }
}

/// Where an id opens: for one token, in its business.
const fn place(caller: &Caller) -> AssociatedData {
    AssociatedData {
        table: "mcp",
        column: "session",
        row: caller.token.0,
        agency: Some(caller.agency),
        business: Some(caller.business),
    }
}

/// The id of a session that begins now.
///
/// # Errors
/// When it cannot be sealed, because the database that holds the key does not answer.
pub async fn begin(vault: &Vault, caller: &Caller, session: &Session, now: DateTime<Utc>) -> store::Result<String> {
    let plain = plain(session, now);
    let (sealed, _) = vault.seal(&place(caller), plain.as_bytes()).await?;
    Ok(hex::encode(sealed))
}

/// The session with this id. `None` if it is none of this token, or has ended.
async fn find(vault: &Vault, caller: &Caller, id: &str, now: DateTime<Utc>) -> store::Result<Option<Session>> {
    let Ok(sealed) = hex::decode(id) else { return Ok(None) };
    match vault.open(&place(caller), &sealed).await {
        Ok(opened) => Ok(read(opened.expose_secret(), now)),
        Err(store::Error::Sealed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn plain(session: &Session, now: DateTime<Utc>) -> String {
    format!("{} {} {}", now.timestamp(), session.version, session.asks.map_or("never", Asks::key))
}

fn read(plain: &str, now: DateTime<Utc>) -> Option<Session> {
    let mut words = plain.split(' ');
    let age = now.timestamp().saturating_sub(words.next()?.parse().ok()?);
    let session = Session { version: words.next()?.to_owned(), asks: words.next().and_then(Asks::parse) };
    (age < LASTS).then_some(session)
}

/// Adds the id of a session that begins with this answer.
pub async fn begun(vault: &Vault, caller: &Caller, session: &Session, mut answer: Response) -> Response {
    match begin(vault, caller, session, web::clock::now()).await {
        Ok(id) => {
            answer.headers_mut().insert(ID, HeaderValue::from_str(&id).expect("hex is visible ASCII"));
            answer
        }
        Err(error) => problem::of(error.into()),
    }
}

/// The id of a session as a request shows it, whether there is one or not.
#[must_use]
pub fn shown(headers: &HeaderMap) -> Option<&str> {
    headers.get(ID).and_then(|id| id.to_str().ok())
}

/// The session that a request names. `None` if it names none, or speaks a version without sessions.
///
/// # Errors
/// The response to send instead: 404 if there is no such session for this token, so that its client begins another one; 503
/// if the database is unavailable.
pub async fn named(shared: &Shared, caller: &Caller, headers: &HeaderMap) -> Result<Option<Session>, Response> {
    let has_sessions = headers.get(VERSION).is_none_or(|version| version.as_bytes() <= NEWEST.as_bytes());
    let Some(id) = headers.get(ID).filter(|_| has_sessions) else { return Ok(None) };
    let found = match id.to_str() {
        Ok(id) => find(&shared.app.vault, caller, id, web::clock::now()).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(session)) => Ok(Some(session)),
        Ok(None) => Err(unknown()),
        Err(error) => Err(problem::of(error.into())),
    }
}

/// The answer of MCP to a request of a session that is not there.
fn unknown() -> Response {
    let error = json!({ "code": NOT_FOUND, "message": "There is no such session. Begin another one with initialize." });
    (StatusCode::NOT_FOUND, Json(json!({ "jsonrpc": "2.0", "id": null, "error": error }))).into_response()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_session_lasts_for_a_day_and_what_is_none_is_not_read() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let session = |asks| Session { version: "2025-06-18".to_owned(), asks };
        let sealed = plain(&session(None), now);
        for (age, lasts) in [(-60, true), (0, true), (LASTS - 1, true), (LASTS, false), (10 * LASTS, false)] {
            assert_eq!(read(&sealed, now + TimeDelta::seconds(age)).is_some(), lasts, "{age}");
        }
        for asks in [None, Some(Asks::Form), Some(Asks::Address)] {
            assert_eq!(read(&plain(&session(asks), now), now), Some(session(asks)));
        }
        for other in ["", "2025-06-18", "1790000000", "x 2025-06-18", "-9223372036854775808 2025-06-18"] {
            assert_eq!(read(other, now), None, "{other}");
        }
    }

    #[test]
    fn a_client_is_asked_as_it_can_be_in_its_version() {
        for (version, capability, wanted) in [
            (ProtocolVersion::V_2025_11_25, json!({ "url": {}, "form": {} }), Some(Asks::Address)),
            (ProtocolVersion::V_2025_11_25, json!({ "url": {} }), Some(Asks::Address)),
            (ProtocolVersion::V_2025_11_25, json!({}), Some(Asks::Form)),
            (ProtocolVersion::V_2025_06_18, json!({}), Some(Asks::Form)),
            (ProtocolVersion::V_2025_06_18, json!({ "url": {}, "form": {} }), Some(Asks::Form)),
            (ProtocolVersion::V_2025_06_18, json!({ "url": {} }), None),
            (ProtocolVersion::V_2025_03_26, json!({}), None),
        ] {
            let client = serde_json::from_value(json!({ "elicitation": capability })).unwrap();
            assert_eq!(Session::agreed(&version, &client).asks, wanted, "{version:?} {client:?}");
        }
        let silent = Session::agreed(&ProtocolVersion::V_2025_11_25, &ClientCapabilities::default());
        assert_eq!(silent, Session { version: "2025-11-25".to_owned(), asks: None });
    }
}
