//! How does a process hear at once that something changed? LISTEN on one connection of its own, reconnecting for ever.
//! A notice carries ids only and may be lost: whoever listens also looks now and then, and looks at once after `Reconnected`.

use std::time::Duration;

use domain::{AgencyId, BusinessId, IntegrationId};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::{Db, Result};

const CHANNEL: &str = "slipway";

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A lane has work.
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

impl Note {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        match words.next()? {
            "w" => Some(Self::Work(words.next()?.to_owned())),
            "c" => words.next()?.parse().ok().map(Self::Credential),
            "e" => {
                let topic = words.next()?.to_owned();
                let mut id = || words.next().and_then(|word| Uuid::parse_str(word).ok());
                Some(Self::Happened {
                    topic,
                    agency: id().map(AgencyId),
                    business: id().map(BusinessId),
                    subject: id(),
                })
            }
            _ => None,
        }
    }
}

/// Starts listening for as long as the process lives; every subscriber of the sender gets every notice.
#[expect(clippy::disallowed_methods, reason = "a connection that waits for ever is a task of its own")]
pub async fn start(db: &Db) -> Result<broadcast::Sender<Note>> {
    let (notes, _) = broadcast::channel(1024);
    let mut listener = connect(db).await?;
    let (db, out) = (db.clone(), notes.clone());
    tokio::spawn(async move {
        let mut pause = Duration::from_millis(100);
        loop {
            let gone = match listener.try_recv().await {
                Ok(Some(notice)) => {
                    pause = Duration::from_millis(100);
                    if let Some(note) = Note::parse(notice.payload()) {
                        // An error means nobody listens just now, which is fine.
                        let _ = out.send(note);
                    }
                    false
                }
                Ok(None) => true,
                Err(error) => {
                    tracing::warn!(%error, "the listening connection is down; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                    match connect(&db).await {
                        Ok(fresh) => {
                            listener = fresh;
                            true
                        }
                        Err(_) => false,
                    }
                }
            };
            if gone {
                let _ = out.send(Note::Reconnected);
            }
        }
    });
    Ok(notes)
}

async fn connect(db: &Db) -> Result<PgListener> {
    // A pool of its own: a listener keeps its connection for ever, and behind a pooler it must be a direct one.
    let options = db.pool().connect_options();
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.as_ref().clone()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_read() {
        let id = Uuid::from_u128(7);
        assert_eq!(Note::parse("w provision"), Some(Note::Work("provision".into())));
        assert_eq!(
            Note::parse(&format!("e job.changed {id} - {id}")),
            Some(Note::Happened {
                topic: "job.changed".into(),
                agency: Some(AgencyId(id)),
                business: None,
                subject: Some(id)
            })
        );
        assert_eq!(Note::parse("x"), None);
    }
}
