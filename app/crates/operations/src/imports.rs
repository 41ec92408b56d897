//! Operations on sub-accounts that an agency already has in HighLevel: read the list of them anew, import some as
//! clients. Nothing is changed in HighLevel.

use std::collections::HashMap;

use domain::IntegrationId;
use domain::field::FieldError;
use domain::identity::{AgencyRole, Role};
use domain::imports::{NewImport, Pick, Progress};
use domain::permission::Right;
use store::tenant::TenantTx;
use store::{imports, integrations, memberships, queue};

use crate::{Actor, Refusal};

/// Queues a background job that reads the list of sub-accounts from HighLevel.
///
/// # Errors
/// `State` if HighLevel is not connected.
pub async fn read(actor: &Actor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ClientsImport)?.begin().await?;
    let (integration, company) = connected(&mut tx).await?;
    imports::ask(&mut tx, integration, &company).await?;
    Ok(tx.commit().await?)
}

/// Queues a background job that imports sub-accounts as clients, each by itself. Those that are imported already are
/// left alone. Returns how the import goes on.
///
/// # Errors
/// `Invalid` with the fields that are wrong; `State` if HighLevel is not connected, if none of them can be imported, or
/// if owners are to be invited and the actor may not make somebody an owner.
pub async fn start(actor: &Actor, new: &NewImport) -> Result<Progress, Refusal> {
    let allowed = actor.require(Right::ClientsImport)?;
    let picks = new.check().map_err(Refusal::Invalid)?;
    may_invite(actor, &picks)?;
    let mut tx = allowed.begin().await?;
    let (integration, _) = connected(&mut tx).await?;
    refuse_own_team(&mut tx, &picks).await?;
    let count = if new.all { imports::pick_all(&mut tx).await? } else { imports::pick(&mut tx, &picks).await? };
    if count == 0 {
        let text = "Nothing was imported: these sub-accounts are already clients, are being imported, or are no longer in the list.";
        return Err(Refusal::State(text.to_owned()));
    }
    let agency = tx.agency()?;
    queue::add(&mut tx, &imports::work(agency, integration)).await?;
    let progress = imports::state(&mut tx).await?.progress;
    tx.commit().await?;
    Ok(progress)
}

/// The agency's integration and HighLevel's id of its company.
async fn connected(tx: &mut TenantTx) -> Result<(IntegrationId, String), Refusal> {
    let company = integrations::company(tx).await?.filter(|company| company.is_active);
    let company = company.ok_or_else(|| {
        Refusal::State("HighLevel is not connected, so there are no sub-accounts to read. Connect it first.".to_owned())
    })?;
    Ok((company.id, company.platform_id))
}

/// Refuses invitations of a person who may not make somebody an owner.
fn may_invite(actor: &Actor, picks: &[Pick]) -> Result<(), Refusal> {
    let owner = AgencyRole::BuiltIn(Role::BusinessOwner);
    let person = actor.access(Right::ClientsImport).ok();
    if picks.iter().any(|pick| pick.invite) && person.is_some_and(|access| !access.may_give(&owner)) {
        let text = "Your role can't make someone an owner. Ask an admin of your agency, or import without invitations.";
        return Err(Refusal::State(text.to_owned()));
    }
    Ok(())
}

/// Refuses to invite people of the agency's own team as owners of a client.
async fn refuse_own_team(tx: &mut TenantTx, picks: &[Pick]) -> Result<(), Refusal> {
    let invited = || picks.iter().filter(|pick| pick.invite);
    if invited().next().is_none() {
        return Ok(());
    }
    let members = memberships::of_agency(tx).await?;
    let is_own = |email: &str| members.iter().any(|member| member.email.eq_ignore_ascii_case(email));
    let locations: Vec<String> = invited().map(|pick| pick.location.clone()).collect();
    let listed: HashMap<String, String> = imports::emails(tx, &locations).await?.into_iter().collect();
    // Where no other address was typed, the one of HighLevel's list is invited.
    let address = |pick: &Pick| pick.email.clone().or_else(|| listed.get(&pick.location).cloned());
    let errors: Vec<FieldError> = invited()
        .filter(|pick| address(pick).is_some_and(|email| is_own(&email)))
        .map(|pick| {
            let text = "This is someone on your own team. Enter the client's email.";
            FieldError::new(format!("/emails/{}", pick.location), text)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}
