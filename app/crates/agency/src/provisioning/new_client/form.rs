//! The form for a new client: what every client needs first, everything else under "More details", and beside it the plan
//! with the buttons.

use domain::DraftId;
use domain::provisioning::Client;
use domain::snapshot::Snapshot;
use islands::plan::FORM;
use kit::form::filled;
use kit::{Button, ButtonStyle, Checkbox, Choice, Filled, Form, FormSection, Select};
use leptos::prelude::*;

use super::extras::Extras;
use super::presets::SavePreset;
use crate::provisioning::client_fields::{ClientField, ClientFields};
use crate::provisioning::order_form::{Fields, LAST_ZONE, read};

/// The fields that every client needs. They are never folded away.
const FIRST: [&str; 6] =
    ["/client/name", "/client/email", "/client/country", "/client/timezone", "/snapshot_id", "/invite_owner"];
/// The other fields about the business and about its contact person.
const PERSON: [&str; 3] = ["first_name", "last_name", "phone"];
const BUSINESS: [&str; 5] = ["website", "address", "city", "state", "postal_code"];

/// What the form shows.
pub struct OrderForm {
    /// Short name of the agency.
    pub agency: String,
    /// The key of this rendering, by which the form is sent once.
    pub once: String,
    /// The draft that is saved while somebody types.
    pub draft: DraftId,
    /// The time zone of the last client.
    pub last_zone: Option<String>,
    /// What the fields hold.
    pub fields: Fields,
    /// The same, and what was wrong with it.
    pub filled: Filled,
    /// The snapshots on offer.
    pub snapshots: Vec<Snapshot>,
}

/// The form.
#[component]
pub fn Order(form: OrderForm, panel: AnyView) -> impl IntoView {
    let mut hidden = vec![("agency", form.agency), ("once", form.once), ("draft", form.draft.to_string())];
    hidden.extend(form.last_zone.map(|zone| (LAST_ZONE, zone)));
    // `filled` holds these values already. The fields use them only when `filled` is empty.
    let mut client: Client = read(&form.fields).order.client;
    // A zone that nobody typed is said in the plan and stays out of the field.
    client.timezone = form.fields.get("/client/timezone").cloned().unwrap_or_default();
    let open = shows_more(&form.fields, &form.filled);
    let (snapshots, fields, owner) = (form.snapshots, form.fields, client.clone());
    view! {
        <Form id=FORM action="/do/start_job" preview="/do/check_job" shows="plan" filled=form.filled hidden=hidden marks_required=true>
            // Enter presses the first button of a form. That is this one, which submits the form, and not one that
            // adds a row.
            <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true">"Create client"</button>
            <div class="grid items-start gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_minmax(18rem,26rem)]">
                <div class="flex min-w-0 flex-col gap-6">
                    <First fields=fields.clone() client=client snapshots=snapshots/>
                    <details open=open id="more">
                        <summary class="fold min-h-6 w-fit py-1"><h2 class="text-md font-semibold">"More details"</h2></summary>
                        <p class="pb-4 text-sm text-fg-2">"Contact person, address, users, custom values and tags."</p>
                        <div class="flex flex-col gap-6"><More fields=fields client=owner/></div>
                    </details>
                    <SavePreset/>
                </div>
                <aside class="flex min-w-0 flex-col gap-4 lg:sticky lg:top-16 lg:max-h-[calc(100dvh-17rem)]" aria-label="Plan">
                    <div class="min-h-0 lg:overflow-y-auto" tabindex="0" role="group" aria-label="What Create client will do">{panel}</div>
                    <div class="flex shrink-0 flex-wrap gap-2">
                        <Button look=ButtonStyle::Primary>"Create client"</Button>
                        <Button name="intent" value="check" novalidate=true>"Validate"</Button>
                    </div>
                </aside>
            </div>
        </Form>
    }
}

/// What every client needs.
#[component]
fn First(fields: Fields, client: Client, snapshots: Vec<Snapshot>) -> impl IntoView {
    let choices =
        snapshots.iter().map(|snapshot| Choice::new(snapshot.id.to_string(), said(snapshot))).collect::<Vec<_>>();
    let none = if choices.is_empty() { "No snapshots yet: sync them, or continue without one" } else { "No snapshot" };
    let snapshot = fields.get("/snapshot_id").cloned().unwrap_or_default();
    let invite = fields.get("/invite_owner").is_some_and(|value| value == "on");
    // A checkbox that is off posts nothing, so after a failed post only what came back counts.
    let invited = if filled().is_bad() { filled().values.contains_key("/invite_owner") } else { invite };
    view! {
        <div class="flex flex-col gap-4">
            <p class="text-xs text-fg-3">"Fields with * are required."</p>
            <ClientField name="name" client=client.clone()/>
            <Select name="/snapshot_id" label="Snapshot" choices=choices value=snapshot empty=none help="The template for the new sub-account. We never change your snapshots."/>
            <ClientField name="email" client=client.clone()/>
            <Checkbox name="/invite_owner" label="Invite the owner by email when everything is ready" checked=invited/>
            <div class="grid gap-4 sm:grid-cols-2"><ClientFields names=vec!["country", "timezone"] client=client/></div>
        </div>
    }
}

/// What a client may have besides.
#[component]
fn More(fields: Fields, client: Client) -> impl IntoView {
    let person = client.clone();
    view! {
        <FormSection title="Contact person" help="The owner of the business.">
            <div class="grid gap-4 sm:grid-cols-2"><ClientFields names=PERSON.to_vec() client=person/></div>
        </FormSection>
        <FormSection title="Business">
            <div class="grid gap-4 sm:grid-cols-2"><ClientFields names=BUSINESS.to_vec() client=client/></div>
        </FormSection>
        <Extras fields=fields/>
    }
}

