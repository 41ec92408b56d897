//! To which session does an MCP request belong? Nothing is stored of one: its id is sealed, opens for one token of one
//! business alone, and says when it was given and which version of the protocol was agreed on. So each process knows it,
//! before and after a restart.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use operations::tools::Caller;
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

/// A session of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The version of the protocol that was agreed on.
    pub version: String,
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

/// The id of a session that begins now, with this version of the protocol.
///
/// # Errors
/// When it cannot be sealed, because the database that holds the key does not answer.
pub async fn begin(vault: &Vault, caller: &Caller, version: &str, now: DateTime<Utc>) -> store::Result<String> {
    let plain = format!("{} {version}", now.timestamp());
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

fn read(plain: &str, now: DateTime<Utc>) -> Option<Session> {
    let (begun, version) = plain.split_once(' ')?;
    let age = now.timestamp().saturating_sub(begun.parse().ok()?);
    (age < LASTS).then(|| Session { version: version.to_owned() })
}

/// Adds the id of a session that begins with this answer.
pub async fn begun(vault: &Vault, caller: &Caller, version: &str, mut answer: Response) -> Response {
    match begin(vault, caller, version, web::clock::now()).await {
        Ok(id) => {
            answer.headers_mut().insert(ID, HeaderValue::from_str(&id).expect("hex is visible ASCII"));
            answer
        }
        Err(error) => problem::of(error.into()),
    }
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

/// Says which version a request speaks that names none: that of its session.
pub fn speak(session: &Session, headers: &mut HeaderMap) {
    if let (false, Ok(version)) = (headers.contains_key(VERSION), HeaderValue::from_str(&session.version)) {
        headers.insert(VERSION, version);
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
        let plain = format!("{} 2025-06-18", now.timestamp());
        for (age, lasts) in [(-60, true), (0, true), (LASTS - 1, true), (LASTS, false), (10 * LASTS, false)] {
            assert_eq!(read(&plain, now + TimeDelta::seconds(age)).is_some(), lasts, "{age}");
        }
        assert_eq!(read(&plain, now), Some(Session { version: "2025-06-18".to_owned() }));
        for other in ["", "2025-06-18", "1790000000", "x 2025-06-18", "-9223372036854775808 2025-06-18"] {
            assert_eq!(read(other, now), None, "{other}");
        }
    }

    #[test]
    fn a_request_speaks_the_version_of_its_session_unless_it_says_another() {
        let session = Session { version: "2025-06-18".to_owned() };
        let mut headers = HeaderMap::new();
        speak(&session, &mut headers);
        assert_eq!(headers[VERSION], "2025-06-18");
        headers.insert(VERSION, HeaderValue::from_static("2025-03-26"));
        speak(&session, &mut headers);
        assert_eq!(headers[VERSION], "2025-03-26");
    }
}
