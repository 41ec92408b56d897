//! What all parts of a job page share: the job as it was read, and what its pane shows.

use domain::provisioning::{CallInFlight, CallLine, JobLease, JobView, LogLine, Step};
use islands::job::JobPlace;
use kit::{Address, Filled};
use web::todos::ShownTodos;

use super::by_hand::ByHand;
use super::diagnose::Diagnosis;

/// Everything the parts of the page share.
#[derive(Clone)]
pub struct JobPageContext {
    /// The job.
    pub job: JobView,
    /// Slug of the agency, for forms.
    pub agency: String,
    /// Address of the job's page, without a query.
    pub path: String,
    /// Address of this view, with its query.
    pub at: Address,
    /// The step shown in full.
    pub step: Step,
    /// True if the caller may control jobs.
    pub may: bool,
    /// True if the caller reaches the business that the job created.
    pub opens: bool,
    /// Errors and typed values of the last form.
    pub filled: Filled,
    /// The worker's lease on the job.
    pub hold: JobLease,
    /// Absolute address of this view, to send to somebody.
    pub link: String,
    /// Address of the location's page in HighLevel; `None` until there is a location.
    pub location: Option<String>,
    /// What the job leaves to a person.
    pub todos: ShownTodos,
    /// The link for the business, only on the first page view after it was created.
    pub client_link: Option<String>,
    /// What answers a question about the agency's plan; `None` unless the job asks it of somebody who may answer.
    pub by_hand: Option<ByHand>,
    /// Where HighLevel is connected again; `None` unless the job asks for it and the caller may.
    pub connect: Option<String>,
    /// The call that was sent and has no answer yet.
    pub flight: Option<CallInFlight>,
}

/// What the pane on the right shows.
#[derive(Clone)]
pub enum Shown {
    /// Lines, oldest first, and true if older ones are left out.
    Log(Vec<LogLine>, bool),
    /// What the step was given.
    Input,
    /// What the step found or made.
    Output,
    /// Outbound calls.
    Calls(Vec<CallLine>),
    /// Why the step takes so long.
    Diagnosis(Box<Diagnosis>),
    /// Two attempts side by side: the step's whole log, oldest line first.
    Compared(Vec<LogLine>),
}

impl JobPageContext {
    /// Address of this view with one query parameter changed.
    #[must_use]
    pub fn href(&self, key: &str, value: &str) -> String {
        self.at.with(key, value).href()
    }

    /// Hidden fields of a form that controls this job.
    #[must_use]
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        vec![("agency", self.agency.clone()), ("id[]", self.job.row.id.to_string())]
    }

    /// Hidden fields of a form that resumes this job.
    #[must_use]
    pub fn resuming(&self) -> Vec<(&'static str, String)> {
        vec![("agency", self.agency.clone()), ("id", self.job.row.id.to_string())]
    }

    /// The topics of this job's events, and of its to-dos.
    #[must_use]
    pub fn topic(&self) -> String {
        let id = self.job.row.id;
        format!("provisioning.job:{id} todos.changed:{id}")
    }

    /// Where the page is, for its island. What the forms show besides the job has topics of its own.
    #[must_use]
    pub fn place(&self) -> JobPlace {
        let href = self.at.href();
        let query = href.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        let job = format!("provisioning.job:{}", self.job.row.id);
        JobPlace { path: self.path.clone(), query, topics: self.topic(), job }
    }

    /// True while the page shows what an update must not replace: a form that came back with errors, or a link that is
    /// shown once.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.filled.is_bad() || self.client_link.is_some()
    }
}
