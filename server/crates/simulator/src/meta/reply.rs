//! The answers of Meta: what a handler returns, and the shapes of errors.

use serde_json::{Value, json};

use crate::ids::new_id;

use super::refusal::Refusal;

/// A refusal as it is sent: status and body.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: Value,
}

/// The result of a handler. Only `Ok`, always a 200, changes the world.
pub type Outcome = Result<Value, Refused>;

/// `{"success": true}`.
pub fn success() -> Value {
    json!({"success": true})
}

/// A refusal as it is sent by the Facebook or the Instagram half of Graph.
pub fn refused(refusal: &Refusal, instagram: bool) -> Refused {
    with_trace(refusal.status(), refusal.error(instagram))
}

/// A refusal of Graph with its own status.
pub fn error(status: u16, code: u32, subcode: Option<u32>, message: impl Into<String>) -> Refused {
    let mut error = json!({"message": message.into(), "type": "OAuthException", "code": code});
    if let Some(subcode) = subcode {
        error["error_subcode"] = json!(subcode);
    }
    with_trace(status, error)
}

/// 400 of the exchange of codes.
pub fn bad_exchange(code: u32, subcode: Option<u32>, message: &str) -> Refused {
    error(400, code, subcode, message)
}

/// 400 of Instagram's exchange of codes, whose form differs from all others.
pub fn flat(message: &str) -> Refused {
    Refused { status: 400, body: json!({"error_type": "OAuthException", "code": 400, "error_message": message}) }
}

/// The refusal of a call to something that is not there or not the caller's.
pub fn no_object(id: &str) -> Refused {
    refused(&Refusal::no_object(id), false)
}

/// The refusal of a call whose token lacks a permission.
pub fn no_permission(scope: &str) -> Refused {
    error(403, 200, None, format!("(#200) Requires {scope} permission to manage the object"))
}

/// What a status that a fault asks for looks like at Meta.
pub fn of_status(status: u16) -> Value {
    let (code, message) = match status {
        401 => (190, "Error validating access token: The session is invalid because the user logged out."),
        403 => (10, "(#10) Application does not have permission for this action"),
        429 => (4, "(#4) Application request limit reached"),
        500.. => (2, "An unexpected error has occurred. Please retry your request later."),
        _ => (100, "(#100) Invalid parameter"),
    };
    let mut refused = error(status, code, None, message);
    refused.body["error"]["is_transient"] = json!(matches!(code, 2 | 4));
    refused.body
}

fn with_trace(status: u16, mut error: Value) -> Refused {
    error["fbtrace_id"] = json!(format!("A{}", new_id(22)));
    Refused { status, body: json!({"error": error}) }
}
