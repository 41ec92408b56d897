//! The card in which the limit of one client is set.

use domain::BusinessId;
use domain::usage::Month;
use kit::{Button, ButtonLink, ButtonStyle, Card, Filled, Form, TextField};
use leptos::prelude::*;

/// The client whose limit is asked for.
pub(super) struct Asked {
    /// The client.
    pub business: BusinessId,
    /// Its name.
    pub name: String,
    /// What it used, and may use.
    pub month: Month,
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
    let Asked { business, name, month } = asked;
    let back = format!("/a/{agency}/usage");
    let hidden = vec![("agency", agency), ("business", business.to_string())];
    let help = "At 80 percent your managers are told. When all are sent, the assistant writes drafts only, and people still answer.";
    view! {
        <div id="limit" class="max-w-xl pb-4">
            <Card title=format!("Message limit of {name}")>
                <Form action="/do/set_message_limit" filled=filled hidden=hidden>
                    <TextField name="limit" label="Messages a month" value=month.limit.to_string() inputmode="numeric" autocomplete="off" maxlength=12_u32 help=help required=true/>
                    <div class="flex flex-wrap gap-2">
                        <Button look=ButtonStyle::Primary>"Save limit"</Button>
                        <ButtonLink href=back look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}
