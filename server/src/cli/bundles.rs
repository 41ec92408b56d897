//! Implements `slipway credentials export` and `import`: the HighLevel tokens of an agency's clients as a sealed text.

use std::io::{self, Read as _, Write as _};

use anyhow::{Context, bail};
use domain::identity::Reach;
use operations::integrations::bundle::{self, Outcome};
use operations::{Actor, Refusal};
use secrecy::SecretString;
use store::Db;
use store::tenant::{PlatformTx, Scope};
use store::vault::Vault;

use super::tokens::explain;
use super::{Credentials, say};

/// The variable with the key of the bundle. An argument would be shown to everybody on the machine.
const KEY: &str = "SLIPWAY_BUNDLE_KEY";
/// The most bytes of a bundle that are read.
const LARGEST: u64 = 64 << 20;

/// Writes a bundle to standard output, or reads one from standard input.
///
/// # Errors
/// When there is no such agency, no key is given, the bundle does not open or is of another agency, or a client of it was left
/// out.
pub async fn run(db: &Db, vault: &Vault, what: &Credentials) -> anyhow::Result<()> {
    let (Credentials::Export { agency } | Credentials::Import { agency, .. }) = what;
    let actor = operator(db, agency).await?;
    let key = key()?;
    match what {
        Credentials::Export { .. } => {
            let made = bundle::export(&actor, vault, &key).await.map_err(explain)?;
            writeln!(io::stdout().lock(), "{}", made.text).context("writing the bundle")?;
            tracing::info!(event = "credentials.exported", clients = made.clients, "tokens were sealed into a bundle");
            Ok(())
        }
        Credentials::Import { from, .. } => {
            let mut text = String::new();
            io::stdin().lock().take(LARGEST).read_to_string(&mut text).context("reading the bundle")?;
            let outcomes = bundle::import(&actor, vault, &key, &text, from.as_deref()).await;
            report(outcomes.map_err(explain)?)
        }
    }
}

/// Says of each client what became of it.
fn report(outcomes: Vec<(String, Result<Outcome, Refusal>)>) -> anyhow::Result<()> {
    let mut left_out = 0;
    for (client, outcome) in outcomes {
        match outcome {
            Ok(Outcome::Stored) => say(&format!("{client}: stored")),
            Ok(Outcome::Kept) => say(&format!("{client}: has tokens already, which are kept")),
            Err(refusal) => {
                left_out += 1;
                say(&format!("{client}: left out: {}", explain(refusal)));
            }
        }
    }
    if left_out > 0 {
        bail!("{left_out} clients were left out. Mend what is said of them and import the bundle again.");
    }
    Ok(())
}

async fn operator(db: &Db, named: &str) -> anyhow::Result<Actor> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let found = store::agencies::find_ref(&mut tx, named).await?;
    tx.commit().await?;
    let agency = found.with_context(|| format!("There is no agency \"{named}\"."))?.id;
    Ok(Actor::operator(db.clone(), Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }))
}

fn key() -> anyhow::Result<SecretString> {
    #[expect(clippy::disallowed_methods, reason = "the key is of this one command and no setting of the installation")]
    let given = std::env::var(KEY).unwrap_or_default();
    if given.trim().is_empty() {
        bail!(
            "{KEY} is missing: 64 random hexadecimal digits, the same for export and import. `openssl rand -hex 32` makes them."
        );
    }
    Ok(SecretString::from(given.trim()))
}
