//! What is an answer written from? A question with what was said before, what the business knows, and its settings; whether a
//! customer waits for it, or somebody rehearses.

use std::time::Duration;

use domain::assistant::settings::Settings;
use domain::language::Language;
use domain::messaging::{AiMode, Channel};
use domain::{AgencyId, AnswerId, BusinessId, RehearsalCaseId};
use store::assistant::TurnMessage;
use store::assistant::knowledge::Passage;

use super::judge::Counted;

/// What an answer is written from.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub agency: AgencyId,
    pub business: BusinessId,
    /// The answer to a customer that it becomes, on which its cost is noted; none in a rehearsal.
    pub answer: Option<AnswerId>,
    /// The question of a test chat, of which somebody sees the answer while it is written.
    pub watched: Option<RehearsalCaseId>,
    /// The number of tries, including this one.
    pub attempt: i32,
    /// How long somebody waits for it, in the time of this build.
    pub waited: Duration,
    /// Whether it becomes a draft or is sent.
    pub mode: AiMode,
    pub settings: &'a Settings,
    /// The language of our own lines.
    pub language: Language,
    /// The kind of channel.
    pub kind: Channel,
    pub contact_name: &'a str,
    pub contact_phone: Option<&'a str>,
    pub contact_email: Option<&'a str>,
    pub business_name: &'a str,
    /// The messages that nobody answered, oldest first.
    pub open: &'a [TurnMessage],
    /// What was said before them, oldest first.
    pub earlier: &'a [TurnMessage],
    /// The words of the messages that nobody answered.
    pub question: &'a str,
    /// What the business knows about them, the best first.
    pub passages: &'a [Passage],
    pub counted: &'a Counted,
}
