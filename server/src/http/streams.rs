//! Limits open event streams per token, person and agency, so no caller uses up all connections. A page's stream ends
//! soon after the session that opened it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::{AgencyId, ApiTokenId, BusinessId, UserId};
use store::Db;
use tokio_util::sync::CancellationToken;

use super::event_sockets::Lasting;
use super::limiter::{Limiter, Permit};
use super::problem;

/// Most concurrent streams of one token.
pub const OF_TOKEN: usize = 20;
/// Most concurrent streams of all tokens that one person created.
pub const OF_MAKER: usize = 40;
/// Most concurrent streams of all tokens of one agency.
pub const OF_AGENCYS_TOKENS: usize = 100;
/// Most concurrent streams of the AI agents of one client.
pub const OF_CLIENT: usize = 25;
/// Most concurrent streams of the AI agents of all clients of one agency. They take none of the streams of its programs.
pub const OF_AGENCYS_AGENTS: usize = 400;
/// Most concurrent streams of one person's pages. A browser opens one for all its windows.
pub const OF_PERSON: usize = 10;
/// Most concurrent streams of all pages of one agency.
pub const OF_AGENCYS_PAGES: usize = 200;
/// Interval of the heartbeats of a stream, and of the check whether the sessions of open streams still exist.
pub const BEAT: Duration = Duration::from_secs(15);

/// The keys under which streams are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    Token(ApiTokenId),
    Maker(UserId),
    AgencysTokens(AgencyId),
    Client(BusinessId),
    AgencysAgents(AgencyId),
    Person(UserId),
    /// The pages of an agency and its businesses; `None` for the pages of the platform.
    AgencysPages(Option<AgencyId>),
}

/// Open streams of pages by number: the session's key, and what ends the stream.
type Watched = HashMap<u64, ([u8; 32], CancellationToken)>;

/// The open streams of this process.
#[derive(Clone, Default)]
pub struct Streams {
    held: Limiter<Holder>,
    pages: Arc<Mutex<(u64, Watched)>>,
}

/// An open stream of a program; it counts until it is dropped.
pub struct Open {
    _held: Permit<Holder>,
}

/// An open stream of a page; it counts until it is dropped.
pub struct OpenPage {
    _held: Permit<Holder>,
    /// Cancelled when the session has ended.
    pub ended: CancellationToken,
    number: u64,
    streams: Streams,
}

impl Streams {
    /// Counts one more stream of this token, of its agency and of the person who created it.
    ///
    /// # Errors
    /// The response to send when one of them has reached its limit.
    #[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
    pub fn of_program(&self, token: ApiTokenId, agency: AgencyId, maker: Option<UserId>) -> Result<Open, Response> {
        let mut wanted = vec![(Holder::Token(token), OF_TOKEN), (Holder::AgencysTokens(agency), OF_AGENCYS_TOKENS)];
        wanted.extend(maker.map(|maker| (Holder::Maker(maker), OF_MAKER)));
        self.held.acquire(&wanted).map(|held| Open { _held: held }).map_err(too_many)
    }

    /// Counts one more stream of an AI agent with this token, of its client and of the agency. Clients share nothing but the
    /// last, so the agents of one leave room for those of others.
    ///
    /// # Errors
    /// The response to send when one of them has reached its limit.
    #[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
    pub fn of_agent(&self, token: ApiTokenId, client: BusinessId, agency: AgencyId) -> Result<Open, Response> {
        let of_agency = (Holder::AgencysAgents(agency), OF_AGENCYS_AGENTS);
        let wanted = [(Holder::Token(token), OF_TOKEN), (Holder::Client(client), OF_CLIENT), of_agency];
        self.held.acquire(&wanted).map(|held| Open { _held: held }).map_err(too_many)
    }

    /// Counts one more stream of this person's pages in this agency or on the platform, opened with this session.
    ///
    /// # Errors
    /// The response to send when the person or the agency has reached its limit.
    #[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
    pub fn of_page(&self, user: UserId, agency: Option<AgencyId>, session: [u8; 32]) -> Result<OpenPage, Response> {
        let wanted = [(Holder::Person(user), OF_PERSON), (Holder::AgencysPages(agency), OF_AGENCYS_PAGES)];
        let held = self.held.acquire(&wanted).map_err(too_many)?;
        let ended = CancellationToken::new();
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let number = pages.0;
        pages.0 += 1;
        pages.1.insert(number, (session, ended.clone()));
        drop(pages);
        Ok(OpenPage { _held: held, ended, number, streams: self.clone() })
    }

    /// Ends the streams whose session has ended. Checks once per `period` until the process stops, with one query
    /// for all streams.
    pub async fn watch(self, db: Db, period: Duration, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(period) => {}
                () = stopping.cancelled() => return,
            }
            let opened_with = self.sessions();
            if opened_with.is_empty() {
                continue;
            }
            match store::sessions::living(&db, &opened_with).await {
                Ok(living) => self.end_all_but(&living, &opened_with),
                Err(error) => {
                    tracing::warn!(event = "streams.sessions_unreadable", %error, "the sessions of open streams could not be read");
                }
            }
        }
    }

    fn sessions(&self) -> Vec<[u8; 32]> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let distinct: HashSet<[u8; 32]> = pages.1.values().map(|(session, _)| *session).collect();
        distinct.into_iter().collect()
    }

    /// Ends the streams of those sessions that were checked and no longer exist.
    fn end_all_but(&self, living: &[[u8; 32]], asked: &[[u8; 32]]) {
        let (living, asked): (HashSet<_>, HashSet<_>) = (living.iter().collect(), asked.iter().collect());
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let over = pages.1.values().filter(|(session, _)| asked.contains(session) && !living.contains(session));
        over.for_each(|(_, ended)| ended.cancel());
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        self.streams.pages.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&self.number);
    }
}

