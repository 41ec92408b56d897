//! The form that changes a stopped job's business data and resumes the job from where it stopped. Everything else
//! in the order stays as it is. The form is not a live region, because an update would discard what is being
//! typed.

use kit::{Button, ButtonLink, ButtonStyle, Card, Form};
use leptos::prelude::*;

use super::view::JobPageContext;
use crate::provisioning::client_fields::ClientFields;

/// The fields shown below the name.
const OTHERS: [&str; 11] = [
    "first_name",
    "last_name",
    "email",
    "phone",
    "website",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
    "timezone",
];

/// The form for changed input.
#[component]
pub fn Edit(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    let client = page.job.order.client.clone();
    let step = page.job.row.current_step.map_or("the beginning", domain::provisioning::Step::label);
    view! {
        <div id="edit" class="scroll-mt-16">
            <Card title="Edit input & resume">
                <Form action="/do/resume_job" filled=page.filled.clone() hidden=page.resuming()>
                    <ClientFields names=vec!["name"] editing=true client=client.clone()/>
                    <div class="grid gap-4 sm:grid-cols-2">
                        <ClientFields names=OTHERS.to_vec() editing=true client=client/>
                    </div>
                    <div class="flex flex-wrap gap-2">
                        <Button look=ButtonStyle::Primary>{format!("Save and resume from {step}")}</Button>
                        <ButtonLink href=page.href("edit", "") look=ButtonStyle::Quiet>"Leave as is"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}
