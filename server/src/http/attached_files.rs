//! Reads the form of an answer with files: each file is written to the disk while it arrives, and the fields become the plain
//! form that server functions read. Only a signed-in person's form is read.

use std::path::Path;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::messaging::file;
use multer::{Constraints, Field, Multipart, SizeLimit};
use operations::inbox::{ArrivedFile, Attached, MOST_FILES};
use sha2::{Digest as _, Sha256};
use store::messaging::disk::Arriving;
use tokio::io::AsyncWriteExt as _;
use web::attached_files::AttachedFiles;
use web::request_context::RequestContext;

use super::pages::Shared;
use super::problem;

/// The server functions whose form may have files. A note and an answer for a later time share the form of the answer.
const FORMS: [&str; 4] =
    ["/do/reply_to_customer", "/do/add_conversation_note", "/do/schedule_message", "/do/add_knowledge_files"];
/// The name of the fields that hold files.
const FILES: &str = "files";
/// Largest file, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// Largest form with all its files, in bytes.
const LARGEST_FORM: u64 = 33 * 1024 * 1024;
/// Largest field that is no file, in bytes.
const LARGEST_FIELD: usize = 128 * 1024;
/// Most fields of a form.
const FIELDS: usize = 32;

/// Whether the body of this request is read by this layer while it arrives, and not as a whole before it.
#[must_use]
pub fn is_streamed(request: &Request) -> bool {
    FORMS.contains(&request.uri().path()) && boundary(request).is_some()
}

fn boundary(request: &Request) -> Option<String> {
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(kind).ok()
}

/// Reads forms with files and passes all other requests on.
pub async fn layer(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if !is_streamed(&request) {
        return next.run(request).await;
    }
    let is_signed_in = request.extensions().get::<RequestContext>().is_some_and(|context| context.caller.is_some());
    let Some(boundary) = boundary(&request).filter(|_| is_signed_in) else {
        return problem::of(web::Error::SignIn);
    };
    let (mut parts, body) = request.into_parts();
    let config = &shared.server.config;
    let root = config.data.join(file::FOLDER);
    match read(body, boundary, &root).await {
        Ok((form, files)) => {
            let plain = HeaderValue::from_static("application/x-www-form-urlencoded");
            parts.headers.insert(header::CONTENT_TYPE, plain);
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.extensions.insert(AttachedFiles::new(Attached { files, root, room: config.files_per_client }));
            next.run(Request::from_parts(parts, Body::from(form))).await
        }
        Err(Unreadable::TooLarge) => problem::answer(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Files too large",
            "Attach at most 5 files, each of at most 16 MB, and at most 32 MB together. Nothing was sent.",
        ),
        Err(Unreadable::Malformed) => problem::answer(
            StatusCode::BAD_REQUEST,
            "Not understood",
            "The form was incomplete or not understood. Reload the page and try again.",
        ),
        Err(Unreadable::Disk(error)) => problem::of(web::internal_error(error)),
    }
}

/// Why a form cannot be read.
#[derive(Debug)]
enum Unreadable {
    TooLarge,
    Malformed,
    Disk(std::io::Error),
}

impl From<multer::Error> for Unreadable {
    fn from(error: multer::Error) -> Self {
        match error {
            multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => Self::TooLarge,
            _ => Self::Malformed,
        }
    }
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

/// The fields as a plain form, and the files, which lie among those that arrive.
async fn read(body: Body, boundary: String, root: &Path) -> Result<(String, Vec<ArrivedFile>), Unreadable> {
    let limit = SizeLimit::new().whole_stream(LARGEST_FORM).per_field(LARGEST);
    let constraints = Constraints::new().size_limit(limit);
    let mut multipart = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let (mut fields, mut files) = (Vec::<(String, String)>::new(), Vec::new());
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == FILES {
            files.extend(arrive(field, root).await?);
        } else {
            fields.push((name, text(field).await?));
        }
        if fields.len() > FIELDS || files.len() > MOST_FILES {
            return Err(if files.len() > MOST_FILES { Unreadable::TooLarge } else { Unreadable::Malformed });
        }
    }
    let form = serde_urlencoded::to_string(fields).map_err(|_| Unreadable::Malformed)?;
    Ok((form, files))
}

/// The text of a field.
async fn text(mut field: Field<'_>) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await? {
        if bytes.len() + piece.len() > LARGEST_FIELD {
            return Err(Unreadable::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Unreadable::Malformed)
}

/// Writes a file to the disk. A browser sends an empty one without a name where none was chosen.
async fn arrive(mut field: Field<'_>, root: &Path) -> Result<Option<ArrivedFile>, Unreadable> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let mut next = field.chunk().await?;
    while next.as_ref().is_some_and(|piece| piece.is_empty()) {
        next = field.chunk().await?;
    }
    if name.is_empty() && next.is_none() {
        return Ok(None);
    }
    let (arriving, mut to) = Arriving::begin(root).await?;
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    while let Some(piece) = next {
        bytes += piece.len() as u64;
        hash.update(&piece);
        to.write_all(&piece).await?;
        next = field.chunk().await?;
    }
    to.sync_all().await?;
    let mime = arriving.kind_or_text().await?;
    Ok(Some(ArrivedFile { file: arriving, name, mime, bytes, sha256: hash.finalize().into() }))
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

    async fn of(parts: &[(&str, &[u8])]) -> Result<(String, Vec<ArrivedFile>), Unreadable> {
        let root = std::env::temp_dir().join("slipway-attached-forms");
        read(form(parts), "x".to_owned(), &root).await
    }

    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[tokio::test]
    async fn fields_stay_and_files_are_judged_by_their_content() {
        let (form, files) = of(&[
            ("name=\"text\"", b"we & you"),
            ("name=\"files\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf", PICTURE),
            ("name=\"files\"; filename=\"b.txt\"", b"just words"),
            ("name=\"files\"; filename=\"\"", b""),
        ])
        .await
        .unwrap();
        assert_eq!(form, "text=we+%26+you");
        let found: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.mime, file.bytes)).collect();
        assert_eq!(found, [("a.pdf", "image/png", PICTURE.len() as u64), ("b.txt", "text/plain", 10)]);
    }

    #[tokio::test]
    async fn what_is_too_much_or_no_form_is_refused() {
        let many: Vec<(&str, &[u8])> = vec![("name=\"files\"; filename=\"a\"", b"1"); MOST_FILES + 1];
        assert!(matches!(of(&many).await, Err(Unreadable::TooLarge)));
        let long = vec![b'a'; LARGEST_FIELD + 1];
        assert!(matches!(of(&[("name=\"text\"", &long)]).await, Err(Unreadable::TooLarge)));
        let large = vec![0; usize::try_from(LARGEST).unwrap() + 1];
        assert!(matches!(of(&[("name=\"files\"; filename=\"a\"", &large)]).await, Err(Unreadable::TooLarge)));
        assert!(matches!(of(&[("name=\"text\"", b"\xff")]).await, Err(Unreadable::Malformed)));
        let root = std::env::temp_dir().join("slipway-attached-forms");
        let broken = read(Body::from("--x\r\nnonsense"), "x".to_owned(), &root).await;
        assert!(matches!(broken, Err(Unreadable::Malformed)));
    }
}
