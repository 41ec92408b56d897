//! How do files come from Meta and go there? Sizes, hosts and checksums are checked here.

mod download;
mod kinds;
mod link;
mod sent_as;
mod upload;

pub use download::{Fetched, FileAddress, address, fetch, fetch_public};
pub use kinds::{FileKind, LARGEST_FROM_CUSTOMER, fits};
pub use link::{LIVES, is_link, sign_link};
pub use sent_as::SentAs;
pub use upload::{NewFile, upload, upload_attachment};
