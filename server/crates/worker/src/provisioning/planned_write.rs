//! Describes an outside write before it is made: its kind, the marker that identifies it, and its content. A hash of
//! the content later shows whether something found outside came from this write.

use domain::EffectId;
use rand::seq::IndexedRandom;
use sha2::{Digest, Sha256};
use store::provisioning::{Effect, MarkedIn};

use super::location_markers;

/// A write about to be made.
#[derive(Clone, Debug)]
pub struct PlannedWrite {
    /// The kind of write.
    pub kind: &'static str,
    /// The unique marker of this write.
    pub marker: String,
    /// Where the marker is visible in HighLevel; `None` if the write carries no marker.
    pub marked_in: Option<MarkedIn>,
    /// The content that identifies the write. Its hash is compared with what is found in HighLevel.
    pub identity: String,
    /// The id of the existing object that the write changes; `None` for a new object.
    pub about: Option<String>,
    /// True if a search may not show the result at once.
    pub shows_late: bool,
}

impl PlannedWrite {
    /// A write with a new marker.
    #[must_use]
    pub fn new(kind: &'static str, identity: &str) -> Self {
        Self {
            kind,
            marker: marker(),
            marked_in: None,
            identity: format!("{kind}|{identity}"),
            about: None,
            shows_late: false,
        }
    }

    /// A write that changes the existing object `id`.
    #[must_use]
    pub fn on(kind: &'static str, id: &str, identity: &str) -> Self {
        Self { about: Some(id.to_owned()), ..Self::new(kind, identity) }
    }

    /// The same write, with a result that a search shows only after a while.
    #[must_use]
    pub fn late(self) -> Self {
        Self { shows_late: true, ..self }
    }

    /// The hash of the content that the write's record stores.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.identity)
    }
}

/// A write that HighLevel answered with success.
#[derive(Debug)]
pub struct Sent {
    /// The write's record.
    pub effect: EffectId,
    /// The id of the object, from the answer.
    pub id: String,
}

/// A new marker.
#[must_use]
pub fn marker() -> String {
    let mut rng = rand::rng();
    (0..location_markers::LENGTH)
        .filter_map(|_| location_markers::LETTERS.choose(&mut rng).map(|byte| char::from(*byte)))
        .collect()
}

/// Returns true if the object found in HighLevel is what this effect wrote.
#[must_use]
pub fn matches_effect(effect: &Effect, kind: &str, identity: &str) -> bool {
    effect.kind == kind && effect.request_hash == hash(&format!("{kind}|{identity}"))
}

fn hash(identity: &str) -> [u8; 32] {
    Sha256::digest(identity).into()
}
