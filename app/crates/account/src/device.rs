//! Recognises a browser that signed in before, by a sealed cookie that names up to five people. Attackers who try
//! passwords elsewhere therefore cannot lock those people out. The cookie proves nothing else; its holder still
//! needs the password.

use domain::UserId;
use operations::identity::{Browser, KnownPerson, Source, remember_network};
use store::vault::AssociatedData;
use uuid::Uuid;
use web::error::Result;
use web::guard::{ServerContext, device_cookie};

/// Maximum number of people that one browser remembers. The one who signed in longest ago is dropped.
const MAX_PEOPLE: usize = 5;
/// Lifetime of the cookie in seconds.
const KEPT: u32 = 180 * 24 * 3600;
/// Length of a person's id in bytes.
const ID: usize = 16;

const fn associated_data(id: Uuid) -> AssociatedData {
    AssociatedData { table: "device", column: "people", row: id, agency: None, business: None }
}

/// The browser and the network that a request comes from.
pub async fn source(context: &ServerContext) -> Source {
    Source { ip: context.request.ip.clone(), browser: read(context).await }
}

/// Reads the cookie. `None` when it is absent, truncated or not sealed by us.
async fn read(context: &ServerContext) -> Option<Browser> {
    let (id, sealed) = context.device.as_deref()?.split_once('.')?;
    let (id, sealed) = (Uuid::try_parse(id).ok()?, hex::decode(sealed).ok()?);
    let opened = context.state.vault.open_bytes(&associated_data(id), &sealed).await.ok()?;
    let (ids, factors) = opened.split_at(opened.len() - opened.len() % ID);
    // One bit per person. The previous version wrote no such byte.
    let factors = factors.first().copied().unwrap_or_default();
    let users = ids.chunks_exact(ID).filter_map(|id| Uuid::from_slice(id).ok()).map(UserId);
    let people =
        users.take(MAX_PEOPLE).enumerate().map(|(at, user)| KnownPerson { user, factor: (factors >> at) & 1 == 1 });
    Some(Browser { id, people: people.collect() })
}

/// Remembers the network and the browser of a person who has shown every proof that was asked of them. `factor` is
/// true if a second factor was one of these proofs.
///
/// # Errors
/// When the network cannot be stored or the cookie cannot be sealed.
pub async fn remember(context: &ServerContext, source: &Source, user: UserId, email: &str, factor: bool) -> Result<()> {
    remember_network(&context.state.db, source, email).await?;
    remember_browser(context, source, user, factor).await
}

/// Remembers in the cookie that a person signed in with this browser, or proved with it that they read the account's
/// mail. `factor` is true if they showed a second factor.
///
/// # Errors
/// When the cookie cannot be sealed.
pub async fn remember_browser(context: &ServerContext, source: &Source, user: UserId, factor: bool) -> Result<()> {
    let browser = source.browser.clone();
    let mut browser = browser.unwrap_or_else(|| Browser { id: Uuid::from_u128(rand::random()), people: Vec::new() });
    let factor = factor || browser.people.iter().any(|known| known.user == user && known.factor);
    browser.people.retain(|known| known.user != user);
    browser.people.insert(0, KnownPerson { user, factor });
    browser.people.truncate(MAX_PEOPLE);
    let mut plain: Vec<u8> = browser.people.iter().flat_map(|known| *known.user.0.as_bytes()).collect();
    plain.push(browser.people.iter().rev().fold(0, |bits, known| (bits << 1) | u8::from(known.factor)));
    let (sealed, _) = context.state.vault.seal(&associated_data(browser.id), &plain).await?;
    let url = &context.state.settings.public_url;
    let secure = if url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!(
        "{}={}.{}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}",
        device_cookie(url),
        browser.id.simple(),
        hex::encode(sealed)
    );
    let value = http::HeaderValue::from_str(&text).map_err(web::internal_error)?;
    context.response.append_header(http::header::SET_COOKIE, value);
    Ok(())
}
