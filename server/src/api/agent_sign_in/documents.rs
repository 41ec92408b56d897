//! What does a program say of itself whose id is an address (OAuth Client ID Metadata Documents, draft 02)? Its document is read
//! there when a person comes with its request. Anybody can name any address, so it is read as every address that a stranger
//! typed: only from the public internet, without following a redirect, and little of it, briefly and a few at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{StatusCode, header};
use domain::UserId;
use domain::agent_sign_in::{Program, is_address};
use outbound::{MOST_LOOK_UPS, Outbound, PageBytes, PageRequest};
use tokio::sync::Semaphore;
use url::Url;

use crate::http::limiter::Limiter;

/// The most bytes of a document.
const LARGEST: usize = 16 * 1024;
/// How long reading one may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// How many are read at once. Whoever comes then is asked to try again.
const PLACES: usize = 8;
/// For how many seconds a name is looked up whose name server never answers: also when nobody waits for it any more.
const LONGEST_LOOK_UP: u64 = 30;
// Strangers who name such addresses leave a quarter of the look-ups to webhooks and providers.
const _: () = assert!(PLACES as u64 * LONGEST_LOOK_UP / DEADLINE.as_secs() <= MOST_LOOK_UPS as u64 * 3 / 4);
/// How many of them one person holds.
const OF_A_PERSON: usize = 2;
/// How long one that was read counts, so that many people who connect the same program cost its owner one request. It is
/// short, because a document can lose an address of its program.
const KEPT: Duration = Duration::from_secs(300);
/// The most that are kept.
const MOST: usize = 256;

/// The documents of programs, as far as this process read them.
pub struct Documents {
    http: Outbound,
    places: Semaphore,
    people: Limiter<UserId>,
    kept: Mutex<HashMap<String, (Instant, Program)>>,
}

impl Documents {
    /// Knows no document yet, and reads them with this client.
    #[must_use]
    pub fn new(http: Outbound) -> Self {
        Self { http, places: Semaphore::new(PLACES), people: Limiter::default(), kept: Mutex::default() }
    }

    /// The program that the document at this address described a short while ago.
    #[must_use]
    pub fn known(&self, address: &str) -> Option<Program> {
        let kept = self.kept();
        kept.get(address).filter(|(at, _)| at.elapsed() < KEPT).map(|(_, program)| program.clone())
    }

    /// Reads the document at this address for whoever is signed in. `None` if it cannot be read, or is none of the program with
    /// this address. Only good ones are kept.
    pub async fn read(&self, address: &str, person: Option<UserId>) -> Option<Program> {
        let url = Url::parse(address).ok().filter(|_| is_address(address))?;
        let _turn = person.map(|person| self.people.acquire(&[(person, OF_A_PERSON)])).transpose().ok()?;
        let _place = self.places.try_acquire().ok()?;
        let page = PageRequest { url: &url, kinds: "application/json", most: LARGEST, deadline: DEADLINE };
        let program = match self.http.read_public(page).await {
            Ok(answer) if is_document(&answer) => Program::described(address, &answer.body),
            Ok(_) => None,
            Err(why) => {
                tracing::info!(event = "agent_document.unread", %why, "the document of an AI agent could not be read");
                None
            }
        }?;
        self.keep(address, &program);
        Some(program)
    }

    fn keep(&self, address: &str, program: &Program) {
        let mut kept = self.kept();
        kept.retain(|_, (at, _)| at.elapsed() < KEPT);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(address.to_owned(), (Instant::now(), program.clone()));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, (Instant, Program)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an answer is a document. Nothing else counts, a redirect neither.
fn is_document(answer: &PageBytes) -> bool {
    let stated = answer.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    answer.status == StatusCode::OK && !answer.is_too_large && is_json
}
