//! How is a file given to Meta, before a message refers to it by its id?

use outbound::{Body, Part};
use serde::Deserialize;
use serde_json::json;

use super::FileKind;
use crate::client::{Call, Meta, Parts, Result, read};
use crate::error::Error;
use crate::ops::{Op, UPLOAD, UPLOAD_ATTACHMENT};
use crate::profile::LARGEST_FILE;
use crate::tolerant::id;

/// A file to upload.
#[derive(Clone)]
pub struct NewFile {
    /// Its name. The ending must match the media type, because Meta looks at both.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its contents.
    pub content: Vec<u8>,
}

#[derive(Deserialize)]
struct Uploaded {
    #[serde(alias = "attachment_id", deserialize_with = "id")]
    id: String,
}

/// Uploads a file for messages of a WhatsApp number. The id lives 30 days and belongs to the number.
///
/// # Errors
/// `Kind::Media` or `Kind::Invalid` if Meta refuses the file.
pub async fn upload(meta: &Meta, call: Call<'_>, number: &str, file: NewFile) -> Result<String> {
    let parts = vec![field("messaging_product", "whatsapp".into()), content("file", file)];
    send(meta, &UPLOAD, call, number, parts).await
}

/// Uploads a file for messages of a page on Messenger. The id can be used again.
///
/// # Errors
/// `Kind::Media` or `Kind::Invalid` if Meta refuses the file.
pub async fn upload_attachment(
    meta: &Meta,
    call: Call<'_>,
    page: &str,
    kind: FileKind,
    file: NewFile,
) -> Result<String> {
    let kind = crate::send::attachment_type(kind);
    let message = json!({"attachment": {"type": kind, "payload": {"is_reusable": true}}});
    let parts = vec![field("message", message.to_string()), content("filedata", file)];
    send(meta, &UPLOAD_ATTACHMENT, call, page, parts).await
}

fn field(name: &'static str, text: String) -> Part {
    Part { name, file: None, content: text.into_bytes() }
}

fn content(name: &'static str, file: NewFile) -> Part {
    Part { name, file: Some((file.name, file.media_type)), content: file.content }
}

async fn send(meta: &Meta, op: &'static Op, call: Call<'_>, owner: &str, parts: Vec<Part>) -> Result<String> {
    if parts.iter().any(|part| part.content.len() > LARGEST_FILE) {
        return Err(Error::unfit(op, "the file is larger than Meta takes"));
    }
    let body = Some(Body::Multipart(parts));
    let request = meta.signed(op, call, Parts { ids: &[owner], body, ..Parts::default() })?;
    let answer = meta.send_file(op, request, call.about).await?;
    read::<Uploaded>(op, &answer).map(|uploaded| uploaded.id)
}
