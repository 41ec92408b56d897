//! How is a text taken out of bytes that somebody else made? On a thread of its own, a few at once, until a time. A panic is a
//! source that cannot be read, and whoever waits goes on when the time is over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use domain::assistant::sources::Problem;
use tokio::sync::{Semaphore, oneshot};

use crate::failed::Failed;
use crate::time_scale::secs;

/// How many texts are taken at once. A thread that does not end keeps its place.
static PLACES: Semaphore = Semaphore::const_new(2);
/// How long a text waits for its turn.
const PATIENCE: Duration = secs(30);
/// How much longer than its time a thread is waited for, until it looks at the clock.
const GRACE: Duration = secs(5);
/// Bytes of a thread's stack. What is nested deeply is read by functions that call themselves; only what is used takes memory.
const STACK: usize = 256 * 1024 * 1024;

/// Runs `work` with the time at which it has to end.
pub(super) async fn run<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce(Instant) -> Result<T, Problem> + Send + 'static,
) -> Result<Result<T, Problem>, Failed> {
    let busy = || Failed::held("other sources are being read", secs(30));
    let place = tokio::time::timeout(PATIENCE, PLACES.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())?;
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new().name("read-source".to_owned()).stack_size(STACK);
    let spawned = thread.spawn(move || {
        let _place = place;
        let done = catch_unwind(AssertUnwindSafe(|| work(Instant::now() + time)));
        // Whoever asked may be gone.
        let _ = tell.send(done.unwrap_or(Err(Problem::Unreadable)));
    });
    spawned.map_err(|error| Failed::new(format!("no thread for reading a source: {error}")))?;
    match tokio::time::timeout(time + GRACE, told).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) | Err(_) => Ok(Err(Problem::Unreadable)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_source_that_cannot_be_read_and_gives_its_place_back() {
        let fine = run(secs(60), |_| Ok(1)).await.unwrap();
        assert_eq!(fine, Ok(1));
        let panics = run(secs(60), |_| -> Result<u8, Problem> { panic!("a reader stumbles") }).await.unwrap();
        assert_eq!(panics, Err(Problem::Unreadable));
        let again = run(secs(60), |_| Ok(2)).await.unwrap();
        assert_eq!(again, Ok(2));
    }
}
