//! Every mail of the product: an operation queues it in its own transaction (`queue`), and the worker composes and sends
//! it (`compose`). Only the test mail is sent at once, because it shows the error of the mail server.

mod compose;
mod queue;

use std::time::Duration;

use mail::{Kind, Mail, Mailer};

pub use self::compose::{Composer, Unsent};
pub(crate) use self::queue::{Invitation, access_request, first_password, invite, invite_from_platform, request_reset};

/// Lifetime of a link that invites somebody or sets a first password, from the moment its mail is sent. A link whose
/// mail still waits stays open as long.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Sends a test mail at once.
///
/// # Errors
/// When the mail server refuses it.
pub async fn test(mailer: &Mailer, origin: &str, to: &str) -> Result<(), mail::Error> {
    let text = format!("Mails from Slipway at {origin} reach you. There is nothing to do.");
    let mail = Mail { kind: Kind::Test, to: to.to_owned(), subject: "Mails arrive".to_owned(), text };
    mailer.send(mail).await.inspect_err(|error| {
        tracing::error!(event = "mail.test_refused", %error, "the mail server did not take the test mail");
    })
}
