//! When is the list of tools of a client another one? Whoever listens for that watches it here, with or without a session,
//! for as long as its token may call tools.

use std::time::Duration;

use axum::response::Response;
use domain::{AgencyId, BusinessId};
use operations::tools::{self, ToolError};
use rmcp::model::Tool;
use sha2::{Digest, Sha256};
use store::listen::Note;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, Interval, interval_at, sleep_until};

use super::wire;
use crate::api::token::Bearer;
use crate::api::tools::caller::{Admitted, admit, said};
use crate::api::tools::{answers, remote};
use crate::http::pages::Shared;
use crate::http::streams::{BEAT, Open};

/// Lifetime of one stream; its client opens another one.
const LIFETIME: Duration = Duration::from_secs(600);
/// After how many heartbeats the list is read without a notice. It also changes with the rights of whoever made the token.
const QUIET: u32 = 4;
/// The topic under which the tools of third-party servers change.
const TOPIC: &str = "tool_servers.changed";
/// How many streams of this process read at once what changed. A notice for everybody wakes all of them, and pages need the
/// database, too.
static LOOKS: Semaphore = Semaphore::const_new(2);

/// What whoever listens is told next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing; only a heartbeat.
    Beat,
    /// The list is another.
    Changed,
    /// The lifetime of the stream is over, the process stops, or nobody knows what the token may do: the answer to the next
    /// request says more.
    Over,
    /// The token may not call tools, and why: a pause of its client ends, and a token that was revoked does not come back.
    Denied(String),
}

impl News {
    /// What it means that the token may not go on, by the answer that says why. A database that is away for a moment ends no
    /// token, and a client that heard so would ask its person for another one.
    fn of_refusal(refused: &Response) -> Self {
        if refused.status().is_server_error() { Self::Over } else { Self::Denied(said(refused)) }
    }
}

/// The list of tools of a token, watched for one stream, as which it counts.
pub struct Watch {
    shared: Shared,
    bearer: Bearer,
    notes: Receiver<Note>,
    /// The hash of the list that the client knows, or was told of.
    listed: String,
    beats: Interval,
    /// How many heartbeats passed since the list was read.
    quiet: u32,
    end: Instant,
    _place: Open,
}

impl Watch {
    /// Begins to watch the list of this token.
    ///
    /// # Errors
    /// The response to send instead: 429 if too many streams are open, or why the list cannot be read.
    pub async fn begin(shared: Shared, bearer: Bearer, admitted: &Admitted) -> Result<Self, Response> {
        let caller = &admitted.caller;
        let place = shared.server.streams.of_agent(caller.token, caller.business, caller.agency)?;
        // Subscribed before the list is read, so that no change falls in between.
        let notes = shared.server.notes.subscribe();
        let turn = LOOKS.acquire().await;
        let listed = hash_of_list(&shared, admitted).await;
        drop(turn);
        let listed = listed.map_err(|error| answers::of(Err(error)))?;
        let (now, beat) = (Instant::now(), beat(&shared));
        let (beats, end) = (interval_at(now + beat, beat), now + LIFETIME);
        Ok(Self { shared, bearer, notes, listed, beats, quiet: 0, end, _place: place })
    }

    /// The hash of the list that the client knows, or was told of.
    #[must_use]
    pub fn listed(&self) -> &str {
        &self.listed
    }

    /// Waits for what is to be said next.
    pub async fn next(&mut self) -> News {
        let stopping = self.shared.server.stopping.clone();
        let (agency, business) = (self.bearer.agency, self.bearer.business);
        let is_quiet = tokio::select! {
            () = stopping.cancelled() => return News::Over,
            () = sleep_until(self.end) => return News::Over,
            _ = self.beats.tick() => true,
            is_told = hear(&mut self.notes, agency, business) => {
                if !is_told {
                    return News::Over;
                }
                false
            }
        };
        let turn = tokio::select! {
            () = stopping.cancelled() => return News::Over,
            turn = LOOKS.acquire() => turn,
        };
        if !is_quiet {
            heard(&mut self.notes);
        }
        let news = self.look(is_quiet).await;
        drop(turn);
        news
    }

