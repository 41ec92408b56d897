//! Sends one delivery: looks whether it is its turn, calls the endpoint without a transaction, and stores what came of
//! it. A process that ends in between sends it again under the same id, which is what the receiver tells doubles by.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::webhooks::schedule::{DEADLINE, FAILING, ROUND};
use domain::webhooks::{Format, Trouble};
use outbound::{PublicAnswer, PublicPost, Unreached};
use secrecy::ExposeSecret;
use store::queue::Claimed;
use store::webhooks::{self, Answered, Due, Limits, Next};
use url::Url;

use super::{delivery, signature};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

/// The most characters of an answer that are kept.
const KEPT: usize = 1000;

/// Sends the delivery of a work item. What is to be sent again waits, which is no failed run: the delivery itself
/// counts its attempts.
pub async fn send(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(id)) = (item.agency, delivery(item)) else { return Ok(()) };
    let limits = limits(worker);
    let mut tx = tenant_tx(worker, agency, None).await?;
    let next = webhooks::begin_attempt(&mut tx, id, &limits).await?;
    tx.commit().await?;
    let due = match next {
        Next::Nothing => return Ok(()),
        Next::Hold(left) => {
            return Err(Failed::held("its endpoint fails and is left alone", worker.time_scale.real(left)));
        }
        Next::Send(due) => due,
    };
    let answered = attempt(worker, &due).await?;
    let mut tx = tenant_tx(worker, agency, None).await?;
    let settled = webhooks::record_attempt(&mut tx, &due, &answered, &limits).await?;
    tx.commit().await?;
    let (status, trouble) = (answered.status, answered.trouble.map(Trouble::key));
    tracing::info!(event = "webhooks.sent", %agency, endpoint = %due.endpoint, delivery = %id, status, trouble, ms = answered.ms, "a webhook was called");
    if let Some(off) = settled.turned_off {
        tracing::warn!(event = "webhooks.turned_off", %agency, endpoint = %due.endpoint, because = off.key(), "a webhook was turned off");
    }
    settled.again.map_or(Ok(()), |wait| Err(Failed::held("the endpoint did not take it", wait)))
}

fn limits(worker: &Worker) -> Limits {
    let scale = worker.time_scale;
    Limits {
        round: scale.of(ROUND),
        failing: scale.of(FAILING),
        faster: 1.0 / scale.of(Duration::from_secs(1)).as_secs_f64(),
    }
}

/// Calls the endpoint once. An error is one of ours, not of the endpoint.
async fn attempt(worker: &Worker, due: &Due) -> Result<Answered, Failed> {
    let begun = Instant::now();
    let Some((url, headers)) = request(worker, due).await? else {
        return Ok(Answered { trouble: Some(Trouble::NotPublic), ..Answered::default() });
    };
    let body = Bytes::from(due.body.clone());
    let post = PublicPost { url: &url, headers, body, deadline: worker.time_scale.guard(DEADLINE).max(FLOOR) };
    let answer = worker.outbound.post_public(post).await;
    let ms = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
    Ok(match answer {
        Ok(answer) => read(&answer, ms),
        Err(unreached) => Answered { trouble: Some(word(unreached)), ms, ..Answered::default() },
    })
}

/// The shortest deadline of a call, for test builds in which time runs faster than the network.
const FLOOR: Duration = Duration::from_secs(1);

/// Headers of a request.
type Headers = Vec<(&'static str, String)>;

/// Where a delivery goes, and its headers. `None` if the stored address cannot be read.
async fn request(worker: &Worker, due: &Due) -> Result<Option<(Url, Headers)>, Failed> {
    if due.format == Format::Slack {
        let address = webhooks::opened(&worker.vault, due).await?;
        return Ok(domain::webhooks::address(address.expose_secret()).ok().map(|url| (url, Vec::new())));
    }
    let Ok(url) = domain::webhooks::address(&due.url) else { return Ok(None) };
    let secrets = webhooks::signing_secrets(&worker.vault, due).await?;
    let (id, at) = (due.event_id.to_string(), now());
    let signature = signature::header(&secrets, &id, at, &due.body)
        .ok_or_else(|| Failed::new("the secret of a webhook cannot be read"))?;
    let headers = vec![("webhook-id", id), ("webhook-timestamp", at.to_string()), ("webhook-signature", signature)];
    Ok(Some((url, headers)))
}

/// The time in seconds, as receivers compare it with their clock.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn read(answer: &PublicAnswer, ms: i32) -> Answered {
    let trouble = match answer.status {
        status if status.is_success() => None,
        status if status.is_redirection() => Some(Trouble::Redirected),
        status if status.as_u16() == 410 => Some(Trouble::Gone),
        _ => Some(Trouble::Refused),
    };
    let asked = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Answered {
        status: Some(answer.status.as_u16()),
        trouble,
        ms,
        answer: text(&answer.beginning),
        asked: asked.filter(|_| trouble.is_some()).map(Duration::from_secs),
    }
}

/// The beginning of an answer as text: no control characters, no secrets.
fn text(bytes: &[u8]) -> String {
    let text = outbound::redact(&String::from_utf8_lossy(bytes));
    let shown = text.chars().filter(|letter| !letter.is_control() || *letter == '\n' || *letter == '\t');
    shown.take(KEPT).collect()
}

const fn word(unreached: Unreached) -> Trouble {
    match unreached {
        Unreached::NotPublic => Trouble::NotPublic,
        Unreached::DnsLookupFailed => Trouble::DnsLookupFailed,
        Unreached::ConnectionFailed => Trouble::ConnectionFailed,
        Unreached::TlsFailed => Trouble::TlsFailed,
        Unreached::TimedOut => Trouble::TimedOut,
        Unreached::ConnectionLost => Trouble::ConnectionLost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Answered {
        let mut all = http::HeaderMap::new();
        for (name, value) in headers {
            all.insert(*name, value.parse().unwrap());
        }
        let status = http::StatusCode::from_u16(status).unwrap();
        read(&PublicAnswer { status, headers: all, beginning: body.to_vec() }, 5)
    }

    #[test]
    fn only_2xx_delivers() {
        for (status, trouble) in [
            (200, None),
            (204, None),
            (299, None),
            (301, Some(Trouble::Redirected)),
            (308, Some(Trouble::Redirected)),
            (400, Some(Trouble::Refused)),
            (404, Some(Trouble::Refused)),
            (410, Some(Trouble::Gone)),
            (429, Some(Trouble::Refused)),
            (500, Some(Trouble::Refused)),
        ] {
            assert_eq!(answer(status, &[], b"").trouble, trouble, "{status}");
        }
    }

    #[test]
    fn an_endpoint_may_ask_for_time_when_it_refuses() {
        let wait = |status, value| answer(status, &[("retry-after", value)], b"").asked;
        assert_eq!(wait(429, "30"), Some(Duration::from_secs(30)));
        assert_eq!(wait(503, " 7 "), Some(Duration::from_secs(7)));
        assert_eq!(wait(503, "Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(wait(503, "-1"), None);
        assert_eq!(wait(200, "30"), None);
    }

    #[test]
    fn an_answer_is_kept_as_text_without_secrets() {
        let kept = answer(500, &[], b"no\0 \x1b[31m whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw \xff a@b.example").answer;
        assert_eq!(kept, "no [31m [token] \u{fffd} [email]");
        assert_eq!(answer(500, &[], &[b'x'; 1024]).answer.len(), KEPT);
    }
}
