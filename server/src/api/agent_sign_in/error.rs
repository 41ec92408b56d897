//! What is a program told that asked wrongly? One of the words of OAuth (RFC 6749 section 5.2, RFC 7591 section 3.2.2, RFC 8707
//! section 2) and a sentence. Neither repeats any part of the request.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    word: &'static str,
    sentence: &'static str,
}

impl Refused {
    /// A refusal with this word of OAuth and this sentence.
    pub const fn new(word: &'static str, sentence: &'static str) -> Self {
        Self { word, sentence }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.word, "error_description": self.sentence }));
        (StatusCode::BAD_REQUEST, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], body).into_response()
    }
}
