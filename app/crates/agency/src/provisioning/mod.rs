//! Provisioning on screen: the list of jobs, one job, a new client, and what can be asked of jobs.

mod answer_link;
mod client_fields;
mod job;
mod jobs;
mod new_client;
mod order_form;
pub mod server_functions;

pub use answer_link::AnswerPage;
pub use job::{JobPage, job_update};
pub use jobs::JobsPage;
pub use new_client::NewClientPage;
