//! How does a mail leave: by SMTP when it is configured, else as a file that the simulator's mailbox shows.
//! A mail may carry a one-time link, so its text is never logged and never stored anywhere else.

use std::path::PathBuf;

use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

/// A mail to one person, in plain text.
pub struct Mail {
    /// Address of the person.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// The whole text.
    pub text: String,
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address that no mail server would take.
    #[error("the mail address is not usable")]
    Address(#[from] lettre::address::AddressError),
    /// The parts do not make a mail.
    #[error("the mail could not be composed")]
    Compose(#[from] lettre::error::Error),
    /// The mail server refused or did not answer.
    #[error("the mail server did not take the mail")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The mail folder cannot be written.
    #[error("the mail folder cannot be written")]
    Folder(#[from] std::io::Error),
}

/// The one way out for mails.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// Sends through the server of an `smtp(s)://user:password@host:port` address.
    ///
    /// # Errors
    /// When the sender or the address of the server is not usable.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self, Error> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?.build();
        Ok(Self { from: from.parse()?, way: Way::Smtp(transport) })
    }

    /// Writes each mail as one file into a folder.
    ///
    /// # Errors
    /// When the sender is not usable.
    pub fn folder(folder: PathBuf, from: &str) -> Result<Self, Error> {
        Ok(Self { from: from.parse()?, way: Way::Folder(folder) })
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// When the address is not usable or the mail could not be handed over.
    pub async fn send(&self, mail: Mail) -> Result<(), Error> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(mail.to.parse()?)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)?;
        match &self.way {
            Way::Smtp(transport) => transport.send(message).await.map(drop)?,
            Way::Folder(folder) => {
                tokio::fs::create_dir_all(folder).await?;
                let name = format!("{}.eml", uuid::Uuid::now_v7());
                tokio::fs::write(folder.join(name), message.formatted()).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mail_without_a_server_becomes_a_file() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let mailer = Mailer::folder(folder.clone(), "Slipway <no-reply@slipway.test>").unwrap();
        mailer
            .send(Mail { to: "ana@example.com".into(), subject: "Hello".into(), text: "A link".into() })
            .await
            .unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(text.contains("To: ana@example.com") && text.contains("A link"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
