//! A provisioning job: its input, states, steps and questions, and which operation is allowed in which state.
//! The form, the API and the seed use the same check ([`NewJob::check`]).

mod call_in_flight;
#[cfg(feature = "text")]
mod check;
mod extra;
#[cfg(any(feature = "schema", feature = "text"))]
pub(crate) mod limits;
mod new_job;
mod state;
mod step;
mod stored_order;
mod trail;
mod view;
mod waited;
#[cfg(feature = "text")]
mod zone_labels;
#[cfg(feature = "text")]
mod zone_places;
#[cfg(feature = "text")]
mod zones;

pub use call_in_flight::{CallInFlight, WRITES};
#[cfg(feature = "text")]
pub use check::{Checked, is_email, pointer, same_key, value_key};
pub use extra::ExtraLocation;
pub use new_job::{Answer, Client, ClientChange, NewJob, NewUser, Resume, UserRole};
pub use state::{EffectState, JOB_TRANSITIONS, JobStatus, Operation, StepStatus};
pub use step::{KEEP_ON_UNDO_CONSEQUENCE, Step};
pub use trail::{CallLine, LogLevel, LogLine};
pub use view::{
    AttemptView, Choice, Duplicate, EffectView, Failure, FailureAction, JobCounts, JobLease, JobRow, JobView, Question,
    QuestionKind, StepDot, StepView, Summary, TodoItem, Typical, Waiting,
};
pub use waited::Waited;
#[cfg(feature = "text")]
pub use zone_labels::{
    ZONES, Zone, called as zone_called, called_in as zone_called_in, label as zone_label, label_in as zone_label_in,
    zone_named,
};
#[cfg(feature = "text")]
pub use zone_places::zone_of_place;
#[cfg(feature = "text")]
pub use zones::{OFFERED, TIMEZONES, is_timezone};

pub use crate::highlevel::{COUNTRIES, country_name, is_country};