/// True if something under "More details" is filled in, wrong or was asked for.
fn shows_more(fields: &Fields, filled: &Filled) -> bool {
    let is_more = |name: &str| name.starts_with('/') && !FIRST.contains(&name) && !name.ends_with("/role");
    let typed = fields.iter().any(|(name, value)| is_more(name) && !value.trim().is_empty());
    let rows = fields.iter().any(|(name, value)| name.starts_with("rows_") && value != "1");
    typed || rows || filled.errors.iter().any(|(name, _)| is_more(name))
}

/// "Dental Pro · dental".
fn said(snapshot: &Snapshot) -> String {
    match snapshot.niche.as_deref().filter(|niche| !niche.is_empty()) {
        Some(niche) => format!("{} \u{b7} {niche}", snapshot.name),
        None => snapshot.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(typed: &[(&str, &str)], errors: Vec<(String, String)>) -> String {
        let fields: Fields = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let form = OrderForm {
            agency: "harbor".to_owned(),
            once: String::new(),
            draft: DraftId(uuid::Uuid::nil()),
            last_zone: Some("America/Chicago".to_owned()),
            filled: Filled { errors, values: fields.clone(), message: None },
            fields,
            snapshots: Vec::new(),
        };
        Owner::new().with(|| view! { <Order form panel=view! { <p>"the plan"</p> }.into_any()/> }.to_html())
    }

    /// The form as it comes back after these fields were posted.
    fn back(typed: &[(&str, &str)]) -> String {
        let fields: Fields = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let errors = read(&fields).check().expect_err("something is wrong");
        drawn(typed, errors.into_iter().map(|error| (error.pointer, error.detail)).collect())
    }

    #[test]
    fn enter_sends_the_form() {
        let html = back(&[("/client/name", "Bright Dental")]);
        let form = html.split("<form").nth(1).expect("the form is there");
        let first = form.split('<').find(|tag| tag.contains("type=\"submit\"")).expect("it has buttons");
        assert!(!first.contains("name=") && !first.contains("formnovalidate") && !first.contains("hidden "), "{first}");
    }

    #[test]
    fn every_error_is_marked_at_its_field_and_linked_from_the_top() {
        let html = back(&[
            ("/client/name", "Bright Dental"),
            ("/client/email", "not-an-email"),
            ("/client/phone", "12"),
            ("/client/website", "foo bar"),
            ("/client/country", "US"),
            ("/client/timezone", "UTC"),
            ("/users/0/first_name", "Ana"),
        ]);
        let wrong = ["client/email", "client/phone", "client/website", "users/0/last_name", "users/0/email"];
        for name in wrong {
            let id = format!("id=\"field-/{name}\"");
            let tag = html.split('<').find(|tag| tag.contains(&id)).expect("the field is there");
            assert!(tag.contains("aria-invalid=\"true\"") && tag.contains(&format!("error-/{name}")), "{tag}");
            assert!(html.contains(&format!("id=\"error-/{name}\"")), "{name} says nothing");
            assert!(html.contains(&format!("href=\"#field-/{name}\"")), "no link leads to {name}");
        }
        assert_eq!(html.matches("aria-invalid").count(), wrong.len(), "a sound field is marked");
        assert!(html.contains("Enter the user's last name.") || html.contains("Enter the user&#x27;s last name."));
    }

    #[test]
    fn what_every_client_needs_comes_first_then_the_plan_and_the_buttons() {
        let html = drawn(&[], Vec::new());
        let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is missing in {html}"));
        let order = ["field-/client/name", "field-/snapshot_id", "field-/client/email", "field-/client/timezone"];
        let after = ["id=\"more\"", "field-/client/phone", "the plan", "value=\"check\""];
        assert!(order.iter().chain(&after).map(|text| at(text)).is_sorted());
        let tag = |id: &str| html.split('<').find(|tag| tag.contains(&format!("id=\"field-/{id}\""))).expect("a field");
        assert!(tag("client/name").contains("autofocus") && tag("client/name").contains("required"));
        assert!(!html.contains("optional"), "what is needed is marked instead");
    }

    #[test]
    fn more_details_are_folded_until_one_is_there() {
        let opened = |typed: &[(&str, &str)], errors: &[(&str, &str)]| {
            let errors = errors.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            let html = drawn(typed, errors);
            html.split('<').any(|tag| tag.contains("id=\"more\"") && tag.contains(" open"))
        };
        assert!(!opened(&[("/client/name", "Bay"), ("/users/0/role", "user"), ("rows_users", "1")], &[]));
        for more in [("/client/city", "Miami"), ("rows_users", "2"), ("/tags", "vip")] {
            assert!(opened(&[more], &[]), "{more:?}");
        }
        assert!(opened(&[], &[("/client/phone", "Wrong.")]));
    }

    #[test]
    fn a_zone_that_nobody_typed_is_not_in_its_field() {
        let html = drawn(&[("/client/country", "US"), ("/client/postal_code", "33101")], Vec::new());
        let field = html.split('<').find(|tag| tag.contains("id=\"field-/client/timezone\"")).expect("the field");
        assert!(!field.contains("Eastern Time"), "{field}");
        assert!(html.contains("name=\"last_zone\""));
    }
}
