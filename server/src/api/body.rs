//! Parses request bodies strictly. An invalid body produces an error that names the field.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::Response;
use domain::provisioning::pointer;
use operations::Refusal;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::Segment;

use crate::http::problem;

/// Largest body, in bytes.
const LARGEST: usize = 256 * 1024;

/// A parsed JSON body.
pub struct Body<T> {
    /// The parsed value.
    pub value: T,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_json = kind.to_ascii_lowercase().starts_with("application/json");
        let bytes = read(request).await?;
        // An empty body means that every part was left out; it needs no content type.
        if !is_json && !bytes.is_empty() {
            return Err(problem::answer(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Not JSON",
                "Send the body as application/json.",
            ));
        }
        parse(&bytes).map(|value| Self { value })
    }
}

/// A parsed JSON body of a request that calls it what it likes: `curl -d` calls everything a form. Only for routes that
/// nothing but a bearer token opens. A page of another site can make a browser send a form without asking, but never a
/// token with it, so nothing rests on the content type there.
pub struct AnyBody<T> {
    /// The parsed value.
    pub value: T,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for AnyBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let bytes = read(request).await?;
        parse(&bytes).map(|value| Self { value })
    }
}

async fn read(request: Request) -> Result<Bytes, Response> {
    axum::body::to_bytes(request.into_body(), LARGEST)
        .await
        .map_err(|_| problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Body too large", "Send at most 256 KiB."))
}

#[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Response> {
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    // serde would accept a list for a struct, field by field.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(problem::refused(Refusal::field("", "Send a JSON object, not a list.")));
    }
    // Check first whether it is JSON at all: serde also reports some values of a wrong type as malformed.
    serde_json::from_slice::<IgnoredAny>(bytes)
        .map_err(|error| malformed(&format!("line {}, column {}", error.line(), error.column())))?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut json).map_err(|error| refusal(&error))
}

fn refusal(error: &serde_path_to_error::Error<serde_json::Error>) -> Response {
    let inner = error.inner();
    let parts: Vec<String> = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    let pointer = pointer(&parts.iter().map(String::as_str).collect::<Vec<_>>());
    // serde's sentence names types and allowed fields. Of the input it repeats no more than the name of a field.
    let sentence = inner.to_string();
    let detail = sentence.split(" at line ").next().unwrap_or_default().chars().take(300).collect::<String>();
    problem::refused(Refusal::field(&pointer, &detail))
}

fn malformed(place: &str) -> Response {
    problem::answer(StatusCode::BAD_REQUEST, "Malformed JSON", &format!("The body is not valid JSON: {place}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        #[serde(default)]
        list: Vec<u8>,
    }

    #[test]
    fn bad_bodies_get_the_status_that_fits() {
        let status =
            |body: &str| parse::<Shape>(body.as_bytes()).map(|_| 200).unwrap_or_else(|answer| answer.status().as_u16());
        assert_eq!(status("{}"), 200);
        assert_eq!(status(""), 200);
        assert_eq!(status("{"), 400);
        assert_eq!(status("{} x"), 400);
        assert_eq!(status(r#"{"list":[1,"x"]}"#), 422);
        assert_eq!(status(r#"{"other":1}"#), 422);
        assert_eq!(status("[]"), 422);
        assert_eq!(parse::<Shape>(b"{\"list\":[7]}").unwrap().list, [7]);
    }
}
