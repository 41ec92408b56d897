//! What can happen that people or other programs are told about: the closed list of kinds, who wants which of them, and
//! when a mail may be sent.

pub mod choices;
pub mod kind;
pub mod offered;
pub mod shown;
#[cfg(feature = "text")]
pub mod timing;

pub use choices::{Channel, Choices, Quiet, Rules};
pub use kind::{Audience, Kind, Severity};
pub use offered::Offered;
pub use shown::{Looked, Notification, Unread};
