//! The system: what this installation consists of, its background work and its periodic jobs.

mod page;
mod server_functions;

pub use page::System;
