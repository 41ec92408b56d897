//! Limits API requests per minute for each agency and each business, across all tokens and processes. An agency says how many
//! its clients have. Every response says how many requests remain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::usage::{MOST_REQUESTS, USUAL_REQUESTS};
use domain::{AgencyId, BusinessId};
use store::Db;
use store::bearers::{self, Admitted, Holder};
use store::request_counts::{self, Counted};
use store::tenant::{Scope, TenantTx};
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use crate::http::problem;

/// Requests of an agency in any minute. An agency makes requests for many businesses.
const OF_AN_AGENCY: u32 = MOST_REQUESTS.unsigned_abs();
const MINUTE: Duration = Duration::from_secs(60);
/// How long a request waits for requests of the same tenant that are counted before it. It holds a permit of the
/// load shedder meanwhile.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the limit of a business is remembered.
const LIMIT_LIFE: Duration = Duration::from_secs(30);
/// When as many tenants are known, those of which nothing has to be known any more are forgotten.
const MANY_TENANTS: usize = 1024;

/// What is known of a tenant.
#[derive(Debug, Default)]
struct Known {
    /// How many requests it had when its minute was used up, and when it may send again with as many.
    full_until: Option<(u32, Instant)>,
    /// How many requests it has in a minute, and when that was read.
    limit: Option<(u32, Instant)>,
}

/// Locked while the tenant's requests are counted one after the other, so that a flood of one tenant holds one database
/// connection and not all of them.
type TenantQuotaLock = Arc<tokio::sync::Mutex<Known>>;

/// What this process knows about the quotas of API tenants.
#[derive(Clone, Default)]
pub struct Quotas(Arc<Mutex<HashMap<String, TenantQuotaLock>>>);

/// What remains of a tenant's requests in the current minute.
#[derive(Clone, Copy, Debug)]
pub struct RemainingQuota {
    burst: u32,
    used: u32,
    reset: u64,
}

impl Quotas {
    fn lock(&self, key: &str) -> TenantQuotaLock {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.len() >= MANY_TENANTS && !locks.contains_key(key) {
            let now = Instant::now();
            // Whoever has the turn of a tenant, or waits for it, has a clone of its lock.
            locks.retain(|_, lock| {
                Arc::strong_count(lock) > 1 || lock.try_lock().is_ok_and(|known| known.still_counts(now))
            });
        }
        Arc::clone(locks.entry(key.to_owned()).or_default())
    }

    /// Waits for the turn of a request among the requests of its tenant. Gives up with 503.
    async fn turn(&self, key: &str) -> Result<OwnedMutexGuard<Known>, Response> {
        timeout(TURN_TIMEOUT, self.lock(key).lock_owned()).await.map_err(|_| problem::of(web::Error::Unavailable))
    }

    /// Counts a request of a business, or of an agency when `business` is `None`.
    ///
    /// # Errors
    /// The response to send instead: 429 when the minute's requests are used up, 503 when the database is
    /// unavailable or the wait is too long.
    pub async fn count(
        &self,
        db: &Db,
        agency: AgencyId,
        business: Option<BusinessId>,
    ) -> Result<RemainingQuota, Response> {
        let key = key_of(agency, business);
        let mut known = self.turn(&key).await?;
        let burst = match business {
            Some(business) => known.limit(db, business).await.map_err(|error| problem::of(error.into()))?,
            None => OF_AN_AGENCY,
        };
        if let Some(wait) = known.wait(burst, Instant::now()) {
            return Err(refused(burst, wait));
        }
        let counted = request_counts::count(db, &key, burst).await.map_err(|error| problem::of(error.into()))?;
        known.remaining(burst, counted).ok_or_else(|| refused(burst, counted.wait))
    }

    /// Counts a request with a token whose holder is known, and reads the token with its business and its maker in the same
    /// transaction. `None`, and nothing is counted, if the token does not work any more or the minute's requests are used up: then the
    /// token is to be looked for, and its request counted.
    ///
    /// # Errors
    /// As [`Quotas::count`].
    pub async fn admit(
        &self,
        db: &Db,
        hash: [u8; 32],
        holder: Holder,
    ) -> Result<Option<(Admitted, RemainingQuota)>, Response> {
        let key = key_of(holder.agency, Some(holder.business));
        let mut known = self.turn(&key).await?;
        let burst = known.limit(db, holder.business).await.map_err(|error| problem::of(error.into()))?;
        if known.wait(burst, Instant::now()).is_some() {
            return Ok(None);
        }
        let admitted =
            bearers::admit(db, hash, holder, (key.as_str(), burst)).await.map_err(|error| problem::of(error.into()))?;
        let Some(admitted) = admitted else { return Ok(None) };
        let counted = admitted.counted;
        let remaining = known.remaining(burst, counted).ok_or_else(|| refused(burst, counted.wait))?;
        Ok(Some((admitted, remaining)))
    }
}

