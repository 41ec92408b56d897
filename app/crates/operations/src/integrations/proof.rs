//! Do the tokens that a program hands over open the location that it names? Only HighLevel knows: it shows a location to its
//! own tokens and to those of its company, and to no others.

use domain::business::Business;
use ghl::{Call, Ghl, Kind, Reason, locations};
use outbound::{CallContext, Priority};
use secrecy::SecretString;

use crate::Refusal;

/// Why there is no proof.
#[derive(Debug)]
pub(super) enum Unproven {
    /// HighLevel refuses: the token is none, or opens another location.
    Refused(Refusal),
    /// HighLevel did not say.
    Unanswered,
}

/// Asks HighLevel for the location with this token. Returns the id of its company, if HighLevel tells it. The caller has no
/// transaction open meanwhile.
pub(super) async fn of(
    ghl: &Ghl,
    business: &Business,
    token: &SecretString,
    location: &str,
) -> Result<Option<String>, Unproven> {
    let agency = business.agency;
    let about = CallContext {
        agency: Some(agency.0),
        business: Some(business.id.0),
        priority: Priority::Interactive,
        ..CallContext::default()
    };
    // Nobody has shown yet whose location it is, so the call counts against none.
    let resource = format!("unproven-{agency}");
    let call = Call { token, resource: &resource, about: &about };
    match locations::get(ghl, call, location).await {
        Ok(shown) if shown.id == location => Ok(shown.company_id),
        Ok(_) => Err(Unproven::Refused(elsewhere())),
        Err(error) => {
            let refused = refusal(&error.kind);
            tracing::info!(
                event = "credentials.unproven", %agency, business = %business.id, status = error.status, answered = refused.is_some(),
                "HighLevel did not show a sub-account to the token that a program handed over"
            );
            Err(refused.map_or(Unproven::Unanswered, Unproven::Refused))
        }
    }
}

/// What is wrong with the token. `None` if HighLevel gave no verdict.
fn refusal(kind: &Kind) -> Option<Refusal> {
    let token = |detail: &str| Some(Refusal::field("/accessToken", detail));
    match kind {
        Kind::Unauthorised | Kind::Refused(Reason::Grant) => {
            token("HighLevel does not accept this token: it is none, was revoked or has expired.")
        }
        Kind::Refused(Reason::Scope) => token("This token may not read its sub-account (scope locations.readonly)."),
        Kind::Refused(Reason::Location) | Kind::NotFound => Some(elsewhere()),
        Kind::Refused(Reason::Inactive) => {
            Some(Refusal::field("/locationId", "HighLevel has paused this sub-account or its company."))
        }
        Kind::Refused(Reason::Plan | Reason::Version | Reason::Removed | Reason::Other) | Kind::Invalid(_) => {
            token("HighLevel does not show the sub-account to this token.")
        }
        Kind::Limited { .. } | Kind::Unclear | Kind::Down | Kind::Held { .. } => None,
    }
}

fn elsewhere() -> Refusal {
    Refusal::field("/locationId", "The token is not one of this sub-account.")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_refusal_names_the_member_to_mend_and_silence_is_none() {
        for (kind, named) in [
            (Kind::Unauthorised, Some("/accessToken")),
            (Kind::Refused(Reason::Grant), Some("/accessToken")),
            (Kind::Refused(Reason::Scope), Some("/accessToken")),
            (Kind::Refused(Reason::Other), Some("/accessToken")),
            (Kind::Invalid(Vec::new()), Some("/accessToken")),
            (Kind::Refused(Reason::Location), Some("/locationId")),
            (Kind::Refused(Reason::Inactive), Some("/locationId")),
            (Kind::NotFound, Some("/locationId")),
            (Kind::Unclear, None),
            (Kind::Down, None),
            (Kind::Held { until: DateTime::UNIX_EPOCH }, None),
            (Kind::Limited { until: DateTime::UNIX_EPOCH, daily: true }, None),
        ] {
            let pointer = refusal(&kind).map(|refusal| match refusal {
                Refusal::Invalid(errors) => errors[0].pointer.clone(),
                other => panic!("{kind:?}: {other:?}"),
            });
            assert_eq!(pointer.as_deref(), named, "{kind:?}");
        }
    }
}
