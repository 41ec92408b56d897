//! The form of a webhook, and how it is read and filled in. Field names are the JSON pointers of the webhook, so the
//! errors of its check belong to their fields. The address of Slack is a secret: its field is one that no session keeps.

use std::collections::BTreeMap;

use domain::notifications::Kind;
use domain::webhooks::{DESCRIPTION, Format, NewWebhook, Webhook};
use kit::form::filled;
use kit::{Button, ButtonLink, ButtonStyle, Card, Checkbox, Filled, Form, FormSection, TextField};
use leptos::prelude::*;

/// What was typed, by field name.
pub type Fields = BTreeMap<String, String>;

/// The field of the address in the form of this kind.
#[must_use]
pub const fn address_field(format: Format) -> &'static str {
    match format {
        Format::Json => "/url",
        Format::Slack => "secret_url",
    }
}

/// The field of an event.
const fn event_field(kind: Kind) -> &'static str {
    match kind {
        Kind::JobFailed => "/events/job.failed",
        Kind::JobNeedsInput => "/events/job.needs_input",
        Kind::JobFinished => "/events/job.finished",
        Kind::BatchFinished => "/events/batch.finished",
        Kind::ConnectionLost => "/events/connection.lost",
        Kind::ConnectionRestored => "/events/connection.restored",
        Kind::ConnectionEnding => "/events/connection.ending",
        Kind::TodoAssigned => "/events/todo.assigned",
        Kind::InvitationAccepted => "/events/invitation.accepted",
        Kind::ClientCreated => "/events/client.created",
        Kind::WebhookDisabled => "/events/webhook.disabled",
        Kind::ConversationHandedOver => "/events/conversation.handed_over",
        Kind::UsageLimit => "/events/usage.limit",
        Kind::FilesLimit => "/events/files.limit",
        Kind::ToolApproval => "/events/tool.approval",
    }
}

/// The event in words, for everybody alike.
pub fn words(event: &str) -> String {
    match Kind::parse(event) {
        Some(Kind::TodoAssigned) => "A to-do was assigned".to_owned(),
        Some(kind) => kind.words().to_owned(),
        None if event == domain::webhooks::event::TEST => "Test".to_owned(),
        None => event.to_owned(),
    }
}

/// Reads a form. The check of a webhook says what is wrong with it.
#[must_use]
pub fn read(fields: &Fields) -> NewWebhook {
    let text = |name: &str| fields.get(name).map_or("", |value| value.trim()).to_owned();
    let format = Format::parse(&text("/format")).unwrap_or_default();
    NewWebhook {
        url: text(address_field(format)),
        format,
        description: text("/description"),
        events: Kind::ALL.into_iter().filter(|kind| fields.contains_key(event_field(*kind))).collect(),
        active: !fields.contains_key("off"),
    }
}

/// A webhook as the fields of its form.
#[must_use]
pub fn write(webhook: &Webhook) -> Fields {
    let mut fields = Fields::new();
    if webhook.format == Format::Json {
        fields.insert("/url".to_owned(), webhook.url.clone());
    }
    fields.insert("/description".to_owned(), webhook.description.clone());
    for event in &webhook.events {
        fields.insert(event_field(*event).to_owned(), "on".to_owned());
    }
    fields
}

/// The form of a new webhook: what somebody has to act on.
#[must_use]
pub fn blank() -> Fields {
    let kinds = [Kind::JobFailed, Kind::JobNeedsInput, Kind::JobFinished, Kind::ConnectionLost, Kind::ClientCreated];
    kinds.into_iter().map(|kind| (event_field(kind).to_owned(), "on".to_owned())).collect()
}

/// The form. `filled` holds the value of every field.
#[component]
pub fn WebhookForm(
    /// Short name of the agency.
    agency: String,
    /// The webhook that is changed; `None` for a new one.
    webhook: Option<Webhook>,
    /// What it is sent.
    format: Format,
    /// What the fields hold, and what was wrong with them.
    filled: Filled,
) -> impl IntoView {
    let list = format!("/a/{agency}/webhooks");
    let mut hidden = vec![("agency", agency), ("/format", format.key().to_owned())];
    let (title, action, verb) = match (&webhook, format) {
        (None, Format::Json) => ("Add a webhook".to_owned(), "/do/create_webhook", "Add webhook"),
        (None, Format::Slack) => ("Add Slack".to_owned(), "/do/create_webhook", "Add Slack"),
        (Some(webhook), _) => {
            hidden.push(("id", webhook.id.to_string()));
            if !webhook.active {
                hidden.push(("off", "on".to_owned()));
            }
            ("Edit webhook".to_owned(), "/do/change_webhook", "Save")
        }
    };
    let is_new = webhook.is_none();
    let most = u32::try_from(DESCRIPTION).unwrap_or(u32::MAX);
    view! {
        <div id="webhook">
        <Card title=title>
            <Form action=action filled=filled hidden=hidden guard=true>
                <div class="grid gap-4 sm:grid-cols-2">
                    <AddressField format=format is_new=is_new/>
                    <TextField name="/description" label="Description" maxlength=most placeholder="Our CRM"/>
                </div>
                <FormSection title="Events"><Events/></FormSection>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{verb}</Button>
                    <ButtonLink href=list look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                </div>
            </Form>
        </Card>
        </div>
    }
}

