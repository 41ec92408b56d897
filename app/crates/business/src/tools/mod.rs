//! Which AI agents have hands on a business, what may they do, what do they ask for, and what did they do? Its people
//! connect them, approve what they want to change, and read every call.

mod agent;
mod approvals;
mod call;
mod connect;
mod connect_card;
mod diff;
mod log;
mod page;
mod place;
mod policies;
mod policy_groups;
mod server_functions;
mod servers;
mod texts;
mod trust;

pub use agent::AiAgent;
pub use approvals::AiApprovals;
pub use call::AiCall;
pub use log::AiLog;
pub use page::AiTools;
pub use trust::AiTrust;
