//! What is a message to a customer, before a channel is asked to carry it?

use serde_json::Value;

use crate::media::FileKind;

/// The platform that carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// WhatsApp.
    Whatsapp,
    /// Messenger of a page.
    Messenger,
    /// Instagram, by either login.
    Instagram,
}

/// Who sends.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The platform.
    pub channel: Channel,
    /// The id of the phone number, of the page (also for Instagram linked to a page), or of the account of Instagram
    /// Login.
    pub id: &'a str,
}

/// Who receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A WhatsApp number, with or without `+`.
    Phone(String),
    /// A customer of WhatsApp who shares no number (`US.1349…`), or the id of a customer of a page or an Instagram
    /// account.
    Id(String),
}

/// A message to a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Who receives it.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
    /// The platform's id of the message that it quotes. Instagram shows no quotes and is not told.
    pub reply_to: Option<String>,
    /// Our own id, which comes back with statuses (WhatsApp) and echoes (Messenger). Instagram carries none.
    pub own_id: Option<String>,
    /// Sends a late answer of a person, up to seven days after the customer wrote (tag `HUMAN_AGENT`). Automatic messages
    /// must never have it.
    pub late_answer: bool,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A text.
    Text {
        /// The text.
        body: String,
        /// Whether WhatsApp shows a preview of its first link; the others always do.
        preview: bool,
    },
    /// A file.
    File(File),
    /// A text with choices: buttons on WhatsApp (at most 3), quick replies elsewhere (at most 13).
    Choices {
        /// The text.
        body: String,
        /// The choices.
        choices: Vec<Choice>,
    },
    /// A reaction to a message; no emoji takes it back.
    Reaction {
        /// The platform's id of the message.
        to: String,
        /// The emoji.
        emoji: Option<String>,
    },
    /// An approved template of WhatsApp.
    Template(TemplateMessage),
}

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it is to the customer.
    pub kind: FileKind,
    /// Where Meta finds it.
    pub source: FileSource,
    /// A text below it; only WhatsApp has one, and not for sounds and stickers.
    pub caption: Option<String>,
    /// The name that the customer sees, for documents of WhatsApp.
    pub name: Option<String>,
    /// Whether a sound is shown as a voice note.
    pub voice: bool,
}

/// Where Meta finds a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSource {
    /// The id of an upload.
    Uploaded(String),
    /// A public https address, without redirects, that Meta fetches once.
    Link(String),
}

/// A choice of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What comes back when the customer chooses it.
    pub id: String,
    /// What the customer reads.
    pub title: String,
}

/// An approved template with its variables.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateMessage {
    /// Its name.
    pub name: String,
    /// Its language, such as `en_US`.
    pub language: String,
    /// The values of its variables, in parts.
    pub parts: Vec<TemplatePart>,
}

/// The values of one part of a template. A name belongs to a named variable; a positional one has none.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Variables of the header's text.
    HeaderText(Vec<(Option<String>, String)>),
    /// The header's image, video or document.
    HeaderFile(File),
    /// Variables of the body.
    Body(Vec<(Option<String>, String)>),
    /// The variable end of a button's address.
    UrlButton {
        /// Which button, from 0.
        index: u8,
        /// The end of the address.
        text: String,
    },
    /// What comes back when a quick reply is pressed.
    ReplyButton {
        /// Which button, from 0.
        index: u8,
        /// What comes back.
        payload: String,
    },
    /// The code of a copy button.
    CodeButton {
        /// Which button, from 0.
        index: u8,
        /// The code.
        code: String,
    },
    /// A part of a kind that is not listed here, in Meta's form.
    Other(Value),
}

/// Why a channel cannot carry a message. It is not sent then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The text is empty.
    #[error("the message has no text")]
    Empty,
    /// The address of the customer is of another channel.
    #[error("this address is none of this channel")]
    Recipient,
    /// The channel has no templates.
    #[error("this channel has no templates")]
    Template,
    /// The channel shows no text below a file: send it as a message of its own.
    #[error("this channel shows no text below this kind of file")]
    Caption,
    /// The channel takes files by address, or by upload, only.
    #[error("this channel cannot take the file from there")]
    Source,
    /// The channel does not know this kind of file.
    #[error("this channel does not take this kind of file")]
    Kind,
    /// No choice, too many, or two with the same id.
    #[error("the message has no choices, too many, or two that are the same")]
    Choices,
    /// The channel cannot send this reaction.
    #[error("this channel cannot send this reaction")]
    Reaction,
    /// WhatsApp has no late answers: send a template.
    #[error("this channel has no late answers")]
    LateAnswer,
}

impl Content {
    /// Checks what holds on every channel.
    pub(super) fn check(&self, most_choices: usize) -> Result<(), Unfit> {
        match self {
            Self::Text { body, .. } | Self::Choices { body, .. } if body.trim().is_empty() => Err(Unfit::Empty),
            Self::Choices { choices, .. } => {
                let twins =
                    choices.iter().enumerate().any(|(at, one)| choices[..at].iter().any(|two| two.id == one.id));
                let fits = (1..=most_choices).contains(&choices.len()) && !twins;
                if fits { Ok(()) } else { Err(Unfit::Choices) }
            }
            _ => Ok(()),
        }
    }
}
