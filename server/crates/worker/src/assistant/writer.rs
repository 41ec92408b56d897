//! What writes the assistant's answers: the business's own knowledge, word for word, or a language model.

/// What writes the assistant's answers.
#[derive(Clone)]
pub enum Writer {
    /// The passage that answers best, as it stands. Nobody outside is asked.
    Local,
    /// A language model.
    Model(model::Client),
}
