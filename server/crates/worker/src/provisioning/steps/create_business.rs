//! CREATE_BUSINESS creates our business with its settings, its own location credential and the owner's invitation. One
//! transaction writes all of it together with the job's record, so it happens completely or not at all.

use domain::BusinessId;
use domain::business::{Details, NewBusiness};
use domain::work::{Kind, Mail};
use serde_json::json;
use store::provisioning as rows;
use store::queue::{self, Work as Item};

use crate::integrations::tokens::{self, NoToken};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, decide};

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        Ok(run.job.business.map(|business| made(run, business)))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let location = run.location()?;
        let business: BusinessId = store::new_id();
        let mut tx = run.business_tx(business).await?;
        match store::businesses::add(&mut tx, &new_business(run, &location)).await {
            Ok(_) => {}
            Err(store::Error::Taken(_)) => return Err(taken(run, &location)),
            Err(error) => return Err(error.into()),
        }
        match tokens::move_token_to_business(&mut tx, &run.worker, &run.job, business, &location).await {
            Err(NoToken::Database(store::Error::Taken(_))) => return Err(taken(run, &location)),
            done => done.map_err(|why| why.stop(run.step))?,
        }
        // A person who sees only assigned clients would not see the one that they have just created.
        if let Some(user) = run.job.requested_by {
            match store::memberships::assign(&mut tx, user).await {
                Ok(()) | Err(store::Error::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if run.job.order.invite_owner {
            let mail = serde_json::to_value(Mail::InviteOwner).unwrap_or_default();
            queue::add(&mut tx, &Item::new(Kind::SendMail).subject(business).payload(mail)).await?;
        }
        rows::set_business(&mut tx, &run.job.fence, business).await?;
        run.commit(tx).await?;
        run.job.business = Some(business);
        Ok(made(run, business))
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let Some(business) = run.job.business else { return Ok(Undone::default()) };
        let mut tx = run.business_tx(business).await?;
        match store::businesses::remove(&mut tx, business).await {
            Ok(()) | Err(store::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        tokens::delete_location_token(&mut tx, &run.job).await?;
        run.commit(tx).await?;
        Ok(Undone {
            done: vec!["The client is in the trash for 30 days; our access to its sub-account is deleted.".into()],
            todo: Vec::new(),
        })
    }
}

fn taken(run: &Run, location: &str) -> Stop {
    let what = format!("Another client already has sub-account {location}.");
    Stop::Ask(Box::new(decide(run.step, &what, "The sub-account is ready; no second client was added for it.")))
}

fn made(run: &Run, business: BusinessId) -> Made {
    let invited = run.job.order.invite_owner;
    let message = if invited { "Added the client and invited its owner." } else { "Added the client." };
    Made {
        business: Some(business),
        ..Made::new(message, json!({ "business_id": business, "owner_invited": invited }))
    }
}

fn new_business(run: &Run, location: &str) -> NewBusiness {
    let client = &run.job.order.client;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    NewBusiness {
        name: client.name.clone(),
        slug: String::new(),
        ghl_location_id: Some(location.to_owned()),
        details: Details {
            email: given(&client.email),
            phone: given(&client.phone),
            website: given(&client.website),
            address: given(&client.address),
            city: given(&client.city),
            state: given(&client.state),
            postal_code: given(&client.postal_code),
            country: given(&client.country),
            timezone: given(&client.timezone),
            notes: None,
        },
    }
}
