//! Pages for provisioning: the list of jobs, one job, the form for a new business, and the operations on jobs.

mod answer_link;
mod client_fields;
mod job;
mod job_ask;
mod job_calls;
mod job_compare;
mod job_data;
mod job_diagnose;
mod job_done;
mod job_edit;
mod job_head;
mod job_log;
mod job_pane;
mod job_state;
mod job_steps;
mod jobs;
mod new_client;
mod new_extras;
mod order_form;
pub mod plan;
mod plan_panel;
mod sample;
pub mod server_functions;
#[cfg(test)]
mod tests;
mod undoing;
pub mod words;

pub use answer_link::AnswerPage;
pub use job::JobPage;
pub use jobs::JobsPage;
pub use new_client::NewClientPage;
