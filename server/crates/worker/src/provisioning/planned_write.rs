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
    /// What is written.
    pub kind: &'static str,
    /// The marker of this very write.
    pub marker: String,
    /// Where it can be seen outside, if anywhere.
    pub marked_in: Option<MarkedIn>,
    /// What makes the write the same as another: hashed, and compared with what is found outside.
    pub nature: String,
    /// The id it is about, where it changes something that exists.
    pub about: Option<String>,
    /// Whether whoever looks may not see it at once.
    pub shows_late: bool,
}

impl PlannedWrite {
    /// A write with a new marker.
    #[must_use]
    pub fn new(kind: &'static str, nature: &str) -> Self {
        Self {
            kind,
            marker: marker(),
            marked_in: None,
            nature: format!("{kind}|{nature}"),
            about: None,
            shows_late: false,
        }
    }

    /// The same, changing something that exists.
    #[must_use]
    pub fn on(kind: &'static str, id: &str, nature: &str) -> Self {
        Self { about: Some(id.to_owned()), ..Self::new(kind, nature) }
    }

    /// The same, for what a search shows a while after it was made.
    #[must_use]
    pub fn late(self) -> Self {
        Self { shows_late: true, ..self }
    }

    /// What its record keeps of its nature.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.nature)
    }
}

/// A write that was answered.
#[derive(Debug)]
pub struct Sent {
    /// Its record.
    pub effect: EffectId,
    /// The id in the answer.
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

/// Whether what is found outside is what an effect wrote.
#[must_use]
pub fn is(effect: &Effect, kind: &str, nature: &str) -> bool {
    effect.kind == kind && effect.request_hash == hash(&format!("{kind}|{nature}"))
}

fn hash(nature: &str) -> [u8; 32] {
    Sha256::digest(nature).into()
}
