//! Sheds load: limits how many requests run at once and answers the rest at once with Retry-After instead of queueing
//! them. A request counts only when its body has arrived, so slow senders hold no capacity. No IPv4 address, IPv6 /64
//! or agency may use more than a quarter of the capacity, and no IPv6 /48 more than half. A stream counts until its
//! response begins; streams have their own limits.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::AgencyId;
use domain::network::Network;
use futures::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::limiter::{Limiter, Permit};
use super::proxies::RemoteCaller;
use super::{attached_files, highlevel_webhook, meta_webhook, problem, uploads};

/// Capacity of one process: many times its database connections, so only a flood reaches it.
pub const CAPACITY: usize = 512;
/// Limit of bodies received at once; a body costs only memory.
const BODIES: usize = 2 * CAPACITY;
/// Limit of bodies with a file received at once, because each of them may be large.
const FILES: usize = 16;
/// Limit of bodies of messaging platforms received at once. Most of them are small, but any may be large.
const PLATFORM_BODIES: usize = 64;
/// Largest body, in bytes. A form with a file may be larger (`uploads::LARGEST_ARRIVING`), and so may what a messaging
/// platform sends (`platform`).
pub const LARGEST: usize = 256 * 1024;
/// The request fails when no byte of its body arrives for this long.
pub const SILENCE: Duration = Duration::from_secs(5);
/// The request fails when its body is not complete after this long.
pub const WHOLE: Duration = Duration::from_secs(30);

/// Who uses a share of the capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    /// Work for callers of this network.
    Work(Network),
    /// Bodies from callers of this network.
    Body(Network),
    /// Bodies with a file from callers of this network.
    File(Network),
    /// Bodies of messaging platforms from callers of this network.
    Platform(Network),
    /// Work in this agency.
    Tenant(AgencyId),
}

/// The load shedder of one process.
pub struct LoadShedder {
    places: Semaphore,
    bodies: Semaphore,
    files: Semaphore,
    /// For files of signed-in people, which are read behind their authentication: a stranger who sends slowly holds none.
    streamed_files: Semaphore,
    platform_bodies: Semaphore,
    holders: Limiter<Holder>,
    share: usize,
}

/// A permit from an agency's share.
pub struct Share {
    _held: Permit<Holder>,
}

impl LoadShedder {
    /// Creates a load shedder for this many concurrent requests.
    #[must_use]
    pub fn new(places: usize) -> Arc<Self> {
        let share = (places / 4).max(1);
        let (bodies, files, streamed_files) = (Semaphore::new(BODIES), Semaphore::new(FILES), Semaphore::new(FILES));
        let (places, platform_bodies) = (Semaphore::new(places), Semaphore::new(PLATFORM_BODIES));
        Arc::new(Self { places, bodies, files, streamed_files, platform_bodies, holders: Limiter::default(), share })
    }

    /// Takes a permit from an agency's share; dropping it releases it. Returns nothing while the agency uses a quarter
    /// of the capacity.
    #[must_use]
    pub fn tenant(&self, agency: AgencyId) -> Option<Share> {
        let held = self.holders.acquire(&[(Holder::Tenant(agency), self.share)]).ok();
        held.map(|held| Share { _held: held })
    }

    fn take(
        &self,
        client: Option<&RemoteCaller>,
        most: usize,
        as_holder: fn(Network) -> Holder,
    ) -> Option<Permit<Holder>> {
        let limits = client.map(|client| client.limits(most)).unwrap_or_default();
        let limits: Vec<_> = limits.into_iter().map(|(network, most)| (as_holder(network), most)).collect();
        self.holders.acquire(&limits).ok()
    }
}

/// Passes requests on while there is capacity. Answers 429 when the caller's share is used up and 503 when the process
/// is full, both with Retry-After.
pub async fn layer(State(shedder): State<Arc<LoadShedder>>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<RemoteCaller>().cloned();
    // What is read while it arrives holds its place until the answer.
    let _streamed = match streamed(&shedder, client.as_ref(), &request) {
        Ok(held) => held,
        Err(refused) => return *refused,
    };
    let mut request = match arrived(&shedder, client.as_ref(), request).await {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    let Some(_share) = shedder.take(client.as_ref(), shedder.share, Holder::Work) else {
        return busy(
            "Many requests from your address are under way at this moment. Wait for some of them, then send the next.",
        );
    };
    let Ok(_place) = shedder.places.try_acquire() else { return problem::of(web::Error::Unavailable) };
    request.extensions_mut().insert(shedder.clone());
    next.run(request).await
}

/// The place of a body with files that is read piece by piece, by the layer that writes them to the disk.
fn streamed<'a>(
    shedder: &'a LoadShedder,
    client: Option<&RemoteCaller>,
    request: &Request,
) -> Result<Option<(Permit<Holder>, SemaphorePermit<'a>)>, Box<Response>> {
    if !attached_files::is_streamed(request) {
        return Ok(None);
    }
    let Some(share) = shedder.take(client, FILES / 4, Holder::File) else {
        return Err(Box::new(busy("Many files of your address are still on their way. Send fewer at once.")));
    };
    let Ok(place) = shedder.streamed_files.try_acquire() else {
        return Err(Box::new(problem::of(web::Error::Unavailable)));
    };
    Ok(Some((share, place)))
}

