//! Integrations with outside accounts: what is integrated, whether it works, and what to do next.

mod page;
mod parts;
mod server_functions;

pub use page::IntegrationsPage;
pub use parts::tone;

/// How many jobs that waited for an integration resume, as the end of a sentence about it. Empty for zero jobs.
#[must_use]
pub fn going_on(jobs: usize) -> String {
    match jobs {
        0 => String::new(),
        1 => " The job that waited for it goes on.".to_owned(),
        more => format!(" The {more} jobs that waited for it go on."),
    }
}
