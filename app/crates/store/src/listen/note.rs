//! Defines the content and the text format of a notice.

use domain::{AgencyId, BusinessId, IntegrationId};
use uuid::Uuid;

/// What a notice says to whoever subscribed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// A queue has work.
    Work(String),
    /// Something happened; the row is in the outbox.
    Happened {
        /// What.
        topic: String,
        /// In which agency.
        agency: Option<AgencyId>,
        /// In which business.
        business: Option<BusinessId>,
        /// To what.
        subject: Option<Uuid>,
    },
    /// The secrets of this connection changed; forget what you opened.
    Credential(IntegrationId),
    /// The connection was away: anything may have been missed.
    Reconnected,
}

/// A notice as it comes over the wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// For subscribers; of what happened the number of the transaction, if it was said.
    Note(Note, Option<i64>),
    /// Somebody's notice to themselves.
    Proof(Uuid),
}

impl Notice {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let note = match words.next()? {
            "w" => Note::Work(words.next()?.to_owned()),
            "c" => words.next()?.parse().ok().map(Note::Credential)?,
            "p" => return words.next()?.parse().ok().map(Self::Proof),
            "e" => {
                let topic = words.next()?.to_owned();
                let mut id = || words.next().and_then(|word| Uuid::parse_str(word).ok());
                let note =
                    Note::Happened { topic, agency: id().map(AgencyId), business: id().map(BusinessId), subject: id() };
                return Some(Self::Note(note, words.next().and_then(|word| word.parse().ok())));
            }
            _ => return None,
        };
        Some(Self::Note(note, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_read() {
        let id = Uuid::from_u128(7);
        assert_eq!(Notice::parse("w provision"), Some(Notice::Note(Note::Work("provision".into()), None)));
        let changed = Note::Happened {
            topic: "job.changed".into(),
            agency: Some(AgencyId(id)),
            business: None,
            subject: Some(id),
        };
        assert_eq!(
            Notice::parse(&format!("e job.changed {id} - {id} 42")),
            Some(Notice::Note(changed.clone(), Some(42)))
        );
        assert_eq!(Notice::parse(&format!("e job.changed {id} - {id}")), Some(Notice::Note(changed, None)));
        assert_eq!(Notice::parse(&format!("p {id}")), Some(Notice::Proof(id)));
        assert_eq!(Notice::parse("x"), None);
    }
}
