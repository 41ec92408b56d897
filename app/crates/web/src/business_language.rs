//! In which language does a business show its pages to its own people who chose none?

use domain::identity::Caller;
use domain::language::Language;
use store::tenant::{Scope, TenantTx};

use crate::error::Result;
use crate::request_context::CurrentTenant;
use crate::state::State;

/// The language that was chosen for the business of this request. `None` leaves it to the browser: nothing was chosen
/// there, the caller chose a language or belongs to the agency, or the request is of no business.
///
/// # Errors
/// `Unavailable` if the database does not answer.
pub async fn chosen(state: &State, caller: &Caller, tenant: &CurrentTenant) -> Result<Option<Language>> {
    let CurrentTenant::Business(place) = tenant else { return Ok(None) };
    if caller.language.is_some() || place.from_agency.is_some() {
        return Ok(None);
    }
    let mut tx = TenantTx::begin(&state.db, Scope::Business { user: Some(caller.user), business: place.id }).await?;
    // A transaction that only reads ends with its connection's return, without a round trip of its own.
    Ok(store::businesses::chosen_language(&mut tx, place.id).await?)
}
