//! The second factor: sets up an authenticator app and checks codes. Each time step of the app and each recovery
//! code is accepted once. The seed is sealed in the vault.

use chrono::{DateTime, Utc};
use domain::UserId;
use store::Db;
use store::factors::{self, Totp as Seed};
use store::tenant::{Scope, TenantTx};
use store::throttle::{self as tries, Key};
use store::vault::Vault;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

use crate::secret::hash;
use crate::{Myself, Refusal, throttle};

/// Number of recovery codes given at once.
const RECOVERY: usize = 10;
/// Random bytes in each recovery code: 80 bits, too many to find a code from its hash.
const BYTES: usize = 10;

/// Error text for a code that is not accepted.
pub(super) const WRONG: &str = "Wrong code, or it was already used. Wait for the next one; if that doesn't help, set your phone's clock to automatic.";

/// Normalises a code to its ASCII digits and letters, in lower case, and drops everything between them. Keyboards
/// for Asian languages and Arabic write digits of their own, which become ASCII digits.
pub(super) fn normalised(shown: &str) -> String {
    let plain = domain::text::number(shown);
    plain.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// True if the code of the app, or the recovery code, is right. The code is then used up.
///
/// # Errors
/// `Store` if the vault or the database fails.
pub(super) async fn fits(
    db: &Db,
    vault: &Vault,
    user: UserId,
    shown: &str,
    now: DateTime<Utc>,
) -> Result<bool, Refusal> {
    let code = normalised(shown);
    let mut tx = TenantTx::begin(db, Scope::Person(user)).await?;
    let kept = factors::totp(&mut tx, vault).await?;
    let fits = match step_of(kept, &code, now) {
        Some((id, step)) => factors::use_totp(&mut tx, id, step).await?,
        None => factors::use_recovery_code(&mut tx, hash(&code)).await?,
    };
    tx.commit().await?;
    Ok(fits)
}

/// The factor and the time step that a code belongs to. `None` if it is not a code that the app shows now.
fn step_of(kept: Option<Seed>, code: &str, now: DateTime<Utc>) -> Option<(Uuid, i64)> {
    let kept = kept.filter(|_| code.len() == 6)?;
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let step = totp(&kept.seed, "").check(code, seconds)?;
    i64::try_from(step).ok().map(|step| (kept.id, step))
}

fn totp(seed: &[u8], account: &str) -> Totp {
    // Six digits, 30 s, SHA-1, one step of drift: what every authenticator app understands (RFC 6238).
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(seed.to_vec())
        .with_skew(1)
        .with_account_name(account)
        .with_issuer(Some("Slipway"))
        .build_noncompliant()
}

/// Creates a new seed that is not active yet, and returns its id. A seed that is active stays so until the first code
/// of the new one. Only the session that keeps the id can show the seed and activate it: another session of the person
/// may belong to somebody else who knows the password, and whose app would then produce valid codes too.
///
/// # Errors
/// `Store` if the vault or the database fails.
pub async fn begin(myself: &Myself, vault: &Vault) -> Result<Uuid, Refusal> {
    let mut tx = myself.begin().await?;
    let id = factors::add_totp(&mut tx, vault, &rand::random::<[u8; 20]>()).await?;
    tx.commit().await?;
    Ok(id)
}

/// What an authenticator app needs to show codes.
pub struct AppSetup {
    /// A QR code: a PNG image in Base64.
    pub picture: String,
    /// The key to type instead, in Base32.
    pub key: String,
}

/// What to show for the seed with this id. `None` if it was activated, replaced or has expired. `account` is what the
/// app calls the account.
///
/// # Errors
/// `Store` if the vault or the database fails; `Fault` if the picture cannot be drawn.
pub async fn app_setup(myself: &Myself, vault: &Vault, id: Uuid, account: &str) -> Result<Option<AppSetup>, Refusal> {
    let mut tx = myself.begin().await?;
    let pending = factors::pending_totp(&mut tx, vault, id).await?;
    tx.commit().await?;
    let Some(Seed { seed, .. }) = pending else { return Ok(None) };
    let picture = totp(&seed, account).to_qr_base64().map_err(|cause| Refusal::Fault(format!("{cause:?}")))?;
    Ok(Some(AppSetup { picture, key: Secret::from(seed.to_vec()).to_base32() }))
}

/// The first code of a new seed, and the session that activates it.
pub struct FirstCode<'a> {
    /// The seed that the session began to add, if it did.
    pub seed: Option<Uuid>,
    /// The code, as it was typed.
    pub code: &'a str,
    /// The key of the session's row. The session goes on, with the new generation.
    pub session: [u8; 32],
    /// The generation of the session.
    pub generation: Option<i32>,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// A second factor that was switched on.
pub struct Activated {
    /// The generation under which the session goes on.
    pub generation: i32,
    /// The recovery codes, which are shown once.
    pub recovery: Vec<String>,
}

/// Activates the new seed when its first code is right, replaces an older seed, and gives recovery codes. The
/// person's other sessions end, because they began without this factor.
///
/// # Errors
/// `Invalid` if the code is wrong; `RateLimited` after too many attempts; `Store` if the session was ended meanwhile.
pub async fn activate(myself: &Myself, vault: &Vault, first: &FirstCode<'_>) -> Result<Activated, Refusal> {
    let (db, user) = (myself.db(), myself.user());
    let [tried] = throttle::take(db, "confirm_second_factor", [Key::of("enrol", user)]).await?;
    let mut tx = myself.begin().await?;
    let pending = match first.seed {
        Some(id) => factors::pending_totp(&mut tx, vault, id).await?,
        None => None,
    };
    let Some((id, step)) = step_of(pending, &normalised(first.code), first.now) else {
        let text = "Wrong code. Check your phone's clock and try the next one.";
        return Err(Refusal::field("code", text));
    };
    let recovery: Vec<String> = (0..RECOVERY).map(|_| recovery_code()).collect();
    let hashes: Vec<_> = recovery.iter().map(|code| hash(&normalised(code))).collect();
    factors::confirm_totp(&mut tx, id, step, &hashes).await?;
    let generation = store::sessions::end_others(&mut tx, user, first.session, first.generation).await?;
    tx.commit().await?;
    tries::clear(db, tried).await?;
    Ok(Activated { generation, recovery })
}

/// A new recovery code in groups of four, as it is shown. Its hash is stored and looked up in normalised form.
fn recovery_code() -> String {
    let letters: Vec<char> = Secret::from(rand::random::<[u8; BYTES]>().to_vec()).to_base32().chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::{normalised, recovery_code};

    #[test]
    fn a_code_is_its_digits_and_letters_in_plain_form() {
        for shown in [
            "123456",
            " 123 456 ",
            "\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}",
            "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
            "\u{6f1}\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}",
            "123\u{200b}-456",
        ] {
            assert_eq!(normalised(shown), "123456", "{shown:?}");
        }
        assert_eq!(normalised("ABCD-\u{ff25}FGH"), "abcdefgh");
        assert_eq!(normalised("\u{1f600}"), "");
    }

    #[test]
    fn a_recovery_code_has_eighty_bits_in_groups_of_four() {
        let code = recovery_code();
        assert_eq!((code.len(), normalised(&code).len()), (19, 16), "{code}");
        assert_ne!(code, recovery_code());
    }
}
