//! Hashes and verifies passwords: argon2id for all new ones; older bcrypt hashes are verified and replaced. One hash
//! takes a tenth of a second of one core on purpose, so hashing runs off the async threads and at most once per core at
//! a time.

use std::fmt::Display;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::Refusal;

/// Memory in KiB. With `PASSES` passes and one lane this is at least what OWASP asks for (19 MiB, 2 passes).
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 3;

static SLOTS: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))));

/// Whether a password matches its stored hash, and whether the hash should be replaced by a stronger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Wrong password.
    No,
    /// Right password.
    Yes,
    /// Right password, but its hash is of an older or weaker kind.
    Weak,
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, 1, None).expect("constant parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password for storage.
///
/// # Errors
/// `Fault` if the machine has no randomness or memory left.
pub async fn hash(password: SecretString) -> Result<SecretString, Refusal> {
    work(&SLOTS, move || {
        hasher()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| SecretString::from(hash.to_string()))
            .map_err(fault)
    })
    .await?
}

/// Compares a password with a stored hash.
///
/// # Errors
/// `Fault` if the work could not be done. A wrong password is not an error.
pub async fn check(password: SecretString, stored: SecretString) -> Result<Fit, Refusal> {
    work(&SLOTS, move || fit(password.expose_secret(), stored.expose_secret())).await
}

fn fit(password: &str, stored: &str) -> Fit {
    if stored.starts_with("$2") {
        return if bcrypt::verify(password, stored).unwrap_or(false) { Fit::Weak } else { Fit::No };
    }
    let Ok(parsed) = PasswordHash::new(stored) else { return Fit::No };
    if hasher().verify_password(password.as_bytes(), &parsed).is_err() {
        return Fit::No;
    }
    let weaker = parsed.params.get_decimal("m").is_none_or(|m| m < MEMORY)
        || parsed.params.get_decimal("t").is_none_or(|t| t < PASSES);
    if weaker { Fit::Weak } else { Fit::Yes }
}

/// Runs the work on a blocking thread, in one of the slots. The work holds the slot, not the caller: a browser
/// that disconnects does not free the slot before the work is done.
async fn work<T: Send + 'static>(
    slots: &Arc<Semaphore>,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(fault)?;
    let job = move || {
        let done = job();
        drop(slot);
        done
    };
    tokio::task::spawn_blocking(job).await.map_err(fault)
}

fn fault(cause: impl Display) -> Refusal {
    Refusal::Fault(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let stored = hash(SecretString::from("correct horse battery")).await.unwrap();
        assert_eq!(check(SecretString::from("correct horse battery"), stored.clone()).await.unwrap(), Fit::Yes);
        assert_eq!(check(SecretString::from("correct horse batterz"), stored).await.unwrap(), Fit::No);
    }

    #[tokio::test]
    async fn older_hashes_fit_and_ask_to_be_replaced() {
        let old = bcrypt::hash("correct horse battery", 4).unwrap();
        assert_eq!(fit("correct horse battery", &old), Fit::Weak);
        assert_eq!(fit("wrong", &old.replace("$2b$", "$2y$")), Fit::No);
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let weak = weak.hash_password(b"correct horse battery").unwrap().to_string();
        assert_eq!(fit("correct horse battery", &weak), Fit::Weak);
        assert_eq!(fit("anything", "not a hash"), Fit::No);
    }

    #[tokio::test]
    async fn a_slot_is_held_until_the_work_is_done_even_when_nobody_waits_for_it() {
        let slots = Arc::new(Semaphore::new(1));
        let (begun, begins) = std::sync::mpsc::channel();
        let (go_on, waits) = std::sync::mpsc::channel::<()>();
        let mut waiting = Box::pin(work(&slots, move || {
            begun.send(()).unwrap();
            waits.recv().unwrap();
        }));
        let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut nobody).is_pending());
        begins.recv().unwrap();
        drop(waiting);
        assert_eq!(slots.available_permits(), 0, "the work goes on");
        go_on.send(()).unwrap();
        assert!(slots.acquire().await.is_ok(), "free when it is done");
    }
}
