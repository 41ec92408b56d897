//! Sends mail: by SMTP if it is configured, otherwise as a file that the simulator's mailbox shows.
//! A mail may contain a one-time link, so its text is never logged and never stored anywhere else. `Kind` lists
//! every kind of mail that the product sends, and each mail states its kind in a header.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncWriteExt;

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
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Reset,
        Self::Invitation,
        Self::OwnerInvitation,
        Self::Platform,
        Self::RightRequested,
        Self::Test,
        Self::CompanyNeedsReauth,
        Self::LocationNeedsReauth,
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
        }
    }
}

/// A mail to one person, in plain text.
pub struct Mail {
    /// What the mail is for.
    pub kind: Kind,
    /// E-mail address of the recipient.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// The whole body.
    pub text: String,
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
        let message = Message::builder()
            .from(self.from.clone())
            .to(mail.to.parse()?)
            .subject(mail.subject)
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(KIND_HEADER), mail.kind.key().to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)?;
        match &self.delivery {
            Delivery::Smtp(transport) => transport.send(message).await.map(drop)?,
            Delivery::Folder(folder) => write_file(folder, &message.formatted()).await?,
        }
        Ok(())
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
                text: "A link".into(),
            })
            .await
            .unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(
            text.contains("To: ana@example.com") && text.contains("A link") && text.contains("X-Slipway-Mail: test")
        );
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
