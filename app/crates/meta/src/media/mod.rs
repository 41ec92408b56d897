//! How do files come from Meta and go there? Sizes, hosts and checksums are checked here.

mod download;
mod kinds;
mod upload;

pub use download::{Fetched, FileAddress, address, fetch, fetch_public};
pub use kinds::{FileKind, LARGEST_FROM_CUSTOMER, fits};
pub use upload::{NewFile, upload, upload_attachment};
