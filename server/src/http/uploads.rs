//! Turns a form with a file into the plain form that server functions read: the file becomes a field in base64,
//! without padding and in the alphabet of addresses. Only server functions whose declared sample has a field ending
//! in `_file` take one, and only from a signed-in person.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::brand::LARGEST_LOGO;
use domain::feature::operation_named;
use multer::{Constraints, Multipart, SizeLimit};
use web::request_context::RequestContext;

use super::problem;

/// How a field for a file is called at the end.
const FILE: &str = "_file";
/// Most fields of a form with a file.
const FIELDS: usize = 32;
/// Largest form with a file as it arrives, in bytes: the file, and what stands around it.
pub const LARGEST_ARRIVING: usize = LARGEST_LOGO + 64 * 1024;

/// Largest form with a file once it is a plain one, in bytes.
pub const LARGEST: usize = 2 * 1024 * 1024;

/// Marks a request whose form had a file.
#[derive(Clone, Copy, Debug)]
pub struct Converted;

/// Converts forms with a file and passes all other requests on.
pub async fn layer(request: Request, next: Next) -> Response {
    let Some(boundary) = boundary(&request) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    match plain(body, boundary).await {
        Ok(form) => {
            let plain = HeaderValue::from_static("application/x-www-form-urlencoded");
            parts.headers.insert(header::CONTENT_TYPE, plain);
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.extensions.insert(Converted);
            next.run(Request::from_parts(parts, Body::from(form))).await
        }
        Err(Unreadable::TooLarge) => too_large(),
        Err(Unreadable::Malformed) => problem::answer(
            StatusCode::BAD_REQUEST,
            "Not understood",
            "The form was incomplete or not understood. Reload the page and try again.",
        ),
    }
}

/// The answer to a form whose file is too large.
#[must_use]
pub fn too_large() -> Response {
    let detail = "Choose a file of at most 1 MB. Nothing was changed.";
    problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "File too large", detail)
}

/// Whether the form that is sent to this path may hold a file.
#[must_use]
pub fn takes_file(path: &str) -> bool {
    let operation = path.strip_prefix("/do/").and_then(operation_named);
    operation.is_some_and(|operation| operation.sample.iter().any(|(field, _)| field.ends_with(FILE)))
}

/// The boundary of a form that may hold a file.
fn boundary(request: &Request) -> Option<String> {
    let takes_file = takes_file(request.uri().path());
    let context = request.extensions().get::<RequestContext>()?;
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    (takes_file && context.caller.is_some()).then(|| multer::parse_boundary(kind).ok()).flatten()
}

/// Why a form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unreadable {
    TooLarge,
    Malformed,
}

impl From<multer::Error> for Unreadable {
    fn from(error: multer::Error) -> Self {
        match error {
            multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => Self::TooLarge,
            _ => Self::Malformed,
        }
    }
}

/// The fields as a plain form.
async fn plain(body: Body, boundary: String) -> Result<String, Unreadable> {
    let limit = SizeLimit::new().whole_stream(LARGEST_ARRIVING as u64).per_field(LARGEST_LOGO as u64);
    let constraints = Constraints::new().size_limit(limit);
    let mut multipart = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let mut fields: Vec<(String, String)> = Vec::new();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await?;
        let value = if name.ends_with(FILE) {
            URL_SAFE_NO_PAD.encode(&bytes)
        } else {
            String::from_utf8(bytes.to_vec()).map_err(|_| Unreadable::Malformed)?
        };
        fields.push((name, value));
        if fields.len() > FIELDS {
            return Err(Unreadable::Malformed);
        }
    }
    serde_urlencoded::to_string(fields).map_err(|_| Unreadable::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(parts: &[(&str, &[u8])]) -> Body {
        let mut bytes = Vec::new();
        for (head, value) in parts {
            bytes.extend(format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
            bytes.extend(*value);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"--x--\r\n");
        Body::from(bytes)
    }

    async fn read(parts: &[(&str, &[u8])]) -> Result<String, Unreadable> {
        plain(form(parts), "x".to_owned()).await
    }

    #[tokio::test]
    async fn a_file_becomes_a_field_and_fields_stay() {
        let parts: &[(&str, &[u8])] = &[
            ("name=\"agency\"", b"harbor & co"),
            ("name=\"logo_file\"; filename=\"../../etc/passwd\"\r\nContent-Type: image/svg+xml", b"\x89PNG\xff"),
        ];
        assert_eq!(read(parts).await.unwrap(), "agency=harbor+%26+co&logo_file=iVBOR_8");
        let empty: &[(&str, &[u8])] = &[("name=\"logo_file\"; filename=\"\"", b"")];
        assert_eq!(read(empty).await.unwrap(), "logo_file=");
    }

    #[test]
    fn only_a_form_with_a_file_is_a_large_one() {
        assert!(takes_file("/do/set_brand"));
        for path in ["/do/sign_in", "/do/", "/set_brand", "/", "/do/set_brand/x"] {
            assert!(!takes_file(path), "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_too_large_or_no_form_is_refused() {
        let large = vec![0; LARGEST_LOGO + 1];
        let too_large: &[(&str, &[u8])] = &[("name=\"logo_file\"; filename=\"a\"", &large)];
        assert_eq!(read(too_large).await, Err(Unreadable::TooLarge));
        assert_eq!(plain(Body::from("--x\r\nnonsense"), "x".to_owned()).await, Err(Unreadable::Malformed));
        let binary: &[(&str, &[u8])] = &[("name=\"accent\"", b"\xff\xfe")];
        assert_eq!(read(binary).await, Err(Unreadable::Malformed));
        let many: Vec<(&str, &[u8])> = vec![("name=\"a\"", b"1"); FIELDS + 1];
        assert_eq!(read(&many).await, Err(Unreadable::Malformed));
    }
}