    /// Waits until nothing more is to be said.
    pub fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        let (stopping, end) = (self.shared.server.stopping.clone(), self.end);
        async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = sleep_until(end) => {}
            }
        }
    }

    /// Whether the list is another by now. After a heartbeat it is read now and then only.
    async fn look(&mut self, is_quiet: bool) -> News {
        let bearer = match self.bearer.read_again(&self.shared).await {
            Ok(bearer) => bearer,
            Err(refused) => return News::of_refusal(&refused),
        };
        self.quiet += 1;
        if is_quiet && self.quiet < QUIET {
            return News::Beat;
        }
        self.quiet = 0;
        let admitted = match admit(&self.shared, &bearer) {
            Ok(admitted) => admitted,
            Err(refused) => return News::of_refusal(&refused),
        };
        let Ok(listed) = hash_of_list(&self.shared, &admitted).await else { return News::Over };
        if listed == self.listed {
            return News::Beat;
        }
        self.listed = listed;
        News::Changed
    }
}

/// The time between two heartbeats.
#[must_use]
pub fn beat(shared: &Shared) -> Duration {
    BEAT.div_f64(shared.server.config.time_scale)
}

/// A hash of the list of tools that the token sees: their names, descriptions and schemas.
async fn hash_of_list(shared: &Shared, admitted: &Admitted) -> Result<String, ToolError> {
    let offered = remote::offered(shared, admitted).await?;
    let ours = tools::listed(&admitted.context).into_iter().map(wire::described);
    let all: Vec<Tool> = ours.chain(offered.iter().map(wire::described_remote)).collect();
    let hash: [u8; 32] = Sha256::digest(serde_json::to_vec(&all).expect("a tool is JSON")).into();
    Ok(hex::encode(&hash[..16]))
}

/// Waits for a notice after which the list may be another. False if none will come any more.
async fn hear(notes: &mut Receiver<Note>, agency: AgencyId, business: Option<BusinessId>) -> bool {
    loop {
        match notes.recv().await {
            Ok(note) if !concerns(&note, agency, business) => {}
            // Whoever missed notices may have missed this one.
            Ok(_) | Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

/// Whether the list of tools of this business may be another after a notice.
fn concerns(note: &Note, agency: AgencyId, business: Option<BusinessId>) -> bool {
    match note {
        Note::Happened { topic, agency: theirs, business: one, .. } => {
            let is_here = theirs.is_none_or(|theirs| theirs == agency) && one.is_none_or(|one| Some(one) == business);
            topic == TOPIC && is_here
        }
        Note::Reconnected => true,
        Note::Work(_) | Note::Credential(_) => false,
    }
}

/// Takes what was told until now: one look at the list that follows answers all of it.
fn heard(notes: &mut Receiver<Note>) {
    while matches!(notes.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use uuid::Uuid;

    use super::*;
    use crate::http::problem;

    #[test]
    fn a_list_changes_with_the_servers_of_its_agency_and_of_no_other() {
        let (agency, other) = (AgencyId(Uuid::from_u128(1)), AgencyId(Uuid::from_u128(2)));
        let (business, sibling) = (BusinessId(Uuid::from_u128(3)), BusinessId(Uuid::from_u128(4)));
        let happened =
            |topic: &str, agency, business| Note::Happened { topic: topic.to_owned(), agency, business, subject: None };
        for (note, heard) in [
            (happened(TOPIC, None, None), true),
            (happened(TOPIC, Some(agency), None), true),
            (happened(TOPIC, Some(agency), Some(business)), true),
            (happened(TOPIC, Some(agency), Some(sibling)), false),
            (happened(TOPIC, Some(other), None), false),
            (happened("tool_call.changed", Some(agency), Some(business)), false),
            (Note::Reconnected, true),
            (Note::Work("mail".to_owned()), false),
        ] {
            assert_eq!(concerns(&note, agency, Some(business)), heard, "{note:?}");
        }
        assert!(domain::feature::FEATURES.iter().any(|feature| feature.topics.contains(&TOPIC)));
    }

    #[test]
    fn a_database_that_is_away_ends_a_stream_and_no_token() {
        assert_eq!(News::of_refusal(&problem::of(web::Error::Unavailable)), News::Over);
        for why in ["The token is unknown.", "The client of this token is paused."] {
            let refused = problem::answer(StatusCode::FORBIDDEN, "Not allowed", why);
            assert_eq!(News::of_refusal(&refused), News::Denied(why.to_owned()));
        }
    }

    #[test]
    fn many_notices_are_answered_by_one_look() {
        let (tell, mut notes) = tokio::sync::broadcast::channel(2);
        for told in 0..5 {
            tell.send(Note::Work(told.to_string())).unwrap();
        }
        heard(&mut notes);
        assert!(matches!(notes.try_recv(), Err(TryRecvError::Empty)));
        tell.send(Note::Reconnected).unwrap();
        assert!(matches!(notes.try_recv(), Ok(Note::Reconnected)), "what comes later is heard");
        drop(tell);
        heard(&mut notes);
    }
}
