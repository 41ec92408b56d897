//! What is a language model asked, and what does it reply? The same for every provider.

use serde_json::Value;

/// Bytes of a text for each token, as a rule of thumb.
const TOKEN: usize = 4;

/// An estimate of the tokens of so many bytes.
pub(crate) fn tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(TOKEN)).unwrap_or(u32::MAX)
}

/// What a model is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The instructions. Only our own words belong here, never those of a customer.
    pub system: String,
    /// The conversation, oldest first. It ends with the customer's words.
    pub turns: Vec<Turn>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// The most tokens that the reply may have.
    pub max_tokens: u32,
}

impl Request {
    /// An estimate of the tokens that a provider reads, for when it does not say.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        tokens(self.system.len() + self.turns.iter().map(|turn| turn.text.len()).sum::<usize>())
    }
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// True if the customer wrote it, false if the business did.
    pub from_customer: bool,
    /// Its text. An empty one is left out.
    pub text: String,
}

/// Something that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON schema of its arguments, an object.
    pub parameters: Value,
}

/// What a model replied. All of it is foreign text.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The text, trimmed; empty if the model only called something or said nothing.
    pub text: String,
    /// What it called, in its order.
    pub calls: Vec<Call>,
    /// Tokens that were read, as the provider counted them, or an estimate if it did not say.
    pub prompt_tokens: u32,
    /// Tokens that were written, as the provider counted them, or an estimate if it did not say.
    pub completion_tokens: u32,
    /// The model that replied, as it names itself; empty if it did not say.
    pub model: String,
}

/// One call that a model asked for. It may name a tool that it was not offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Name of the tool.
    pub name: String,
    /// The arguments. `Null` if they cannot be read; they need not fit the schema.
    pub arguments: Value,
}
