//! The scheduled messages of a business: all that wait, and the form of one that gets another time, or of a template for a
//! conversation.

use chrono_tz::Tz;
use domain::brand::Brand;
use domain::language::Language;
use domain::messaging::Channel;
use domain::messaging::schedule::written;
use domain::messaging::template::{Template, TemplateName};
use domain::messaging::template_language::language_name;
use domain::{BusinessId, ConversationId};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, Button, ButtonLink, ButtonStyle, Card, Chip, Empty, Filled, Form, Glyph, PageHeader, Region};
use leptos::prelude::*;
use store::messaging::scheduled::{self, Scheduled};
use store::messaging::{list, templates};
use store::tenant::TenantTx;
use uuid::Uuid;
use web::brand::BrandAccent;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::fields::{Anyway, WhenField};
use super::list::ScheduledList;
use super::texts::texts;

/// A conversation for which a template is to be scheduled.
struct ForLater {
    conversation: ConversationId,
    contact_name: String,
    names: Vec<TemplateName>,
    /// The one that is chosen, with what it says.
    chosen: Option<Template>,
}

/// What the page shows.
struct Shown {
    brand: Brand,
    business: BusinessId,
    zone: Tz,
    list: Vec<Scheduled>,
    /// The one that gets another time.
    edited: Option<Scheduled>,
    later: Option<ForLater>,
}

/// Everything that waits in the business.
#[component]
pub fn ScheduledMessages() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let shown = read(&context, &at).await?;
        let language = context.request.language;
        let words = texts(language);
        let Shown { brand, business, zone, list, edited, later } = shown;
        let crumbs = vec![Crumb::link(words.inbox, format!("/b/{business}/inbox")), Crumb::current(words.scheduled)];
        let frame = frame(&context, crumbs);
        let (moved, of_template) =
            (filled(&context.request, "reschedule_message"), filled(&context.request, "schedule_template"));
        let edit = edited.map(|one| view! { <EditTime language business one zone typed=moved/> });
        let template = later.map(|later| view! { <OfTemplate language business later zone typed=of_template/> });
        let body = if list.is_empty() {
            let (title, text) = words.none;
            view! { <Empty title text/> }.into_any()
        } else {
            view! { <Card><ScheduledList language business list zone names=true/></Card> }.into_any()
        };
        Ok(view! {
            <PageTitle text=words.scheduled.to_owned()/>
            <Shell frame=frame>
                <BrandAccent brand/>
                <PageHeader title=words.scheduled/>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.help}</p>
                    {edit}
                    {template}
                    <Region key="scheduled" topics="conversation.changed:*">{body}</Region>
                </div>
            </Shell>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let zone = store::businesses::get(&mut tx, access.id).await?.zone();
    let list = scheduled::list(&mut tx, None).await?;
    let later = match at.get("for").parse::<ConversationId>() {
        Ok(id) => for_later(&mut tx, id, at.get("template")).await?,
        Err(_) => None,
    };
    tx.commit().await?;
    let edited = at.get("edit");
    let edited = list.iter().find(|one| one.id.to_string() == edited).cloned();
    Ok(Shown { brand, business: access.id, zone, list, edited, later })
}

/// The templates for a conversation, and the one that is chosen. Only WhatsApp has some.
async fn for_later(tx: &mut TenantTx, id: ConversationId, template: &str) -> Result<Option<ForLater>> {
    let line = list::line(tx, id).await?;
    if line.kind != Channel::Whatsapp {
        return Ok(None);
    }
    let names = templates::approved(tx, line.channel).await?;
    let chosen = match template.parse::<Uuid>() {
        Ok(id) if names.iter().any(|name| name.id == id) => Some(templates::get(tx, line.channel, id).await?),
        _ => None,
    };
    Ok(Some(ForLater { conversation: id, contact_name: line.contact_name, names, chosen }))
}

/// The form by which a message that waits gets another time.
#[component]
fn EditTime(language: Language, business: BusinessId, one: Scheduled, zone: Tz, typed: Filled) -> impl IntoView {
    let words = texts(language);
    let hidden = vec![("business", business.to_string()), ("scheduled", one.id.to_string())];
    let value = Some(written(zone, one.at));
    let of = typed.clone();
    view! {
        <Card title=words.edit_time>
            <Form action="/do/reschedule_message" filled=typed hidden=hidden guard=true>
                <p class="inbox-text line-clamp-4 text-sm" dir="auto">{one.body}</p>
                <WhenField language zone typed=of.clone() value required=true/>
                <Anyway words typed=of/>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{words.save_time}</Button>
                    <ButtonLink href=format!("/b/{business}/scheduled") look=ButtonStyle::Quiet>{words.discard}</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}

/// The templates to choose from, or the form of the chosen one.
#[component]
fn OfTemplate(language: Language, business: BusinessId, later: ForLater, zone: Tz, typed: Filled) -> impl IntoView {
    let words = texts(language);
    let ForLater { conversation, contact_name, names, chosen } = later;
    let name = if contact_name.is_empty() { words.somebody.to_owned() } else { domain::phone::shown(&contact_name) };
    let title = (words.template_for)(&name);
    let address = format!("/b/{business}/scheduled?for={conversation}");
    let body = match chosen {
        Some(template) => {
            view! { <TemplateForm language business conversation template zone typed/> <a class="link text-sm" href=address>{words.other_template}</a> }.into_any()
        }
        None if names.is_empty() => view! { <p class="text-sm text-fg-2">{words.no_templates}</p> }.into_any(),
        None => {
            let lines = names.into_iter().map(|one| {
                let href = format!("{address}&template={}", one.id);
                let written_in = language_name(&one.language, language);
                view! { <li><a class="flex min-h-8 items-center gap-2 rounded-control px-2 py-1 text-sm hover:bg-raised" href=href><span class="min-w-0 grow truncate">{one.name}</span><Chip>{written_in}</Chip></a></li> }
            });
            let lines = lines.collect_view();
            view! { <ul class="max-h-80 overflow-y-auto">{lines}</ul> }.into_any()
        }
    };
    view! { <Card title=title><div class="flex flex-col gap-4">{body}</div></Card> }
}

/// The form of a template: its text, its values and the time.
#[component]
fn TemplateForm(
    language: Language,
    business: BusinessId,
    conversation: ConversationId,
    template: Template,
    zone: Tz,
    typed: Filled,
) -> impl IntoView {
    let words = texts(language);
    let hidden = vec![
        ("business", business.to_string()),
        ("conversation", conversation.to_string()),
        ("key", Uuid::now_v7().to_string()),
        ("template", template.id.to_string()),
    ];
    let fields = template.variables_in(language).into_iter().map(|variable| {
        let error = typed.error(&variable.key);
        let invalid = error.is_some().then_some("true");
        let id = format!("field-{}", variable.key);
        view! {
            <label class="flex flex-col gap-1 text-sm">
                <span class="font-medium">{variable.label}</span>
                <input class="control" name="values[]" required maxlength="1024" id=id aria-invalid=invalid autocomplete="off"/>
            </label>
            {error.map(|text| view! { <p class="text-xs text-bad">{text}</p> })}
        }
    });
    let (fields, text) = (fields.collect_view(), template.text());
    let of = typed.clone();
    view! {
        <Form action="/do/schedule_template" filled=typed hidden=hidden guard=true>
            <p class="inbox-text rounded-control bg-raised p-3 text-sm" dir="auto">{text}</p>
            {fields}
            <WhenField language zone typed=of required=true/>
            <div><Button look=ButtonStyle::Primary icon=Glyph::Clock>{words.schedule}</Button></div>
        </Form>
    }
}