fn too_many(full: Holder) -> Response {
    let detail = match full {
        Holder::Token(_) => {
            format!("This token holds {OF_TOKEN} event streams open already. End one, or open fewer at once.")
        }
        Holder::Maker(_) => format!(
            "The tokens of the person who made this one hold {OF_MAKER} event streams open already. End one, or open fewer at once."
        ),
        Holder::AgencysTokens(_) => format!(
            "The tokens of this agency hold {OF_AGENCYS_TOKENS} event streams open already. End one, or open fewer at once."
        ),
        Holder::Client(_) => format!(
            "The AI agents of this client hold {OF_CLIENT} event streams open already. End one, or open fewer at once."
        ),
        Holder::AgencysAgents(_) => {
            "Very many event streams of AI agents of this agency are open. End one, or open fewer at once.".to_owned()
        }
        Holder::Person(_) => format!(
            "You have {OF_PERSON} browsers or windows with live pages open already. This page looks for changes now and then instead."
        ),
        Holder::AgencysPages(_) => {
            "Very many live pages of this agency are open. This page looks for changes now and then instead.".to_owned()
        }
    };
    let mut response = problem::answer(StatusCode::TOO_MANY_REQUESTS, "Too many event streams", &detail);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("15"));
    response
}

/// Tells every proxy on the way to pass each event on at once and unchanged, and this server to send the stream by a task of
/// its own.
pub fn unbuffered(response: &mut Response) {
    response.extensions_mut().insert(Lasting);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_stream_that_ends_makes_room_and_nothing_is_kept_of_it() {
        let (streams, agency) = (Streams::default(), AgencyId(Uuid::nil()));
        let token = |n: u128| ApiTokenId(Uuid::from_u128(n));
        let mut open: Vec<Open> = std::iter::from_fn(|| streams.of_program(token(1), agency, None).ok()).collect();
        assert_eq!(open.len(), OF_TOKEN);
        open.extend((2..20).flat_map(|n| {
            let (streams, maker) = (streams.clone(), UserId(Uuid::from_u128(n)));
            std::iter::from_fn(move || streams.of_program(token(n), agency, Some(maker)).ok())
        }));
        assert_eq!(open.len(), OF_AGENCYS_TOKENS, "more tokens bring no more streams");
        let elsewhere = AgencyId(Uuid::max());
        assert!(streams.of_program(token(99), elsewhere, None).is_ok(), "each agency has its own");
        open.pop();
        assert!(streams.of_program(token(20), agency, None).is_ok());
        open.clear();
        assert!(streams.held.is_empty());
    }

    #[test]
    fn the_agents_of_a_client_take_no_stream_of_another_client_or_of_a_program() {
        let (streams, agency) = (Streams::default(), AgencyId(Uuid::nil()));
        let of = |client: u128, token: u128| {
            streams.of_agent(ApiTokenId(Uuid::from_u128(token)), BusinessId(Uuid::from_u128(client)), agency).ok()
        };
        // A client that makes ever more tokens.
        let held: Vec<Open> = (1..50).flat_map(|token| std::iter::from_fn(move || of(1, token))).collect();
        assert_eq!(held.len(), OF_CLIENT);
        assert!(of(2, 99).is_some(), "another client has its own");
        let all: Vec<Open> = (2..200).flat_map(|one| std::iter::from_fn(move || of(one, 100 + one))).collect();
        assert_eq!(held.len() + all.len(), OF_AGENCYS_AGENTS);
        assert!(streams.of_program(ApiTokenId(Uuid::max()), agency, None).is_ok(), "programs have theirs");
        drop((held, all));
        assert!(streams.held.is_empty());
    }

    #[test]
    fn streams_end_with_their_session_alone() {
        let streams = Streams::default();
        let page = |user: u128, session: u8| {
            streams.of_page(UserId(Uuid::from_u128(user)), Some(AgencyId(Uuid::nil())), [session; 32]).ok()
        };
        let (mine, other) = (page(1, 1).unwrap(), page(1, 2).unwrap());
        let asked = streams.sessions();
        let opened_meanwhile = page(1, 3).unwrap();
        streams.end_all_but(&[[2; 32]], &asked);
        assert!(mine.ended.is_cancelled());
        assert!(!other.ended.is_cancelled() && !opened_meanwhile.ended.is_cancelled());
        let more: Vec<_> = std::iter::from_fn(|| page(1, 4)).collect();
        assert_eq!(more.len(), OF_PERSON - 3);
        drop((mine, other, opened_meanwhile, more));
        assert!(streams.sessions().is_empty() && streams.held.is_empty());
    }
}
