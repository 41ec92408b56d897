//! Operations on a client as a whole: edit it, pause and resume it, archive it and bring it back, remove and restore it.

use domain::BusinessId;
use domain::business::{Business, Details};
use domain::clients::{Act, ClientDetails, ClientView, Status};
use domain::permission::Right;
use store::businesses;
use store::tenant::TenantTx;

use crate::{Actor, Refusal};

/// Reads a client, also one that lies in the trash.
///
/// # Errors
/// `NotFound` if the actor does not reach it.
pub async fn read(actor: &Actor, business: BusinessId) -> Result<ClientView, Refusal> {
    let tx = begin(actor, business).await?;
    end(tx, business).await
}

/// Changes a client's data here, and queues what HighLevel has to be told of it.
///
/// # Errors
/// `NotFound` if the actor does not reach the client; `Invalid` with the fields that are wrong; `State` if the client is
/// archived or in the trash.
pub async fn edit(actor: &Actor, business: BusinessId, new: &ClientDetails) -> Result<ClientView, Refusal> {
    let mut tx = begin(actor, business).await?;
    match businesses::hold(&mut tx, business).await? {
        Status::Deleted => return Err(Refusal::NotFound),
        Status::Archived => {
            let text = "This client is archived. Bring it back before you edit it.";
            return Err(Refusal::State(text.to_owned()));
        }
        Status::Trial | Status::Active | Status::Paused => {}
    }
    let new = new.check().map_err(Refusal::Invalid)?;
    let known = businesses::get(&mut tx, business).await?;
    keep(&mut tx, &known, &new.name, &new.details()).await?;
    end(tx, business).await
}

/// Stores changed data of a business, and queues what HighLevel has to be told of it. `tx` may write the business.
pub(crate) async fn keep(tx: &mut TenantTx, known: &Business, name: &str, details: &Details) -> Result<(), Refusal> {
    let after = Business { name: name.to_owned(), details: details.clone(), ..known.clone() };
    let fields = ClientDetails::from(&after).changed(&ClientDetails::from(known));
    if fields.is_empty() {
        return Ok(());
    }
    businesses::set_details(tx, known.id, name, details, &fields).await?;
    let told: Vec<&str> = fields.into_iter().filter(|field| *field != "notes").collect();
    if known.ghl_location_id.is_some() && !told.is_empty() {
        businesses::ask_update(tx, known.id, &told).await?;
    }
    Ok(())
}

/// Tells HighLevel again of a change that it did not take, or that waits.
///
/// # Errors
/// `NotFound` if the actor does not reach the client; `State` if HighLevel knows of every change.
pub async fn retry_update(actor: &Actor, business: BusinessId) -> Result<ClientView, Refusal> {
    let mut tx = begin_outside_trash(actor, business).await?;
    match businesses::retry_update(&mut tx, business).await {
        Err(store::Error::Stale) => Err(Refusal::State("HighLevel is up to date.".to_owned())),
        done => {
            done?;
            end(tx, business).await
        }
    }
}

/// Ends again what an archived client still has, after it failed.
///
/// # Errors
/// `NotFound` if the actor does not reach the client; `State` if nothing is left to end.
pub async fn retry_offboarding(actor: &Actor, business: BusinessId) -> Result<ClientView, Refusal> {
    let mut tx = begin_outside_trash(actor, business).await?;
    match businesses::retry_offboarding(&mut tx, business).await {
        Err(store::Error::Stale) => Err(Refusal::State("Nothing is left to clean up.".to_owned())),
        done => {
            done?;
            end(tx, business).await
        }
    }
}

/// Pauses, resumes, archives, brings back, removes or restores a client.
///
/// # Errors
/// `NotFound` if the actor does not reach the client; `State` if its status does not allow the act, if a job of it runs,
/// or if another client has its location by now.
pub async fn act(actor: &Actor, business: BusinessId, act: Act) -> Result<ClientView, Refusal> {
    let mut tx = begin(actor, business).await?;
    let status = businesses::hold(&mut tx, business).await?;
    if !act.is_allowed(status) {
        return Err(Refusal::State(act.refusal(status).to_owned()));
    }
    if act.waits_for_jobs()
        && let Some(number) = businesses::running_job(&mut tx, business).await?
    {
        let text = format!("Job #{number} is still setting this client up. Wait for it to end, or cancel it first.");
        return Err(Refusal::State(text));
    }
    match act {
        Act::Pause => businesses::set_status(&mut tx, business, Status::Paused.key()).await?,
        Act::Resume => businesses::set_status(&mut tx, business, Status::Active.key()).await?,
        Act::Archive => businesses::archive(&mut tx, business).await?,
        Act::Reactivate => businesses::reactivate(&mut tx, business).await?,
        Act::Remove => businesses::remove(&mut tx, business).await?,
        Act::Restore => restore(&mut tx, business).await?,
    }
    end(tx, business).await
}

/// Takes a business out of the trash. `tx` may write the business.
pub(crate) async fn restore(tx: &mut TenantTx, business: BusinessId) -> Result<(), Refusal> {
    match businesses::restore(tx, business).await {
        Err(store::Error::Taken(_)) => {
            let text = "Another client uses its sub-account now. Move that one to the trash first.";
            Err(Refusal::State(text.to_owned()))
        }
        restored => Ok(restored?),
    }
}

/// A client as the API shows it. `tx` may read the business and what belongs to it.
async fn view(tx: &mut TenantTx, business: BusinessId) -> Result<ClientView, Refusal> {
    let known = businesses::get(tx, business).await?;
    Ok(ClientView {
        id: known.id,
        slug: known.slug.clone(),
        status: known.status.clone(),
        ghl_location_id: known.ghl_location_id.clone(),
        details: ClientDetails::from(&known),
        highlevel_update: businesses::last_update(tx, business).await?,
        created_at: known.created_at,
        archived_at: known.archived_at,
        offboarded_at: known.offboarded_at,
        deleted_at: known.deleted_at,
    })
}

/// Begins a transaction in a client that the actor reaches; also in one that lies in the trash.
async fn begin(actor: &Actor, business: BusinessId) -> Result<TenantTx, Refusal> {
    let allowed = actor.require(Right::ClientsManage)?;
    // Looked up in the agency's own transaction, so a client of another agency or one that is not assigned to the actor is
    // not found.
    let mut tx = allowed.begin().await?;
    businesses::get(&mut tx, business).await?;
    tx.commit().await?;
    allowed.begin_in(business).await
}

/// The same, without those in the trash.
async fn begin_outside_trash(actor: &Actor, business: BusinessId) -> Result<TenantTx, Refusal> {
    let mut tx = begin(actor, business).await?;
    match businesses::hold(&mut tx, business).await? {
        Status::Deleted => Err(Refusal::NotFound),
        _ => Ok(tx),
    }
}

async fn end(mut tx: TenantTx, business: BusinessId) -> Result<ClientView, Refusal> {
    let view = view(&mut tx, business).await?;
    tx.commit().await?;
    Ok(view)
}
