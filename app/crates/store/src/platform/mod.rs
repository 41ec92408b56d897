//! What does the platform see of all tenants and of itself: one agency, one business, one person, what needs attention,
//! the running processes and the database. It is metadata only.

mod agency;
mod attention;
mod business;
mod database;
mod person;
mod processes;
pub mod tool_hosts;

pub use self::agency::{AgencyFacts, agency};
pub use self::attention::{BrokenConnection, FailedJobs, attention};
pub use self::business::{BusinessFacts, BusinessPerson, Connection, LastJob, business};
pub use self::database::{DatabaseFacts, database};
pub use self::person::{Place, places, sessions};
pub use self::processes::{Process, gone, processes, report};
