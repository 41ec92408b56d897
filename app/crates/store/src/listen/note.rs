//! Defines the content and the text format of a notice.

use domain::{AgencyId, BusinessId, IntegrationId};
use uuid::Uuid;

/// The content of a notice for subscribers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// The queue with this name has work.
    Work(String),
    /// An event happened; its row is in the outbox.
    Happened {
        /// Topic of the event.
        topic: String,
        /// The agency in which it happened.
        agency: Option<AgencyId>,
        /// The business in which it happened.
        business: Option<BusinessId>,
        /// Id of the subject of the event.
        subject: Option<Uuid>,
    },
    /// The secrets of this integration changed, so opened copies of them are outdated.
    Credential(IntegrationId),
    /// The listener's database connection was lost, so any notice may have been missed.
    Reconnected,
}

/// A notice as it arrives from the database.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A note for subscribers. An event also has the number of its transaction, if the notice contains it.
    Note(Note, Option<i64>),
    /// A test notice that a listener sent to itself.
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
