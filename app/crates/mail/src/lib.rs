//! Sends mail: by SMTP if it is configured, otherwise as a file that the simulator's mailbox shows.
//! A mail may contain a one-time link, so its text is never logged and never stored anywhere else. `Kind` lists
//! every kind of mail that the product sends, and each mail states its kind in a header. Every mail is text and HTML
//! (`template`).

mod foot;
mod template;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncWriteExt;

pub use self::template::{Body, Button, Group, Sender};

/// The header that states the kind of a mail, so that recipients can filter by it.
pub const KIND_HEADER: &str = "X-Slipway-Mail";

/// What a mail is for. This list is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A link to set a new password.
    Reset,
    /// An invitation to an agency or to a business.
    Invitation,
    /// An invitation to own a business whose provisioning is finished.
    OwnerInvitation,
    /// A link with which a new member of the platform's staff sets the first password.
    Platform,
    /// A request by somebody for a right.
    RightRequested,
    /// A test mail that only proves that mail is delivered.
    Test,
    /// The integration with an agency's company needs a person.
    CompanyNeedsReauth,
    /// The integration with a business's location needs a person.
    LocationNeedsReauth,
    /// What happened that a person is to know.
    Notification,
    /// What happened in a day.
    Digest,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Reset,
        Self::Invitation,
        Self::OwnerInvitation,
        Self::Platform,
        Self::RightRequested,
        Self::Test,
        Self::CompanyNeedsReauth,
        Self::LocationNeedsReauth,
        Self::Notification,
        Self::Digest,
    ];

    /// The stable key of this kind.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Invitation => "invitation",
            Self::OwnerInvitation => "ready",
            Self::Platform => "platform",
            Self::RightRequested => "wish",
            Self::Test => "test",
            Self::CompanyNeedsReauth => "company",
            Self::LocationNeedsReauth => "location",
            Self::Notification => "notification",
            Self::Digest => "digest",
        }
    }
}

/// A mail to one person.
pub struct Mail {
    /// What the mail is for.
    pub kind: Kind,
    /// E-mail address of the recipient.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// What it says.
    pub body: Body,
    /// Who sends it.
    pub sender: Sender,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not valid.
    #[error("the mail address is not usable")]
    Address(#[from] lettre::address::AddressError),
    /// The parts do not form a valid mail.
    #[error("the mail could not be composed")]
    Compose(#[from] lettre::error::Error),
    /// The mail server refused the mail or did not respond.
    #[error("the mail server did not take the mail")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The mail folder cannot be written.
    #[error("the mail folder cannot be written")]
    Folder(#[from] std::io::Error),
}

/// Sends all mail of the product.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    delivery: Delivery,
}

#[derive(Clone)]
enum Delivery {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// Sends through the server with this URL, `smtp(s)://user:password@host:port`.
    ///
    /// # Errors
    /// If the sender or the URL of the server is not valid.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self, Error> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?.build();
        Ok(Self { from: from.parse()?, delivery: Delivery::Smtp(transport) })
    }

    /// Writes each mail as one file into a folder.
    ///
    /// # Errors
    /// If the sender is not valid.
    pub fn folder(folder: PathBuf, from: &str) -> Result<Self, Error> {
        Ok(Self { from: from.parse()?, delivery: Delivery::Folder(folder) })
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// If the address is not valid or the mail could not be delivered to the server or the folder.
    pub async fn send(&self, mail: Mail) -> Result<(), Error> {
        let Mail { kind, to, subject, body, sender } = mail;
        let parts = MultiPart::alternative_plain_html(body.text(&sender), body.html(&subject, &sender));
        let mut message = Message::builder()
            .from(self.sender_mailbox(&sender))
            .to(to.parse()?)
            .subject(subject)
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(KIND_HEADER), kind.key().to_owned()));
        // An address that cannot be answered must not keep the mail from being sent.
        if let Some(reply_to) = sender.reply_to.as_deref().and_then(|address| address.parse::<Mailbox>().ok()) {
            message = message.reply_to(reply_to);
        }
        let message = message.multipart(parts)?;
        match &self.delivery {
            Delivery::Smtp(transport) => transport.send(message).await.map(drop)?,
            Delivery::Folder(folder) => write_file(folder, &message.formatted()).await?,
        }
        Ok(())
    }