/// The key under which requests are counted.
fn key_of(agency: AgencyId, business: Option<BusinessId>) -> String {
    match business {
        Some(business) => format!("api|business|{business}"),
        None => format!("api|agency|{agency}"),
    }
}

impl Known {
    /// What remains after a request was counted. `None`, which is kept in mind, if it was one too many.
    fn remaining(&mut self, burst: u32, counted: Counted) -> Option<RemainingQuota> {
        if !counted.allowed {
            self.full_until = Some((burst, Instant::now() + counted.wait));
            return None;
        }
        // All requests are available again a minute after the last one.
        Some(RemainingQuota { burst, used: counted.used, reset: MINUTE.as_secs() })
    }

    /// Whether any of it would not be found out anew by the next request.
    fn still_counts(&self, now: Instant) -> bool {
        let is_full = self.full_until.is_some_and(|(_, until)| until > now);
        is_full || self.limit.is_some_and(|(_, read_at)| now.saturating_duration_since(read_at) < LIMIT_LIFE)
    }

    /// How long its minute is still used up. With another limit than it had then, it is counted anew.
    fn wait(&self, burst: u32, now: Instant) -> Option<Duration> {
        let (_, until) = self.full_until.filter(|(had, _)| *had == burst)?;
        until.checked_duration_since(now)
    }

    /// How many requests this business has in a minute.
    async fn limit(&mut self, db: &Db, business: BusinessId) -> store::Result<u32> {
        if let Some((limit, read_at)) = self.limit
            && read_at.elapsed() < LIMIT_LIFE
        {
            return Ok(limit);
        }
        let mut tx = TenantTx::begin(db, Scope::Business { user: None, business }).await?;
        let limit = match store::usage::request_limit(&mut tx, business).await {
            // A token outlives its business for a moment; whether it opens anything is judged later.
            Err(store::Error::NotFound) => USUAL_REQUESTS,
            limit => limit?,
        };
        tx.commit().await?;
        let limit = limit.unsigned_abs();
        self.limit = Some((limit, Instant::now()));
        Ok(limit)
    }
}

impl RemainingQuota {
    /// Sets the fields of the IETF draft on rate limits (version 3), which clients support best.
    pub fn set_headers(&self, headers: &mut HeaderMap) {
        let fields = [
            ("ratelimit-limit", HeaderValue::from(self.burst)),
            ("ratelimit-remaining", HeaderValue::from(self.burst.saturating_sub(self.used))),
            ("ratelimit-reset", HeaderValue::from(self.reset)),
        ];
        for (name, value) in fields {
            headers.insert(HeaderName::from_static(name), value);
        }
        if let Ok(policy) = HeaderValue::from_str(&format!("{};w={}", self.burst, MINUTE.as_secs())) {
            headers.insert(HeaderName::from_static("ratelimit-policy"), policy);
        }
    }
}

fn refused(burst: u32, wait: Duration) -> Response {
    // Round up to whole seconds, so that a client that waits for them does not return too early.
    let reset = wait.as_secs() + 1;
    let detail =
        format!("{burst} requests were sent in the last minute, all there are. Send this one again in {reset} s.");
    let mut answer = problem::answer(StatusCode::TOO_MANY_REQUESTS, "Too many requests", &detail);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(reset));
    RemainingQuota { burst, used: burst, reset }.set_headers(answer.headers_mut());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gets_more_requests_does_not_wait_for_the_end_of_a_minute_of_fewer() {
        let (now, wait) = (Instant::now(), Duration::from_secs(90));
        let known = Known { full_until: Some((1, now + wait)), ..Known::default() };
        assert_eq!(known.wait(1, now), Some(wait));
        assert_eq!(known.wait(600, now), None);
        assert_eq!(known.wait(1, now + wait + Duration::from_secs(1)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_turn_times_out_with_503() {
        let quotas = Quotas::default();
        let first = quotas.turn("ann").await.unwrap();
        let refused = quotas.turn("ann").await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(quotas.turn("bob").await.is_ok(), "another tenant's turn is its own");
        drop(first);
        assert!(quotas.turn("ann").await.is_ok());
    }

    #[tokio::test]
    async fn tenants_that_send_nothing_any_more_are_forgotten() {
        let (quotas, later) = (Quotas::default(), Instant::now() + Duration::from_secs(3600));
        let held = quotas.turn("held").await.unwrap();
        quotas.turn("full").await.unwrap().full_until = Some((1, later));
        quotas.turn("read").await.unwrap().limit = Some((1, later));
        for tenant in 0..3 * MANY_TENANTS {
            drop(quotas.turn(&tenant.to_string()).await.unwrap());
        }
        let known = quotas.0.lock().unwrap();
        assert!(known.len() <= MANY_TENANTS, "{} are known", known.len());
        assert!(["held", "full", "read"].into_iter().all(|tenant| known.contains_key(tenant)));
        drop((known, held));
    }
}
