//! Which answers can a customer give with one tap, because they stand below a message of ours? The platforms call them reply
//! buttons (WhatsApp) and quick replies (Messenger, Instagram).

use super::{Channel, length};
use crate::text;

/// The most answers below a message: as many as WhatsApp takes (Meta, interactive messages). The others take more.
pub const MOST: usize = 3;
/// The most characters of an answer, on every channel (Meta, interactive messages).
pub const LONGEST: usize = 20;

/// Why answers cannot stand below a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The channel has none.
    Channel,
    /// There are more than [`MOST`].
    Many,
    /// One is longer than [`LONGEST`].
    Long,
    /// Two are the same.
    Twice,
    /// The text above them is longer than this many characters.
    Text(usize),
}

/// The most characters of a text with answers below it. `None` if the channel has none.
#[must_use]
pub const fn longest_text(channel: Channel) -> Option<usize> {
    match channel {
        Channel::Whatsapp => Some(1024),
        Channel::Facebook => Some(2000),
        Channel::Instagram => Some(1000),
        Channel::Webchat | Channel::Voice | Channel::Sms | Channel::Email => None,
    }
}

/// The answers that a person typed, one on each line.
#[must_use]
pub fn typed(lines: &str) -> Vec<String> {
    lines.lines().map(text::line).filter(|line| !line.is_empty()).collect()
}

/// Checks that answers can stand below a text, which goes as one message. None at all always can.
///
/// # Errors
/// The first reason why they cannot.
pub fn check(channel: Channel, choices: &[String], body: &str) -> Result<(), Unfit> {
    if choices.is_empty() {
        return Ok(());
    }
    let most = longest_text(channel).ok_or(Unfit::Channel)?;
    if choices.len() > MOST {
        return Err(Unfit::Many);
    }
    if choices.iter().any(|choice| choice.chars().count() > LONGEST) {
        return Err(Unfit::Long);
    }
    let is_twin = |(at, choice): (usize, &String)| choices[..at].contains(choice);
    if choices.iter().enumerate().any(is_twin) {
        return Err(Unfit::Twice);
    }
    if body.chars().count() > most || !length::fits(channel, body) {
        return Err(Unfit::Text(most));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(channel: Channel, lines: &str, body: &str) -> Result<(), Unfit> {
        check(channel, &typed(lines), body)
    }

    #[test]
    fn what_is_typed_is_cleaned_line_by_line() {
        assert_eq!(typed(" Yes \r\n\n No\u{200b},  thanks\n"), ["Yes", "No, thanks"]);
        assert!(typed(" \n \n").is_empty());
    }

    #[test]
    fn each_channel_takes_what_its_platform_takes() {
        let long = "x".repeat(LONGEST + 1);
        for channel in Channel::ALL {
            let most = longest_text(channel);
            let fits = if most.is_some() { Ok(()) } else { Err(Unfit::Channel) };
            assert_eq!(checked(channel, "", "Hi"), Ok(()), "{channel:?}");
            assert_eq!(checked(channel, "Yes\nNo\nLater", "Hi"), fits, "{channel:?}");
            assert_eq!(checked(channel, &"x".repeat(LONGEST), "Hi"), fits, "{channel:?}");
            let Some(most) = most else { continue };
            assert_eq!(checked(channel, "a\nb\nc\nd", "Hi"), Err(Unfit::Many), "{channel:?}");
            assert_eq!(checked(channel, &long, "Hi"), Err(Unfit::Long), "{channel:?}");
            assert_eq!(checked(channel, "Yes\nNo\nYes", "Hi"), Err(Unfit::Twice), "{channel:?}");
            assert_eq!(checked(channel, "Yes", &"x".repeat(most)), Ok(()), "{channel:?}");
            assert_eq!(checked(channel, "Yes", &"x".repeat(most + 1)), Err(Unfit::Text(most)), "{channel:?}");
        }
        assert_eq!(checked(Channel::Instagram, "Yes", &"é".repeat(600)), Err(Unfit::Text(1000)), "it counts bytes");
    }
}
