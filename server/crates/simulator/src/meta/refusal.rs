//! Why Meta refuses a call about messages.

use serde_json::{Value, json};

use super::codes;

/// A refusal: a code, and what is said besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `error.code`.
    pub code: u32,
    /// `error.error_subcode`. `None` without one.
    pub subcode: Option<u32>,
    /// `error.message`.
    pub message: String,
    /// `error.error_data.details`. Empty without them.
    pub details: String,
}

impl Refusal {
    /// A refusal of a message of WhatsApp, in the words that the code has.
    pub fn of_code(code: u32) -> Self {
        let (title, details) = codes::words(code);
        Self { code, subcode: None, message: format!("(#{code}) {title}"), details: details.into() }
    }

    /// A refusal of a message of WhatsApp with a code's title and own details.
    pub fn detailed(code: u32, title: &str, details: impl Into<String>) -> Self {
        Self { code, subcode: None, message: format!("(#{code}) {title}"), details: details.into() }
    }

    /// A refusal with a code, a subcode and a message.
    pub fn with_subcode(code: u32, subcode: u32, message: &str) -> Self {
        Self { code, subcode: Some(subcode), message: format!("(#{code}) {message}"), details: String::new() }
    }

    /// 100: a parameter is wrong.
    pub fn parameter(details: impl Into<String>) -> Self {
        Self::detailed(100, "Invalid parameter", details)
    }

    /// 100/33: there is no such object, or it is not the caller's.
    pub fn no_object(id: &str) -> Self {
        let message = format!(
            "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
        );
        Self { code: 100, subcode: Some(33), message, details: String::new() }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match (self.code, self.subcode) {
            (100, Some(33)) => 404,
            (10, Some(2_018_278 | 2_534_022)) => 400,
            (code, _) => codes::http_status(code),
        }
    }

    /// The fields of `error` besides `fbtrace_id`.
    pub fn error(&self, instagram: bool) -> Value {
        let kind = if instagram { "IGApiException" } else { "OAuthException" };
        let mut error = json!({"message": self.message, "type": kind, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if !self.details.is_empty() {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": self.details});
        }
        if matches!(self.code, 1 | 2 | 131_000 | 131_016) {
            error["is_transient"] = json!(true);
        }
        error
    }
}
