//! Does HighLevel lead a browser back to the redirect address? Whoever runs the platform tries it in their own browser:
//! HighLevel shows its consent page only for an address that is registered with it, and the answer there leads back here. A
//! trial connects nothing, so nothing of it is stored: its state follows from the session that began it.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use ghl::auth::{Host, SCOPES, authorize_url};
use tower_sessions::Session;
use web::Error;

use super::{Answer, notice, ready, token_storage};
use crate::http::pages::Shared;
use crate::http::problem;

/// The page that offers a trial and tells how it ended.
const PAGE: &str = "/admin/system";
/// What the state of a trial begins with.
const MARK: &str = "trial-";

const LED_BACK: &str =
    "HighLevel led your browser back: the redirect address is registered there and leads here. Nothing was connected.";
const APPROVED: &str = "HighLevel led your browser back: the redirect address is registered there and leads here. You approved the app there, but a trial connects nothing: remove it in HighLevel, or connect it from an agency's connections page.";
const ELSEWHERE: &str = "HighLevel led a browser back here, but the trial began in another one or at another address. Nothing was connected. Open this site by the host of the redirect address, and try it again from the system page.";

/// `GET /api/integrations/ghl/try`: redirects whoever runs the platform to HighLevel's consent page.
pub async fn begin(State(shared): State<Shared>, session: Session) -> Response {
    match consent_page(&shared, &session).await {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(error) => problem::of(error),
    }
}

async fn consent_page(shared: &Shared, session: &Session) -> Result<String, Error> {
    ready(shared)?;
    let state = state(web::session::oauth_binding(session).await?);
    let redirect = token_storage::redirect_uri(&shared.app.settings.public_url)?;
    Ok(authorize_url(&shared.app.ghl, Host::Standard, &redirect, SCOPES, &state).to_string())
}

/// The state of a trial in the session with this binding. The binding does not follow from it.
fn state(binding: [u8; 32]) -> String {
    format!("{MARK}{}", hex::encode(web::token::hash(&format!("{MARK}{}", hex::encode(binding)))))
}

/// Tells that HighLevel led this browser back, if the state is one of a trial; `None` if it belongs to a consent. A code is
/// not exchanged.
///
/// # Errors
/// `Conflict` if the trial did not begin in this session.
pub(super) async fn answered(session: &Session, shown: &str, answer: &Answer) -> Result<Option<Response>, Error> {
    if !shown.starts_with(MARK) {
        return Ok(None);
    }
    let binding = web::session::known_oauth_binding(session).await?;
    if binding.is_none_or(|binding| state(binding) != shown) {
        return Err(Error::Conflict(ELSEWHERE.to_owned()));
    }
    let approved = answer.code.is_some();
    tracing::info!(event = "oauth.redirect_tried", approved, "HighLevel led a browser back to the redirect address");
    notice(if approved { APPROVED } else { LED_BACK }.to_owned()).keep(session).await?;
    Ok(Some(Redirect::to(PAGE).into_response()))
}

#[cfg(test)]
mod tests {
    use super::{MARK, state};

    #[test]
    fn each_session_has_a_state_of_its_own_that_does_not_show_its_binding() {
        let (one, other) = ([1; 32], [2; 32]);
        assert_eq!(state(one), state(one));
        assert_ne!(state(one), state(other));
        assert!(state(one).starts_with(MARK) && !state(one).contains(&hex::encode(one)));
    }
}
