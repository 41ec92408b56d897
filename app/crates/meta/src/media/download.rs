//! How is a customer's file read? WhatsApp gives an id, whose address lives five minutes; Messenger and Instagram give a
//! signed address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use outbound::{Body, CallContext, Request};
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use url::Url;

use crate::client::{Call, Login, Meta, Parts, Result};
use crate::error::{Error, Kind};
use crate::ops::{DOWNLOAD, FILE_ADDRESS};
use crate::profile::FILE_DOMAINS;
use crate::tolerant::{number, text, word};

/// Where a file of WhatsApp is for the next five minutes, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FileAddress {
    /// The address; it needs the token that asked for it.
    pub url: Url,
    /// Its media type, perhaps with parameters.
    #[serde(default, rename = "mime_type", deserialize_with = "word")]
    pub media_type: String,
    /// Its SHA-256, in hexadecimal or base64.
    #[serde(default, deserialize_with = "text")]
    pub sha256: Option<String>,
    /// Its length in bytes.
    #[serde(default, rename = "file_size", deserialize_with = "number")]
    pub length: Option<i64>,
}

/// Asks where a file of WhatsApp is. `number` is the phone number that received it.
///
/// # Errors
/// `Kind::NotFound` if the file is gone or belongs to another number.
pub async fn address(meta: &Meta, call: Call<'_>, file: &str, number: &str) -> Result<FileAddress> {
    let query = [("phone_number_id", number)];
    meta.call(&FILE_ADDRESS, call, Parts { ids: &[file], query: &query, body: None }).await
}

/// A file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its length in bytes.
    pub length: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Reads a file of WhatsApp: asks for its address, then passes at most `most` bytes from there on to `to` as they arrive,
/// and compares length and checksum. After an error `to` holds a part of it, or another file.
///
/// # Errors
/// `Kind::Media` if it is too large, `Kind::Temporary` if it is damaged or cannot be written, `Kind::NotFound` if it is
/// gone, `Kind::Invalid` if its address is at a host that is not Meta's.
pub async fn fetch<W: AsyncWrite + Unpin>(
    meta: &Meta,
    call: Call<'_>,
    file: &str,
    number: &str,
    most: u64,
    to: &mut W,
) -> Result<Fetched> {
    let address = address(meta, call, file, number).await?;
    let announced = address.length.and_then(|length| u64::try_from(length).ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    let fetched = download(meta, call.about, Some(call.token), &address.url, most, to).await?;
    let is_whole = announced.is_none_or(|length| length == fetched.length);
    if !is_whole || !address.sha256.as_deref().is_none_or(|sum| is_sum(&fetched.sha256, sum)) {
        return Err(Error::new(&DOWNLOAD, Kind::Temporary, "the file is not the one that was announced"));
    }
    Ok(fetched)
}

/// Reads a file of Messenger or Instagram, whose address is signed and needs no token, and passes at most `most` bytes on
/// to `to` as they arrive. After an error `to` holds a part of it.
///
/// # Errors
/// `Kind::Media` if it is too large, `Kind::Temporary` if it cannot be written, `Kind::Invalid` if its address is at a
/// host that is not Meta's.
pub async fn fetch_public<W: AsyncWrite + Unpin>(
    meta: &Meta,
    about: &CallContext,
    url: &Url,
    most: u64,
    to: &mut W,
) -> Result<Fetched> {
    download(meta, about, None, url, most, to).await
}

/// Stops reading after `most` bytes. A token goes to hosts of the settings only, never to one that only a domain allows.
async fn download<W: AsyncWrite + Unpin>(
    meta: &Meta,
    about: &CallContext,
    token: Option<&SecretString>,
    url: &Url,
    most: u64,
    to: &mut W,
) -> Result<Fetched> {
    let known = std::iter::once(&meta.settings.graph).chain(&meta.settings.media);
    let is_known = known.into_iter().any(|host| host.origin() == url.origin());
    if !is_known && (token.is_some() || !outbound::is_below(url, FILE_DOMAINS)) {
        return Err(Error::unfit(&DOWNLOAD, "the file is at a host that is not known as Meta's"));
    }
    let mut request: Request = meta.request(&DOWNLOAD, Login::Facebook, Parts::default())?;
    (request.url, request.endpoint, request.body) = (url.clone(), "(file)", Body::Empty);
    request.headers = vec![("accept", "*/*".to_owned())];
    request.bearer = token.cloned();
    let (pieces, arrived) = mpsc::channel::<Bytes>(8);
    let (answer, fetched) = tokio::join!(meta.stream(&DOWNLOAD, request, about, pieces), write(arrived, most, to));
    answer.and(fetched)
}

/// Passes what arrives on, and counts it. When it returns early, the rest is not read.
async fn write<W: AsyncWrite + Unpin>(mut arrived: mpsc::Receiver<Bytes>, most: u64, to: &mut W) -> Result<Fetched> {
    let (mut length, mut sum) = (0_u64, Sha256::new());
    let unwritten = |error: std::io::Error| {
        Error::new(&DOWNLOAD, Kind::Temporary, &format!("the file could not be written: {error}"))
    };
    while let Some(piece) = arrived.recv().await {
        length = length.saturating_add(piece.len() as u64);
        if length > most {
            return Err(too_large(most));
        }
        sum.update(&piece);
        to.write_all(&piece).await.map_err(unwritten)?;
    }
    to.flush().await.map_err(unwritten)?;
    Ok(Fetched { length, sha256: sum.finalize().into() })
}

fn too_large(most: u64) -> Error {
    Error::new(&DOWNLOAD, Kind::Media, &format!("the file is larger than {most} bytes"))
}

/// Whether this is the checksum, in either form. A text of another form says nothing.
fn is_sum(sha256: &[u8; 32], sum: &str) -> bool {
    let stated = hex::decode(sum).or_else(|_| STANDARD.decode(sum));
    stated.map_or(true, |stated| stated.len() != 32 || stated == sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_counts_in_both_forms() {
        let hexadecimal = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let base64 = STANDARD.encode(hex::decode(hexadecimal).unwrap());
        for sum in [hexadecimal, &hexadecimal.to_uppercase(), &base64, "", "odd", "abcd"] {
            assert!(is_sum(&Sha256::digest(b"hello").into(), sum), "{sum}");
        }
        for sum in [hexadecimal, &base64] {
            assert!(!is_sum(&Sha256::digest(b"hell").into(), sum), "{sum}");
        }
    }

    #[test]
    fn the_address_is_read_with_a_length_of_either_kind() {
        for length in ["303833", "\"303833\""] {
            let json = format!(
                r#"{{"url":"https://files.example.com/x?mid=1","mime_type":"image/jpeg","file_size":{length},"id":1}}"#
            );
            let address: FileAddress = serde_json::from_str(&json).unwrap();
            assert_eq!((address.length, address.media_type.as_str()), (Some(303_833), "image/jpeg"));
        }
        assert!(serde_json::from_str::<FileAddress>(r#"{"url":"nowhere"}"#).is_err());
    }
}
