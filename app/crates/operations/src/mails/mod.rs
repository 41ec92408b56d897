//! Every mail of the product: an operation queues it in its own transaction (`queue`), and the worker composes and sends
//! it (`compose`). Only the test mail is sent at once, because it shows the error of the mail server.

mod compose;
mod messages;
mod queue;

use std::time::Duration;

use domain::language::Language;
use mail::{Body, Kind, Mail, Mailer, Sender};

pub use self::compose::{Composer, Unsent};
pub(crate) use self::queue::{Invitation, access_request, first_password, invite, invite_from_platform, request_reset};

/// Lifetime of a link that invites somebody, from the moment its mail is sent. A link whose mail still waits stays open as
/// long.
pub(crate) const INVITATION: Duration = Duration::from_secs(7 * 24 * 3600);

/// The same for the link with which a new member of the platform's staff sets the first password.
const FIRST_PASSWORD: Duration = Duration::from_secs(72 * 3600);

/// Sends a test mail at once.
///
/// # Errors
/// When the mail server refuses it.
pub async fn test(mailer: &Mailer, origin: &str, to: &str) -> Result<(), mail::Error> {
    // The page that sends it is in English.
    let texts = messages::messages(Language::English);
    let body = Body::saying((texts.test_text)(origin));
    let (to, subject) = (to.to_owned(), texts.test_subject.to_owned());
    let mail = Mail { kind: Kind::Test, to, subject, body, sender: Sender::default() };
    mailer.send(mail).await.inspect_err(|error| {
        tracing::error!(event = "mail.test_refused", %error, "the mail server did not take the test mail");
    })
}
