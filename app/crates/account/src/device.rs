//! Recognises a browser that signed in before, by a sealed cookie that names up to five people. Attackers who try
//! passwords elsewhere therefore cannot lock those people out. The cookie proves nothing else; its holder still
//! needs the password.

use domain::UserId;
use store::throttle::Key;
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

/// A browser and the people who signed in with it.
struct Device {
    id: Uuid,
    people: Vec<Known>,
}

/// A person who signed in with a browser.
#[derive(Clone, Copy)]
struct Known {
    user: UserId,
    /// True if they also showed a second factor with it.
    factor: bool,
}

const fn associated_data(id: Uuid) -> AssociatedData {
    AssociatedData { table: "device", column: "people", row: id, agency: None, business: None }
}

/// Reads the cookie. `None` when it is absent, truncated or not sealed by us.
async fn read(context: &ServerContext) -> Option<Device> {
    let (id, sealed) = context.device.as_deref()?.split_once('.')?;
    let (id, sealed) = (Uuid::try_parse(id).ok()?, hex::decode(sealed).ok()?);
    let opened = context.state.vault.open_bytes(&associated_data(id), &sealed).await.ok()?;
    let (ids, factors) = opened.split_at(opened.len() - opened.len() % ID);
    // One bit per person. The previous version wrote no such byte.
    let factors = factors.first().copied().unwrap_or_default();
    let users = ids.chunks_exact(ID).filter_map(|id| Uuid::from_slice(id).ok()).map(UserId);
    let people = users.take(MAX_PEOPLE).enumerate().map(|(at, user)| Known { user, factor: (factors >> at) & 1 == 1 });
    Some(Device { id, people: people.collect() })
}

/// Key that counts attempts of one kind at a person's account from this browser. `None` unless the person signed
/// in with this browser before.
pub async fn key(context: &ServerContext, what: &str, user: UserId) -> Option<Key> {
    let device = read(context).await.filter(|device| device.people.iter().any(|known| known.user == user))?;
    Some(Key::of(what, format_args!("{user}|{}", device.id)))
}

/// The same for codes of a second factor, but `None` unless the person showed a code with this browser before.
/// Whoever reads somebody's mail can set a password, and so make browsers known, as often as they like. That must
/// not give them more attempts at codes.
pub async fn key_of_codes(context: &ServerContext, user: UserId) -> Option<Key> {
    let device =
        read(context).await.filter(|device| device.people.iter().any(|known| known.user == user && known.factor))?;
    Some(Key::of("code", format_args!("{user}|{}", device.id)))
}

/// Remembers that a person signed in with this browser, or proved with it that they read the account's mail.
/// `factor` is true if they showed a second factor.
///
/// # Errors
/// When the cookie cannot be sealed.
pub async fn remember(context: &ServerContext, user: UserId, factor: bool) -> Result<()> {
    let mut device = read(context).await.unwrap_or(Device { id: Uuid::from_u128(rand::random()), people: Vec::new() });
    let factor = factor || device.people.iter().any(|known| known.user == user && known.factor);
    device.people.retain(|known| known.user != user);
    device.people.insert(0, Known { user, factor });
    device.people.truncate(MAX_PEOPLE);
    let mut plain: Vec<u8> = device.people.iter().flat_map(|known| *known.user.0.as_bytes()).collect();
    plain.push(device.people.iter().rev().fold(0, |bits, known| (bits << 1) | u8::from(known.factor)));
    let (sealed, _) = context.state.vault.seal(&associated_data(device.id), &plain).await?;
    let url = &context.state.settings.public_url;
    let secure = if url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!(
        "{}={}.{}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}",
        device_cookie(url),
        device.id.simple(),
        hex::encode(sealed)
    );
    let value = http::HeaderValue::from_str(&text).map_err(web::internal_error)?;
    context.response.append_header(http::header::SET_COOKIE, value);
    Ok(())
}
