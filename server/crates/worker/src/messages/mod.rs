//! What is done with messages in the background: those of customers are taken in, ours are sent, files are fetched, and the
//! templates of an account are read.

mod apply;
mod attached;
mod highlevel;
mod media;
mod receive;
mod scheduled;
mod send;
mod signals;
mod templates;
mod wire;

pub use media::{fetch as fetch_media, put_aside as put_media_aside, sweep as sweep_files};
pub use receive::receive;
pub use scheduled::release as release_scheduled;
pub use send::send;
pub use templates::sync as sync_templates;