    /// The sender: "Harbor Marketing via Slipway", at the product's own address, which mail servers trust.
    fn sender_mailbox(&self, sender: &Sender) -> Mailbox {
        let own = self.from.name.as_deref().unwrap_or("Slipway");
        let name = sender.name.as_ref().map(|name| format!("{name} via {own}"));
        Mailbox::new(name.or_else(|| self.from.name.clone()), self.from.email.clone())
    }
}

/// Writes a mail so that no other user of the machine can read it: whoever has its link can act as the recipient.
async fn write_file(folder: &Path, mail: &[u8]) -> std::io::Result<()> {
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    // A folder that an earlier version created is readable by everybody.
    tokio::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).await?;
    let file = folder.join(format!("{}.eml", uuid::Uuid::now_v7()));
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).await?;
    file.write_all(mail).await?;
    file.flush().await
}

/// Maximum number of characters of a name in a mail.
const MAX_NAME_CHARS: usize = 60;

/// Makes a name that somebody entered safe for a mail: short, on one line, and without anything that a mail
/// program would turn into a link.
#[must_use]
pub fn sanitize_name(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || letter < ' ').map(break_links);
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(MAX_NAME_CHARS).collect();
    if short.len() < line.len() {
        short.truncate(short.trim_end().len());
        short.push('\u{2026}');
    }
    short
}

/// Changes a word so that it no longer reads as an address: dots, colons, slashes and at signs between letters
/// become spaces.
fn break_links(word: &str) -> String {
    if !word.chars().any(char::is_alphabetic) {
        return word.replace("//", " ");
    }
    let letters: Vec<char> = word.chars().collect();
    let joins = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        matches!(letters[at], '.' | ':' | '/' | '@' | '\\' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
            && (before.is_none() || letters.get(at + 1).is_some_and(|next| !next.is_whitespace()))
    };
    let text: String = (0..letters.len()).map(|at| if joins(at) { ' ' } else { letters[at] }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mail_without_a_server_becomes_a_file() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let mailer = Mailer::folder(folder.clone(), "Slipway <no-reply@slipway.test>").unwrap();
        mailer
            .send(Mail {
                kind: Kind::Test,
                to: "ana@example.com".into(),
                subject: "Hello".into(),
                body: Body::saying("A link"),
                sender: Sender {
                    name: Some("Harbor".into()),
                    reply_to: Some("hi@harbor.test".into()),
                    ..Sender::default()
                },
            })
            .await
            .unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(
            text.contains("To: ana@example.com") && text.contains("A link") && text.contains("X-Slipway-Mail: test")
        );
        for part in [
            "Harbor via Slipway",
            "Reply-To: hi@harbor.test",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "<no-reply@slipway.test>",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&files[0].as_ref().unwrap().path())), (0o700, 0o600), "nobody else reads it");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        let mut words = Kind::ALL.map(Kind::key).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
    }

    #[test]
    fn no_mail_program_makes_a_link_of_a_name() {
        for (name, written) in [
            ("Harbor Marketing", "Harbor Marketing"),
            ("Dr. Smith & Sons, Inc.", "Dr. Smith & Sons, Inc."),
            ("3.5 Miles", "3.5 Miles"),
            ("Locked. Verify at http://evil.example/verify now", "Locked. Verify at http evil example verify now"),
            ("www.evil.example", "www evil example"),
            ("evil.example.", "evil example."),
            ("me@evil.example", "me evil example"),
            ("a\r\nBcc: x@y.z", "a Bcc: x y z"),
            ("", ""),
        ] {
            assert_eq!(sanitize_name(name), written, "{name}");
        }
        let long = sanitize_name(&"word ".repeat(40));
        assert!(long.chars().count() <= MAX_NAME_CHARS + 1 && long.ends_with('\u{2026}'), "{long}");
        for name in [
            "//evil.example",
            "1.2.3.4",
            "https://1.2.3.4/x",
            "x.y/..//z.w",
            "\u{200b}evil.example",
            "evil\u{3002}example",
        ] {
            let written = sanitize_name(name);
            assert!(!written.contains("//") && !written.contains("l.e") && !written.contains('\u{3002}'), "{written}");
        }
    }
}
