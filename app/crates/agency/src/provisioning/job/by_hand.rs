//! How does a job go on when the agency's HighLevel plan can't create sub-accounts? After an upgrade it tries again, or
//! it continues with a sub-account that a person created in HighLevel and chooses here.

use domain::provisioning::{Choice, Question};
use kit::field::FieldFrame;
use kit::{Button, ButtonLink, ButtonStyle, Filled, Form, Glyph, PostButton, TextField};
use leptos::prelude::*;
use store::imports::Offered;

use super::view::JobPageContext;

/// Sub-accounts that the list offers at most. The id of any other can be typed.
pub const MOST_OFFERED: i64 = 300;

/// What the card knows of HighLevel.
#[derive(Clone, Default)]
pub struct ByHand {
    /// Root of HighLevel's web application.
    pub highlevel: String,
    /// The sub-accounts to choose from.
    pub offered: Vec<Offered>,
    /// True if the caller may let the list be read again.
    pub may_read: bool,
}

/// The answers to the question.
#[component]
pub fn ByHandAnswers(
    /// The job.
    page: JobPageContext,
    /// The question.
    question: Question,
    /// The error and the typed value of the last answer.
    filled: Filled,
    /// What the card knows of HighLevel.
    facts: ByHand,
) -> impl IntoView {
    let (typed, plain): (Vec<_>, Vec<_>) = question.choices.into_iter().partition(|choice| choice.needs.is_some());
    let again = plain.into_iter().map(|choice| view! { <Again page=page.clone() choice/> }).collect_view();
    let billing = format!("{}/settings/billing", facts.highlevel);
    let accounts = format!("{}/accounts", facts.highlevel);
    let adopt = typed.into_iter().next().map(|choice| view! { <Adopt page=page.clone() choice filled facts/> });
    view! {
        <div class="flex flex-wrap items-center gap-2">
            {again}
            <ButtonLink href=billing>"Open HighLevel billing"</ButtonLink>
            <ButtonLink href=accounts>"Create the sub-account in HighLevel"</ButtonLink>
        </div>
        {adopt}
    }
}

/// The button that tries again.
#[component]
fn Again(page: JobPageContext, choice: Choice) -> impl IntoView {
    let mut hidden = page.resuming();
    hidden.push(("/answer", choice.key));
    view! { <PostButton action="/do/resume_job" hidden=hidden look=ButtonStyle::Primary>{choice.label}</PostButton> }
}

/// The sub-account to continue with: chosen from the list, or its id typed.
#[component]
fn Adopt(page: JobPageContext, choice: Choice, filled: Filled, facts: ByHand) -> impl IntoView {
    let mut hidden = page.resuming();
    hidden.push(("/answer", choice.key.clone()));
    let read = facts.may_read.then(|| {
        let hidden = vec![("agency", page.agency.clone())];
        view! { <PostButton action="/do/read_locations" hidden=hidden look=ButtonStyle::Quiet icon=Glyph::Refresh>"Refresh the list"</PostButton> }
    });
    let (any, open) = (!facts.offered.is_empty(), filled.is_bad());
    let (list_fields, label) = (hidden.clone(), choice.label.clone());
    let list = any.then(
        || view! { <Listed hidden=list_fields label consequence=choice.consequence.clone() offered=facts.offered/> },
    );
    let needs = choice.needs.unwrap_or_default();
    let typed = view! {
        <Form action="/do/resume_job" filled=filled hidden=hidden class="flex max-w-xl flex-col gap-2">
            <TextField name="/answer/value" label=needs help="In HighLevel, open the sub-account: its ID follows /location/ in the address." required=true maxlength=255_u32/>
            <div><Button>{choice.label}</Button></div>
        </Form>
    };
    let typed = match any {
        true => view! { <details open=open><summary class="fold w-fit text-sm">"It's not in the list"</summary><div class="pt-3">{typed}</div></details> }.into_any(),
        false => typed.into_any(),
    };
    view! { <div class="flex flex-col gap-3 border-t border-line pt-3">{list}{read.map(|read| view! { <div>{read}</div> })}{typed}</div> }
}

/// The list of sub-accounts that are no clients yet.
#[component]
fn Listed(
    hidden: Vec<(&'static str, String)>,
    label: String,
    consequence: String,
    offered: Vec<Offered>,
) -> impl IntoView {
    let options = offered
        .into_iter()
        .map(|one| {
            let city = one.city.map(|city| format!(", {city}")).unwrap_or_default();
            view! { <option value=one.location>{format!("{}{city}", one.name)}</option> }
        })
        .collect_view();
    view! {
        <Form action="/do/resume_job" filled=Filled::default() hidden=hidden class="flex max-w-xl flex-col gap-2">
            <FieldFrame name="offered" label="Sub-account in HighLevel" help=Some("Newest first, without the ones that are already clients.".to_owned()) required=true>
                <select class="control control-select" id="field-offered" name="/answer/value" required=true aria-describedby="help-offered">
                    <option value="">"Select a sub-account"</option>
                    {options}
                </select>
            </FieldFrame>
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1"><Button>{label}</Button><span class="min-w-0 text-sm text-fg-2">{consequence}</span></div>
        </Form>
    }
}
