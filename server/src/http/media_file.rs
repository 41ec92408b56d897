//! How does a person get the file of a customer's message? Whoever may read the conversation gets it; only pictures, sounds
//! and films are shown in the browser, and nothing in it runs.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::messaging::file;
use domain::{AttachmentId, BusinessId};
use store::messaging::attachments::{self, File};
use store::tenant::TenantTx;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use web::Error;
use web::guard::business_scope;
use web::request_context::{CurrentTenant, RequestContext};

use super::authentication::person;
use super::pages::Shared;
use super::problem;

/// What a stored file may do: nothing.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// Nothing keeps a copy: whoever may no longer read the conversation does not see its files either, and a file that its
/// writer took back is gone.
const CACHING: &str = "private, no-store";

/// `GET /b/{business}/media/{attachment}`.
pub async fn read(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    Path((_, attachment)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (business, found) = match stored(&shared, &context, &attachment).await {
        Ok(found) => found,
        Err(error) => return problem::of(error),
    };
    let mime = found.mime.as_deref().unwrap_or("application/octet-stream");
    let shown = file::is_shown(mime);
    let kind = if shown { mime } else { "application/octet-stream" };
    let path = shared.server.config.data.join(file::FOLDER).join(file::path(business, &found.sha256));
    let Ok(kind) = kind.parse() else { return problem::of(Error::NotFound) };
    // The service answers for parts of the file, too, which films and sounds need.
    let mut answer = match ServeFile::new_with_mime(path, &kind).oneshot(request).await {
        Ok(answer) if answer.status() == StatusCode::NOT_FOUND => return problem::of(Error::NotFound),
        Ok(answer) => answer.map(Body::new).into_response(),
        Err(never) => match never {},
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, disposition(shown, &found.name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHING));
    answer
}

/// The business that the request is about, and the file if it is one of its own.
async fn stored(shared: &Shared, context: &RequestContext, attachment: &str) -> Result<(BusinessId, File), Error> {
    let CurrentTenant::Business(place) = &context.tenant else { return Err(Error::NotFound) };
    let id: AttachmentId = attachment.parse().map_err(|_| Error::NotFound)?;
    let user = Some(person(context)?);
    let mut tx = TenantTx::begin(&shared.app.db, business_scope(user, place)).await?;
    let found = attachments::file(&mut tx, id).await?;
    tx.commit().await?;
    Ok((place.id, found))
}

/// Whether the browser shows the file or saves it, and under which name. Any name goes into the second form (RFC 6266).
fn disposition(shown: bool, name: &str) -> HeaderValue {
    let how = if shown { "inline" } else { "attachment" };
    let name = domain::text::line(name);
    let name = if name.is_empty() { "file" } else { &name };
    let mut text = format!("{how}; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_hostile_name_stays_a_name() {
        for (shown, name, expected) in [
            (true, "cat.png", "inline; filename*=UTF-8''cat.png"),
            (false, "", "attachment; filename*=UTF-8''file"),
            (false, "a\"; x=\r\nSet-Cookie: b", "attachment; filename*=UTF-8''a%22%3B%20x%3D%20Set-Cookie%3A%20b"),
            (false, "../../etc/passwd", "attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
            (false, "naïve.pdf", "attachment; filename*=UTF-8''na%C3%AFve.pdf"),
        ] {
            assert_eq!(disposition(shown, name), expected, "{name:?}");
        }
    }
}
