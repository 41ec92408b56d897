//! How do an agency's jobs run, and where do its people open HighLevel? Two cards of one form.

use domain::agency::Settings;
use kit::{Button, ButtonStyle, Card, Checkbox, CopyId, Filled, Form, KeyValue, KeyValues, TextField};
use leptos::prelude::*;

/// The cards "Provisioning" and "HighLevel".
#[component]
pub(super) fn Jobs(
    agency: String,
    settings: Settings,
    /// The address of HighLevel that an empty field stands for.
    usual: String,
    /// Id of the company in HighLevel, once it is connected.
    company: Option<String>,
    filled: Filled,
) -> impl IntoView {
    let company = company.map_or_else(|| "Not connected yet".into_any(), |id| view! { <CopyId id=id/> }.into_any());
    view! {
        <Form action="/do/set_agency_settings" filled=filled hidden=vec![("agency", agency)] class="flex flex-col gap-4">
            <div id="provisioning" class="scroll-mt-16">
                <Card title="Provisioning">
                    <div class="flex flex-col gap-5">
                        <TextField name="max_retries" label="Retries" kind="number" inputmode="numeric" value=settings.max_retries.to_string()
                            help="Automatic retries per step (0\u{2013}20). With 0, every failure waits for you." required=true/>
                        <TextField name="jobs_at_once" label="Jobs at once" kind="number" inputmode="numeric" value=settings.jobs_at_once.to_string()
                            help="How many jobs run at the same time (1\u{2013}20). The rest wait in line." required=true/>
                        <Checkbox name="name_marker" label="Tag new sub-accounts while they're being set up" checked=settings.name_marker
                            help="Lets us find a sub-account even if HighLevel's reply is lost. Removed when the job finishes."/>
                    </div>
                </Card>
            </div>
            <div id="highlevel" class="scroll-mt-16">
                <Card title="HighLevel">
                    <div class="flex flex-col gap-5">
                        <TextField name="app_address" label="Your HighLevel address" kind="url" value=settings.app_address placeholder=usual.clone() maxlength=255_u32
                            help=format!("Used for \u{201c}Open in HighLevel\u{201d} links. Left empty it is {usual}.")/>
                        <KeyValues><KeyValue name="HighLevel company">{company}</KeyValue></KeyValues>
                    </div>
                </Card>
            </div>
            <div><Button look=ButtonStyle::Primary>"Save settings"</Button></div>
        </Form>
    }
}
