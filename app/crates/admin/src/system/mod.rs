//! The system: whether it is healthy, its processes, its queues, its periodic jobs and its database.

mod failed;
mod installation;
mod page;
mod periodic;
mod server_functions;
mod workers;

pub use page::System;
