//! The card in which the limits of one client are set.

use domain::BusinessId;
use domain::usage::{Month, Today};
use kit::{Button, ButtonLink, ButtonStyle, Card, Filled, Form, TextField};
use leptos::prelude::*;

/// The client whose limits are asked for.
pub(super) struct Asked {
    /// The client.
    pub business: BusinessId,
    /// Its name.
    pub name: String,
    /// What it used in this month, and may use.
    pub month: Month,
    /// The tokens of its assistant today.
    pub today: Today,
    /// The requests a minute of its programs.
    pub requests: i32,
}

/// The card with the form.
#[component]
pub(super) fn LimitCard(
    /// Short name of the agency.
    agency: String,
    /// The client.
    asked: Asked,
    /// What came back of the form.
    filled: Filled,
) -> impl IntoView {
    let Asked { business, name, month, today, requests } = asked;
    let back = format!("/a/{agency}/usage");
    let hidden = vec![("agency", agency), ("business", business.to_string())];
    let help =
        "At 80 percent, your managers are notified. At the limit, the assistant only drafts; people can still reply.";
    let tokens_help = "For the AI model. Resets at midnight UTC. At 80 percent, your managers are notified. At the limit, conversations go to people.";
    let requests_help = "For its API tokens and AI agents together, from 1 to 600. Requests over the limit are refused until the next minute.";
    view! {
        <div id="limit" class="max-w-xl pb-4">
            <Card title=format!("Limits for {name}")>
                <Form action="/do/set_message_limit" filled=filled hidden=hidden>
                    <TextField name="limit" label="Messages a month" value=month.limit.to_string() inputmode="numeric" autocomplete="off" maxlength=12_u32 help=help required=true/>
                    <TextField name="tokens" label="Tokens a day" value=today.limit.to_string() inputmode="numeric" autocomplete="off" maxlength=14_u32 help=tokens_help/>
                    <TextField name="requests" label="Requests a minute" value=requests.to_string() inputmode="numeric" autocomplete="off" maxlength=5_u32 help=requests_help/>
                    <div class="flex flex-wrap gap-2">
                        <Button look=ButtonStyle::Primary>"Save limits"</Button>
                        <ButtonLink href=back look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}
