//! What does a person read about an error of Meta, and what can they do next? Meta's own words go to the log only.

use super::{Code, Kind, Registration, Restriction, TokenDeath};

impl Kind {
    /// What happened and what to do next, in plain words.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Token(death) => death.sentence(),
            Self::Permission => {
                "Meta says that a permission is missing. Connect the channel again and grant every permission."
            }
            Self::Code(code) => code.sentence(),
            Self::AppAccess => "Meta refuses our app. Nothing is wrong with your account; our support must look at it.",
            Self::TestersOnly => {
                "The app may write only to its testers yet. Add this person as a tester, or wait for Meta's approval."
            }
            Self::OutsideWindow => {
                "The customer wrote too long ago. Send an approved template on WhatsApp, or wait for the next message."
            }
            Self::Limited { .. } => "Meta's limit of messages is reached for now. It is sent by itself a little later.",
            Self::PairRate => "Too many messages went to this customer at once. It is sent by itself a little later.",
            Self::Withheld => {
                "Meta did not deliver this message to protect the customer. Wait at least a day before you try again."
            }
            Self::Restricted(restriction) => restriction.sentence(),
            Self::Undeliverable => {
                "The customer cannot be reached on this channel. Try another channel, or check the number."
            }
            Self::OptedOut => "The customer stopped marketing messages. You may still answer what the customer asks.",
            Self::Media => "The file was refused or could not be read. Check its type and size, and send it again.",
            Self::Template => {
                "The template does not fit. Refresh the templates, check its status and fill in every variable."
            }
            Self::Registration(trouble) => trouble.sentence(),
            Self::NotFound => "Meta does not find this, or the connection may not see it. Connect the channel again.",
            Self::Invalid => "Meta did not accept the message. Change it and send it again.",
            Self::Temporary => "Meta has trouble at the moment. Try again in a few minutes.",
            Self::Unclear => {
                "It is not known whether this arrived. Look at the customer's next answer before you send it again."
            }
            Self::Down => "Meta cannot be reached at the moment. It is tried again by itself.",
            Self::Held { .. } => "Meta is not answering, so nothing is sent for a moment. It goes on by itself.",
        }
    }
}

impl TokenDeath {
    /// What happened and what to do next, in plain words.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "The connection has expired. Connect the channel again.",
            Self::PasswordChanged => {
                "The connection ended because the Facebook password was changed. Connect the channel again."
            }
            Self::AppRemoved => "Our app was removed at Meta. Connect the channel again to go on.",
            Self::Checkpoint => {
                "Facebook wants the person who connected the channel to log in there. Log in, then connect it again."
            }
            Self::RoleLost => {
                "Whoever connected the page has no role on it any more. Someone with a role must connect it again."
            }
            Self::Revoked => "Meta does not accept the connection any more. Connect the channel again.",
        }
    }
}

impl Code {
    fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "The consent took too long. Start connecting again.",
            Self::Used => "This consent was used already. Start connecting again.",
            Self::Redirect => "The address of this installation is not the one that Meta knows. Our support must look.",
            Self::Other => "Meta did not accept the consent. Start connecting again.",
        }
    }
}

impl Restriction {
    fn sentence(self) -> &'static str {
        match self {
            Self::Locked => "Meta has restricted this account. Open Meta Business Support Home to see why.",
            Self::Country => "Meta does not let this account write to people in this country. Try another channel.",
            Self::Unpaid => "Meta misses a payment method. Add one in the WhatsApp Manager, then send again.",
            Self::Unregistered => {
                "This phone number is not registered with WhatsApp. Register it on the connections page."
            }
        }
    }
}

impl Registration {
    fn sentence(self) -> &'static str {
        match self {
            Self::WrongPin => "The PIN is not the one of this number. Enter the PIN of its two-step verification.",
            Self::TooManyPins => "The PIN was wrong too often. Reset it in the WhatsApp Manager, or wait a day.",
            Self::TooFast => "PINs were tried too fast. Wait a few minutes and try again.",
            Self::NotVerified => "This number is not verified yet. Ask for a verification code first.",
            Self::DeletedRecently => "This number was deleted a short time ago. Wait a few minutes and try again.",
            Self::TooOften => "This number was registered too often. Wait three days and try again.",
            Self::Other => "Meta did not register this number. Check it in the WhatsApp Manager and try again.",
        }
    }
}