/// The field of the address. A stored Slack address is not shown, and stays if the field is left empty.
#[component]
fn AddressField(format: Format, is_new: bool) -> impl IntoView {
    match format {
        Format::Json => {
            let help = "We send a POST with JSON, signed with a secret you get on the next page.";
            view! { <TextField name="/url" label="URL" kind="url" inputmode="url" autocomplete="off" placeholder="https://example.com/webhooks" help=help required=true/> }.into_any()
        }
        Format::Slack => {
            let help = match is_new {
                true => {
                    "In Slack, add the app \u{201c}Incoming Webhooks\u{201d} to a channel and paste its webhook URL here."
                }
                false => "Leave empty to keep the current one. It's a secret, so it isn't shown.",
            };
            view! { <TextField name="secret_url" label="Slack webhook URL" kind="url" inputmode="url" autocomplete="off" placeholder="https://hooks.slack.com/services/\u{2026}" help=help required=is_new/> }.into_any()
        }
    }
}

/// The events to choose from.
#[component]
fn Events() -> impl IntoView {
    let carried = filled();
    let error = carried.error("/events");
    let described = error.is_some().then_some("error-/events");
    let boxes = Kind::ALL.map(|kind| {
        let name = event_field(kind);
        let checked = carried.values.contains_key(name);
        view! { <Checkbox name=name label=words(kind.key()) checked=checked/> }
    });
    view! {
        <div id="field-/events" class="grid gap-2 sm:grid-cols-2" role="group" aria-label="Events" tabindex="-1" aria-describedby=described>
            {boxes.into_iter().collect_view()}
        </div>
        {error.map(|text| view! { <p class="text-xs text-bad" id="error-/events">{text}</p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(format: &str) -> Webhook {
        serde_json::from_value(serde_json::json!({
            "id": uuid::Uuid::nil(), "url": "https://example.com/x", "format": format, "description": "Our CRM",
            "events": ["job.failed", "webhook.disabled"], "active": true, "off_because": null, "off_since": null,
            "failing_since": null, "delivered_at": null, "old_secret_until": null,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"
        }))
        .unwrap()
    }

    #[test]
    fn a_webhook_survives_its_form() {
        let webhook = webhook("json");
        let read = read(&write(&webhook));
        assert_eq!((read.url, read.description, read.events), (webhook.url, webhook.description, webhook.events));
        assert!(read.active);
    }

    #[test]
    fn the_address_of_slack_stays_out_of_the_page_and_of_the_session() {
        assert!(!write(&webhook("slack")).values().any(|value| value.contains("https")));
        assert!(web::flash::Flash::is_secret(address_field(Format::Slack)));
        let mut fields = write(&webhook("slack"));
        fields.insert("/format".to_owned(), "slack".to_owned());
        fields.insert("secret_url".to_owned(), "https://hooks.slack.com/x".to_owned());
        assert_eq!(read(&fields).url, "https://hooks.slack.com/x");
    }

    #[test]
    fn every_event_can_be_chosen_and_an_error_is_marked() {
        let all: Fields = Kind::ALL.map(|kind| (event_field(kind).to_owned(), "on".to_owned())).into();
        assert_eq!(read(&all).events, Kind::ALL);
        let errors = vec![("/events".to_owned(), "Choose at least one event.".to_owned())];
        let filled = Filled { errors, values: Fields::new(), message: None };
        let page = Owner::new().with(|| {
            view! { <WebhookForm agency="harbor".to_owned() webhook=None format=Format::Json filled=filled/> }.to_html()
        });
        assert!(page.contains("id=\"error-/events\"") && page.contains("href=\"#field-/events\""), "{page}");
        assert!(Kind::ALL.into_iter().all(|kind| page.contains(&format!("name=\"{}\"", event_field(kind)))));
    }
}
