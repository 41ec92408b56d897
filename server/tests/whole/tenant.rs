//! Which objects does a test act on? Those of one agency with one business.

use domain::{
    AgencyId, AnswerId, ApiTokenId, AttachmentId, BusinessId, ChannelChoiceId, ContactId, ConversationId, JobId,
    KnowledgeId, RehearsalId, ToolCallId,
};

/// An agency with a business, a job and a member of every role.
pub struct Tenant {
    /// The agency.
    pub agency: AgencyId,
    /// Its business.
    pub business: BusinessId,
    /// Its job.
    pub job: JobId,
    /// Its conversation, which `conversations::fill` makes. Until then this is nobody's id.
    pub conversation: ConversationId,
    /// The customer of that conversation, likewise.
    pub contact: ContactId,
    /// The file in that conversation, likewise.
    pub attachment: AttachmentId,
    /// The choice that somebody has there, likewise.
    pub choice: ChannelChoiceId,
    /// What its assistant knows, likewise.
    pub knowledge: KnowledgeId,
    /// A draft of its assistant, likewise.
    pub answer: AnswerId,
    /// A rehearsal of its assistant, likewise.
    pub rehearsal: RehearsalId,
    /// The token of an AI agent there, likewise.
    pub agent: ApiTokenId,
    /// A call of that agent, likewise.
    pub call: ToolCallId,
}

impl Tenant {
    /// A tenant without a conversation.
    pub fn bare(agency: AgencyId, business: BusinessId, job: JobId) -> Self {
        let id = job.0;
        Self {
            agency,
            business,
            job,
            conversation: id.into(),
            contact: id.into(),
            attachment: id.into(),
            choice: id.into(),
            knowledge: id.into(),
            answer: id.into(),
            rehearsal: id.into(),
            agent: id.into(),
            call: id.into(),
        }
    }
}
