//! Seals a single value with AES-256-GCM, bound to the place where it is stored.
//! Format: `version(1) ‖ key_id(4) ‖ nonce(12) ‖ ciphertext ‖ tag(16)`. The associated data contains table,
//! column, row, agency, business, key and version, so a sealed value that is moved to another place does not open.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use domain::{AgencyId, BusinessId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Error, Result};

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4 + 12;

/// A 256-bit key; wiped when dropped, never printed.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    pub fn new(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes);
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The associated data of a sealed value: its table, column, row and tenant. It opens only with the same data.
#[derive(Clone, Copy, Debug)]
pub struct AssociatedData {
    /// Name of the table.
    pub table: &'static str,
    /// Name of the column.
    pub column: &'static str,
    /// Id of the row.
    pub row: Uuid,
    /// Agency of the row. `None` when the row belongs to no agency.
    pub agency: Option<AgencyId>,
    /// Business of the row, if any.
    pub business: Option<BusinessId>,
}

impl AssociatedData {
    fn encode(&self, key: &str) -> String {
        let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let (agency, business) = (text(self.agency.map(Uuid::from)), text(self.business.map(Uuid::from)));
        format!("{}|{}|{}|{agency}|{business}|{key}|{VERSION}", self.table, self.column, self.row)
    }
}

/// Seals a value. `label` is the number of the key, or its name where keys have names.
pub(crate) fn seal(
    key: &Key,
    key_id: i32,
    label: &str,
    associated_data: &AssociatedData,
    plain: &[u8],
) -> Result<Vec<u8>> {
    let mut nonce = [0_u8; 12];
    rand::fill(&mut nonce);
    let aad = associated_data.encode(label);
    let sealed = Aes256Gcm::new(key.bytes().into())
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: aad.as_bytes() })
        .map_err(|_| Error::Sealed("the value is too long to seal".into()))?;
    let mut out = Vec::with_capacity(HEAD + sealed.len());
    out.push(VERSION);
    out.extend(key_id.to_be_bytes());
    out.extend(nonce);
    out.extend(sealed);
    Ok(out)
}

/// The key number of a sealed value. Keys are selected by this number, never by trying them.
pub(crate) fn key_id(sealed: &[u8]) -> Result<i32> {
    let head: [u8; 5] = sealed.first_chunk().copied().ok_or_else(damaged)?;
    if head[0] != VERSION || sealed.len() < HEAD + 16 {
        return Err(damaged());
    }
    Ok(i32::from_be_bytes([head[1], head[2], head[3], head[4]]))
}

/// Opens what `seal` made with the same key, label and associated data.
pub(crate) fn open(
    key: &Key,
    label: &str,
    associated_data: &AssociatedData,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    key_id(sealed)?;
    let nonce: [u8; 12] = sealed.get(5..).and_then(<[u8]>::first_chunk).copied().ok_or_else(damaged)?;
    let body = sealed.get(HEAD..).ok_or_else(damaged)?;
    let aad = associated_data.encode(label);
    Aes256Gcm::new(key.bytes().into())
        .decrypt(&Nonce::from(nonce), Payload { msg: body, aad: aad.as_bytes() })
        .map(Zeroizing::new)
        .map_err(|_| damaged())
}

fn damaged() -> Error {
    Error::Sealed("it does not open: changed, moved or sealed with another key".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn associated_data() -> AssociatedData {
        AssociatedData {
            table: "t",
            column: "c",
            row: Uuid::from_u128(1),
            agency: Some(AgencyId(Uuid::from_u128(2))),
            business: None,
        }
    }

    #[test]
    fn it_opens_where_it_was_sealed() {
        let key = Key::random();
        let sealed = seal(&key, 7, "7", &associated_data(), b"secret").expect("seals");
        assert_eq!(key_id(&sealed).expect("names its key"), 7);
        assert_eq!(open(&key, "7", &associated_data(), &sealed).expect("opens").as_slice(), b"secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn it_opens_nowhere_else_and_with_no_other_key() {
        let key = Key::random();
        let sealed = seal(&key, 7, "7", &associated_data(), b"secret").expect("seals");
        let id = Uuid::from_u128(9);
        let others = [
            AssociatedData { table: "x", ..associated_data() },
            AssociatedData { column: "x", ..associated_data() },
            AssociatedData { row: id, ..associated_data() },
            AssociatedData { agency: Some(AgencyId(id)), ..associated_data() },
            AssociatedData { agency: None, ..associated_data() },
            AssociatedData { business: Some(BusinessId(id)), ..associated_data() },
        ];
        for other in others {
            assert!(open(&key, "7", &other, &sealed).is_err(), "{other:?}");
        }
        assert!(open(&key, "8", &associated_data(), &sealed).is_err());
        assert!(open(&Key::random(), "7", &associated_data(), &sealed).is_err());
    }

    #[test]
    fn every_changed_bit_and_every_shorter_piece_is_refused() {
        let key = Key::random();
        let sealed = seal(&key, 7, "7", &associated_data(), b"secret").expect("seals");
        for at in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[at / 8] ^= 1 << (at % 8);
            // The number of the key inside the envelope is only a hint; what counts is the label that the vault
            // derives from it.
            let label = key_id(&changed).map(|id| id.to_string()).unwrap_or_default();
            assert!(open(&key, &label, &associated_data(), &changed).is_err(), "bit {at}");
        }
        for end in 0..sealed.len() {
            assert!(open(&key, "7", &associated_data(), &sealed[..end]).is_err(), "first {end} bytes");
        }
    }
}
