//! What did a business use, by day and month of UTC? It is counted in the transaction of its cause; the counter of the month
//! tells people once that the limit of messages comes near, and once that it is reached; that of the day does so for tokens.

mod count;
mod limit;
mod read;
mod told;

pub(crate) use self::count::{answered, asked, sent};
pub use self::limit::{request_limit, set_limit, set_request_limit, set_token_limit};
pub use self::read::{days, month, of_clients, today};
