//! Which tool says who the business is?

use domain::permission::Right;
use schemars::JsonSchema;
use serde::Serialize;
use store::businesses;

use super::arguments::{NoArguments, reads, typed};
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};

pub(super) const TOOLS: &[Tool] = &[Tool {
    name: "business_get_details",
    title: "Get the business",
    description: "Reads the name, address, time zone and other details of the business that this token reaches.",
    effect: Effect::Read,
    needs: Right::BusinessRead,
    input: of_input::<NoArguments>,
    output: of_output::<Business>,
    masked: &[],
    run: |context, arguments| typed(context, arguments, get),
    preview: reads,
}];

/// What the agency notes about its client stays with the agency.
#[derive(Serialize, JsonSchema)]
struct Business {
    /// The name.
    name: String,
    /// `trial`, `active`, `paused` or `archived`.
    status: String,
    /// The mail address.
    email: Option<String>,
    /// The phone number.
    phone: Option<String>,
    /// The web address.
    website: Option<String>,
    /// Street and number.
    address: Option<String>,
    /// The city.
    city: Option<String>,
    /// The state or region.
    state: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// The two-letter country code.
    country: Option<String>,
    /// The IANA name of the time zone; none means UTC.
    timezone: Option<String>,
}

async fn get(context: ToolContext, _: NoArguments) -> Result<Business, ToolError> {
    let mut tx = context.actor.require(Right::BusinessRead)?.begin().await?;
    let known = businesses::get(&mut tx, context.actor.access().id).await?;
    let details = known.details;
    Ok(Business {
        name: known.name,
        status: known.status,
        email: details.email,
        phone: details.phone,
        website: details.website,
        address: details.address,
        city: details.city,
        state: details.state,
        postal_code: details.postal_code,
        country: details.country,
        timezone: details.timezone,
    })
}