/// Returns the request with its whole body.
async fn arrived(shedder: &LoadShedder, client: Option<&RemoteCaller>, request: Request) -> Result<Request, Response> {
    if request.body().is_end_stream() || attached_files::is_streamed(&request) {
        return Ok(request);
    }
    let is_file = uploads::takes_file(request.uri().path());
    let platform = platform(request.uri().path());
    let (places, share, holder, most): (_, _, fn(Network) -> Holder, _) = if is_file {
        (&shedder.files, FILES / 4, Holder::File, uploads::LARGEST_ARRIVING)
    } else if let Some((most, _)) = platform {
        (&shedder.platform_bodies, PLATFORM_BODIES / 2, Holder::Platform, most)
    } else {
        (&shedder.bodies, BODIES / 4, Holder::Body, LARGEST)
    };
    let Some(_share) = shedder.take(client, share, holder) else {
        return Err(busy("Many requests of your address are still on their way. Send fewer at once."));
    };
    let Ok(_place) = places.try_acquire() else { return Err(problem::of(web::Error::Unavailable)) };
    let (parts, body) = request.into_parts();
    // A platform waits for its answer, so a body whose stated length is too large is refused before it is read.
    let stated = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let bytes = if platform.is_some() && stated > most { None } else { read(body, most).await? };
    let Some(bytes) = bytes else {
        return Err(match platform {
            _ if is_file => uploads::too_large(),
            Some((_, refuse)) => refuse(),
            None => too_large(),
        });
    };
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// The largest body of the platform that sends to this path, and the answer to a larger one. `None` if none does.
fn platform(path: &str) -> Option<(usize, fn() -> Response)> {
    match path {
        meta_webhook::PATH => Some((meta_webhook::LARGEST, meta_webhook::too_large)),
        highlevel_webhook::PATH => Some((highlevel_webhook::LARGEST, highlevel_webhook::too_large)),
        _ => None,
    }
}

fn too_large() -> Response {
    let detail = "Send at most 256 KiB. Nothing was changed.";
    problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Body too large", detail)
}

/// Returns the bytes of a body, if it arrives in time; nothing if there are more than `most`.
async fn read(body: Body, most: usize) -> Result<Option<Bytes>, Response> {
    let (end, mut pieces, mut whole) = (Instant::now() + WHOLE, body.into_data_stream(), Vec::new());
    loop {
        let patience = end.min(Instant::now() + SILENCE);
        match timeout_at(patience, pieces.next()).await {
            Ok(None) => return Ok(Some(whole.into())),
            Ok(Some(Ok(piece))) if whole.len() + piece.len() <= most => whole.extend_from_slice(&piece),
            Ok(Some(Ok(_))) => return Ok(None),
            Ok(Some(Err(_))) => {
                return Err(problem::answer(
                    StatusCode::BAD_REQUEST,
                    "Body not readable",
                    "The body of the request broke off or was not well formed. Nothing was changed.",
                ));
            }
            Err(_) => {
                let detail =
                    "The body of the request came too slowly and was given up. Nothing was changed. Send it again.";
                let mut late = problem::answer(StatusCode::REQUEST_TIMEOUT, "Body too slow", detail);
                late.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                late.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
                return Err(late);
            }
        }
    }
}

/// The answer while the agency uses its whole share.
#[must_use]
pub fn agency_over_share() -> Response {
    busy("Your agency has many requests under way at this moment. Wait for some of them, then send the next.")
}

fn busy(detail: &str) -> Response {
    let mut answer = problem::answer(StatusCode::TOO_MANY_REQUESTS, "Too many at once", detail);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn strangers_who_send_slowly_keep_no_file_from_a_customer() {
        let shedder = LoadShedder::new(CAPACITY);
        let _slow = shedder.files.try_acquire_many(16).unwrap();
        let logo = Request::post("/do/save_brand").body(Body::empty()).unwrap();
        assert!(streamed(&shedder, None, &logo).unwrap().is_none(), "it is read as a whole");
        let answer =
            Request::post("/do/reply_to_customer").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let answer = answer.body(Body::empty()).unwrap();
        let held: Vec<_> = (0..FILES).map(|_| streamed(&shedder, None, &answer).unwrap().unwrap()).collect();
        assert!(streamed(&shedder, None, &answer).is_err(), "there is an end");
        drop(held);
        assert!(streamed(&shedder, None, &answer).is_ok());
    }
}
