//! How is a customer's file read? WhatsApp gives an id, whose address lives five minutes; Messenger and Instagram give a
//! signed address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use outbound::{Body, CallContext, Request};
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use url::Url;

use crate::client::{Call, Login, Meta, Parts, Result};
use crate::error::{Error, Kind};
use crate::ops::{DOWNLOAD, FILE_ADDRESS};
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

/// Reads a file of WhatsApp: asks for its address, then reads at most `most` bytes from there and compares length and
/// checksum.
///
/// # Errors
/// `Kind::Media` if it is too large or damaged, `Kind::NotFound` if it is gone, `Kind::Invalid` if its address is at a
/// host that is not Meta's.
pub async fn fetch(meta: &Meta, call: Call<'_>, file: &str, number: &str, most: usize) -> Result<(FileAddress, Bytes)> {
    let address = address(meta, call, file, number).await?;
    if address.length.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > most)) {
        return Err(too_large(most));
    }
    let bytes = download(meta, call.about, Some(call.token), &address.url, most).await?;
    let whole = address.length.is_none_or(|length| i64::try_from(bytes.len()) == Ok(length));
    if !whole || !address.sha256.as_deref().is_none_or(|sum| is_sum(&bytes, sum)) {
        return Err(Error::new(&DOWNLOAD, Kind::Temporary, "the file is not the one that was announced"));
    }
    Ok((address, bytes))
}

/// Reads a file of Messenger or Instagram, whose address is signed and needs no token, at most `most` bytes.
///
/// # Errors
/// `Kind::Media` if it is too large, `Kind::Invalid` if its address is at a host that is not Meta's.
pub async fn fetch_public(meta: &Meta, about: &CallContext, url: &Url, most: usize) -> Result<Bytes> {
    download(meta, about, None, url, most).await
}

/// Stops reading after `most` bytes. A token goes to hosts of the settings only.
async fn download(
    meta: &Meta,
    about: &CallContext,
    token: Option<&SecretString>,
    url: &Url,
    most: usize,
) -> Result<Bytes> {
    let known = std::iter::once(&meta.settings.graph).chain(&meta.settings.media);
    if !known.into_iter().any(|host| host.origin() == url.origin()) {
        return Err(Error::unfit(&DOWNLOAD, "the file is at a host that is not known as Meta's"));
    }
    let mut request: Request = meta.request(&DOWNLOAD, Login::Facebook, Parts::default())?;
    (request.url, request.endpoint, request.body) = (url.clone(), "(file)", Body::Empty);
    request.headers = vec![("accept", "*/*".to_owned())];
    request.bearer = token.cloned();
    let (pieces, mut arrived) = mpsc::channel::<Bytes>(8);
    let read = async {
        let mut bytes = BytesMut::new();
        while let Some(piece) = arrived.recv().await {
            bytes.extend_from_slice(&piece);
            if bytes.len() > most {
                // Dropping the receiver ends the reading.
                arrived.close();
                return Err(too_large(most));
            }
        }
        Ok(bytes.freeze())
    };
    let (answer, bytes) = tokio::join!(meta.stream(&DOWNLOAD, request, about, pieces), read);
    answer.and(bytes)
}

fn too_large(most: usize) -> Error {
    Error::new(&DOWNLOAD, Kind::Media, &format!("the file is larger than {most} bytes"))
}

/// Whether this is the checksum of the bytes, in either form. A checksum in another form says nothing.
fn is_sum(bytes: &[u8], sum: &str) -> bool {
    let stated = hex::decode(sum).or_else(|_| STANDARD.decode(sum));
    stated.map_or(true, |stated| stated.len() != 32 || stated == Sha256::digest(bytes).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_counts_in_both_forms() {
        let hexadecimal = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let base64 = STANDARD.encode(hex::decode(hexadecimal).unwrap());
        for sum in [hexadecimal, &hexadecimal.to_uppercase(), &base64, "", "odd", "abcd"] {
            assert!(is_sum(b"hello", sum), "{sum}");
        }
        for sum in [hexadecimal, &base64] {
            assert!(!is_sum(b"hell", sum), "{sum}");
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
