//! What does the assistant of a business know and say, where may it answer, and what did it do? Its people set it up,
//! publish it, and read each answer with its sources.

mod answers;
mod form;
mod hours;
mod hours_form;
mod inboxes;
mod knowledge;
mod knowledge_sources;
mod page;
mod place;
mod publish;
mod rehearsal;
mod server_functions;
mod settings;
mod source;
mod texts;
mod trace;
mod try_out;
mod versions;

pub use answers::AssistantAnswers;
pub use knowledge::AssistantKnowledge;
pub use page::Assistant;
pub use rehearsal::{AssistantRehearsal, AssistantRehearsals};
pub use source::AssistantSource;
pub use trace::AssistantAnswer;
pub use try_out::AssistantTryOut;
