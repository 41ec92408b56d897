//! May a program ask a person to sign it in by browser, and for what? Programs are clients of OAuth 2.1 (draft 13) as the
//! Model Context Protocol asks for it: public, with PKCE, registered by themselves or described at
//! an address of their own.

mod asked;
mod document;
mod program;

pub use asked::{Asked, Fault, Parameters, resource};
pub use document::is_address;
pub use program::{Program, Unfit};

/// How long a code works, in seconds.
pub const CODE_SECONDS: i64 = 60;
/// How long an access token works, in seconds.
pub const ACCESS_SECONDS: i64 = 3600;
/// How long a refresh token that was replaced may come again, in seconds: the answer with the next one may have been lost on
/// the way, and a program waits about that long before it asks again.
pub const AGAIN_SECONDS: i64 = 30;
/// For how many days an AI agent may stay away before its sign-in ends.
pub const IDLE_DAYS: i64 = 30;
