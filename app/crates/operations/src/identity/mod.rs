//! Operations of people on their own accounts: sign in, confirm who they are, change a password, add a second factor,
//! accept an invitation, end sessions. None needs a right: a signed-in person acts as `Myself`, a link is proven by its
//! secret, and signing in has no actor yet.

pub mod confirmation;
pub mod invitation;
pub mod language;
pub mod name;
pub mod password;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;
mod source;

use domain::UserId;
use store::throttle::Key;

pub use self::source::{Browser, KnownPerson, Source, remember_network};

/// Key that counts a signed-in person's attempts at their own password or code, whichever form asks for it.
fn proof_key(user: UserId) -> Key {
    Key::of("confirm", user)
}
