//! Serves the files of messages: upload and two-step download of WhatsApp, and plain addresses on Messenger and Instagram.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{ids::digest, world::Transaction};

use super::{customers::random_digits, message_records::Media, multipart::Part, refusal::Refusal, samples};

/// How long an address of a file works.
const ADDRESS_LIVES: TimeDelta = TimeDelta::minutes(5);
/// How long a file is kept.
const FILE_LIVES: TimeDelta = TimeDelta::days(30);

/// Kinds by which a MIME type begins, with the types that are taken and the largest size in bytes.
const KINDS: [(&str, &[&str], usize); 3] = [
    ("image/", &["image/jpeg", "image/png", "image/webp"], 5 << 20),
    ("video/", &["video/mp4", "video/3gpp"], 16 << 20),
    ("audio/", &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"], 16 << 20),
];
/// Largest document in bytes.
const DOCUMENT: usize = 100 << 20;

/// `POST /{phone-number-id}/media`.
pub fn upload(tx: &mut Transaction<'_>, number: &str, parts: &[Part]) -> Result<Value, Refusal> {
    let text = |name: &str| {
        let part = parts.iter().find(|part| part.name == name);
        part.map(|part| String::from_utf8_lossy(&part.bytes).trim().to_owned()).unwrap_or_default()
    };
    if text("messaging_product") != "whatsapp" {
        return Err(Refusal::parameter("The parameter messaging_product is required."));
    }
    let file = parts.iter().find(|part| part.name == "file" && !part.filename.is_empty());
    let file = file.ok_or_else(|| Refusal::parameter("Param file must be a file with its name."))?;
    let mime = if file.mime.is_empty() { text("type") } else { file.mime.clone() };
    let plain = mime.split(';').next().unwrap_or_default().trim();
    let kind = KINDS.iter().find(|(start, ..)| plain.starts_with(start));
    let (taken, most) = match kind {
        Some((_, types, most)) => (types.contains(&plain), *most),
        None => (plain.contains('/') && plain != "application/octet-stream", DOCUMENT),
    };
    if !taken {
        return Err(Refusal::parameter(format!(
            "Param file must be a file with one of the supported types. Received file of type '{mime}'."
        )));
    }
    if file.bytes.len() > most || file.bytes.is_empty() {
        return Err(Refusal::parameter("Param file is empty or larger than its type may be."));
    }
    let media = store(tx, number, &mime, file);
    Ok(json!({"id": media.id}))
}

fn store(tx: &mut Transaction<'_>, account: &str, mime: &str, file: &Part) -> Media {
    let media = Media {
        id: random_digits(16),
        account_id: account.into(),
        mime_type: mime.into(),
        filename: file.filename.clone(),
        data: STANDARD.encode(&file.bytes),
        at: tx.now,
    };
    tx.put(&media);
    media
}

/// `POST /{page}/message_attachments`: keeps a file, or the address of one, for messages.
pub fn attach(tx: &mut Transaction<'_>, account: &str, body: &Value, parts: &[Part]) -> Result<Value, Refusal> {
    let payload = &body["message"]["attachment"]["payload"];
    let file = parts.iter().find(|part| part.name == "filedata");
    if file.is_none() && !payload["url"].is_string() {
        return Err(Refusal::with_subcode(100, 2_018_047, "Upload attachment failure."));
    }
    let linked = || Part { mime: "image/png".into(), bytes: samples::bytes("image/png"), ..Part::default() };
    let file = file.cloned().unwrap_or_else(linked);
    let most = if file.mime.starts_with("image/") { 8 << 20 } else { 25 << 20 };
    if file.bytes.len() > most {
        return Err(Refusal::with_subcode(100, 2_018_109, "Attachment size exceeds allowable limit."));
    }
    if file.bytes.is_empty() {
        return Err(Refusal::with_subcode(100, 2_018_047, "Upload attachment failure."));
    }
    let media = store(tx, account, &file.mime, &file);
    Ok(json!({"attachment_id": media.id}))
}

/// `GET /{media-id}`: where the file is for the next five minutes.
pub fn locate(tx: &Transaction<'_>, media: &Media, number: Option<&str>, base: &str) -> Result<Value, Refusal> {
    if number.is_some_and(|number| number != media.account_id) || tx.now - media.at > FILE_LIVES {
        return Err(Refusal::no_object(&media.id));
    }
    let bytes = bytes(media);
    let ends = (tx.now + ADDRESS_LIVES).timestamp();
    let url = format!(
        "{base}/meta/lookaside/whatsapp_business/attachments/?mid={}&ext={ends}&hash={}",
        media.id,
        seal(&media.id, ends)
    );
    Ok(json!({
        "messaging_product": "whatsapp", "url": url, "mime_type": media.mime_type, "id": media.id,
        "sha256": STANDARD.encode(Sha256::digest(&bytes)), "file_size": bytes.len().to_string(),
    }))
}

/// Whether an address with these parameters works now.
pub fn is_live(id: &str, ends: &str, hash: &str, now: i64) -> bool {
    ends.parse().is_ok_and(|ends: i64| ends >= now && seal(id, ends) == hash)
}

fn seal(id: &str, ends: i64) -> String {
    digest(&format!("slipway simulator file {id} {ends}")).chars().take(24).collect()
}

/// The bytes of a file.
pub fn bytes(media: &Media) -> Vec<u8> {
    STANDARD.decode(&media.data).unwrap_or_default()
}

/// Where the file of a message of Messenger or Instagram is: an address that needs no token.
pub fn public_url(base: &str, id: &str) -> String {
    format!("{base}/meta/lookaside/ig_messaging_cdn/?asset_id={id}&signature={}", seal(id, 0))
}

/// Whether the address of a file without a token is right.
pub fn is_signed(id: &str, signature: &str) -> bool {
    seal(id, 0) == signature
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Handle;

    fn file(name: &str, mime: &str, length: usize) -> Part {
        Part { name: name.into(), filename: "a".into(), mime: mime.into(), bytes: vec![7; length] }
    }

    #[tokio::test]
    async fn an_upload_is_judged_by_its_type_and_its_length() {
        let sim = Handle::start_frozen().await.unwrap();
        let product = Part { name: "messaging_product".into(), bytes: b"whatsapp".to_vec(), ..Part::default() };
        for (mime, length, expected) in [
            ("image/png", 9, true),
            ("image/png", (5 << 20) + 1, false),
            ("image/gif", 9, false),
            ("audio/ogg; codecs=opus", 9, true),
            ("video/webm", 9, false),
            ("application/pdf", 9, true),
            ("application/octet-stream", 9, false),
            ("application/pdf", 0, false),
        ] {
            let parts = [product.clone(), file("file", mime, length)];
            let done = sim.simulator().run_transaction(|tx| upload(tx, "1", &parts));
            assert_eq!(done.is_ok(), expected, "{mime} {length}");
        }
        for (mime, length, expected) in [
            ("image/png", 9, true),
            ("image/png", (8 << 20) + 1, false),
            ("video/mp4", 9 << 20, true),
            ("a/b", 0, false),
        ] {
            let parts = [file("filedata", mime, length)];
            let done = sim.simulator().run_transaction(|tx| attach(tx, "1", &Value::Null, &parts));
            assert_eq!(done.is_ok(), expected, "{mime} {length}");
        }
    }

    #[tokio::test]
    async fn what_was_uploaded_is_what_is_shown() {
        let sim = Handle::start_frozen().await.unwrap();
        let parts = [file("filedata", "image/png", 5)];
        let done = sim.simulator().run_transaction(|tx| attach(tx, "1", &Value::Null, &parts)).ok().unwrap();
        let id = done["attachment_id"].as_str().unwrap_or_default().to_owned();
        let read = |tx: &mut Transaction<'_>| match tx.world.media.get(&id) {
            Some(media) => Ok(bytes(media)),
            None => Err(Refusal::no_object(&id)),
        };
        assert_eq!(sim.simulator().run_transaction(read).ok(), Some(vec![7; 5]));
    }
}
