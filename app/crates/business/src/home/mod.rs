//! The start page of a business: its first steps and the connections in trouble, the figures of its inbox, the way into
//! HighLevel, its to-dos, the last days, what was set up, whom to ask, its details, its language and its people.

mod beginning;
mod details;
mod inbox;
mod language;
mod people;
mod roles;
mod setup;
mod todos;
mod usage;

use domain::UserId;
use domain::brand::Brand;
use domain::business::{Business, Contact, Setup};
use domain::identity::Role;
use domain::language::Language;
use domain::permission::Right;
use domain::person::{Invite, Member};
use domain::todos::OwnTodo;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{ButtonLink, ButtonStyle, Card, PageHeader};
use leptos::prelude::*;
use store::agencies::for_business::{self, AgencySide};
use web::brand::{BrandAccent, BrandMark};
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use self::beginning::{BeforeAll, Beginning};
use self::details::Details;
use self::inbox::{Figures, InboxFacts};
use self::language::ChosenLanguage;
use self::people::People;
use self::roles::Team;
use self::setup::SetUp;
use self::todos::{OwnTodos, Places};
use self::usage::UsageCard;
use crate::messages::{Messages, messages};

/// What the page shows.
struct Facts {
    business: Business,
    /// The language that was chosen for it.
    chosen: Option<Language>,
    brand: Brand,
    setup: Option<Setup>,
    contacts: Vec<Contact>,
    members: Vec<Member>,
    invites: Vec<Invite>,
    /// The caller.
    me: UserId,
    /// The roles that the caller may give to people of the business.
    gives: Vec<Role>,
    todos: Vec<OwnTodo>,
    inbox: Option<InboxFacts>,
    beginning: Beginning,
    side: AgencySide,
    may_tick: bool,
    may_edit: bool,
    may_invite: bool,
}

async fn load(context: &ServerContext) -> Result<Facts> {
    let (place, mut tx) = context.business_page().await?;
    let (may_edit, may_invite) = (place.allows(Right::BusinessEdit), place.allows(Right::BusinessInvite));
    let may_tick = place.allows(Right::BusinessTodos);
    let (me, gives) = (context.caller()?.user, operations::own_business::roles_to_give(&place));
    let business = store::businesses::get(&mut tx, place.id).await?;
    let chosen = store::businesses::chosen_language(&mut tx, place.id).await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let setup = for_business::setup(&mut tx, &business).await?;
    let contacts = for_business::contacts(&mut tx).await?;
    let members = store::memberships::of_business(&mut tx).await?;
    let invites = if may_invite { store::invites::list(&mut tx).await? } else { Vec::new() };
    let todos = store::todos::of_own(&mut tx).await?;
    let inbox = if place.allows(Right::InboxRead) { inbox::load(&mut tx).await? } else { None };
    let (connects, teaches) = (place.allows(Right::ChannelsConnect), place.allows(Right::AssistantManage));
    let beginning = beginning::load(&mut tx, connects, teaches).await?;
    tx.commit().await?;
    let (state, snapshot) = (&context.state, setup.as_ref().and_then(|setup| setup.snapshot));
    let side = for_business::agency_side(&state.db, &state.settings.highlevel_app, &business, snapshot).await?;
    Ok(Facts {
        business,
        chosen,
        brand,
        setup,
        contacts,
        members,
        invites,
        me,
        gives,
        todos,
        inbox,
        beginning,
        side,
        may_tick,
        may_edit,
        may_invite,
    })
}

/// A business's start page.
#[component]
pub fn BusinessHome() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let facts = load(&context).await?;
        let (may_tick, may_edit, may_invite) = (facts.may_tick, facts.may_edit, facts.may_invite);
        let (beginning, side) = (facts.beginning, facts.side);
        let Facts { business, chosen, brand, setup, contacts, members, invites, me, gives, todos, inbox, .. } = facts;
        let (name, id) = (business.name.clone(), business.id);
        let language = context.request.language;
        let texts = messages(language);
        let open = side
            .highlevel
            .map(|href| view! { <ButtonLink href=href look=ButtonStyle::Primary>{texts.open_highlevel}</ButtonLink> });
        let zone = business.zone();
        let since = language.date_in(zone, business.created_at);
        let meta = view! { {(texts.managed_since)(&brand.name, &since)} };
        let (id_text, agency) = (id.to_string(), brand.name.clone());
        let places = Places { business: id_text, zone, agency, highlevel: side.root, may: may_tick };
        let form = |operation| web::page::filled(&context.request, operation);
        let (people_form, details_form) = (form("invite_to_business"), form("change_own_details"));
        let language_form = form("set_business_language");
        let team = Team { business: id, members, me, gives, filled: form("set_colleague_role") };
        let usual = Language::of_country(business.details.country.as_deref().unwrap_or_default());
        let figures = inbox.as_ref().map(|facts| (facts.counts, facts.month, facts.today));
        let days = inbox.map(|facts| facts.days);
        let frame = frame(&context, vec![Crumb::current(texts.home)]);
        Ok(view! {
            <PageTitle text=name.clone()/>
            <Shell frame=frame>
                <BrandAccent brand=brand.clone()/>
                <div class="pb-4"><BrandMark brand=brand.clone()/></div>
                <PageHeader title=name meta=meta.into_any()>{open}</PageHeader>
                <BeforeAll language business=id facts=beginning/>
                <Figures language business=id figures/>
                <div class="grid items-start gap-4 lg:grid-cols-2">
                    <div class="flex flex-col gap-4">
                        <OwnTodos language items=todos places/>
                        <UsageCard language days/>
                        <SetUp language zone setup snapshot=side.snapshot agency=brand.name.clone()/>
                        <Help texts brand contacts/>
                    </div>
                    <div class="flex flex-col gap-4">
                        <Details language texts business filled=details_form may=may_edit/>
                        <ChosenLanguage language id chosen usual filled=language_form may=may_edit/>
                        <People language zone team invites filled=people_form may=may_invite/>
                    </div>
                </div>
            </Shell>
        })
    })
}

/// Whom to ask at the agency: the people who look after the business, else the agency's own address.
#[component]
fn Help(texts: &'static Messages, brand: Brand, contacts: Vec<Contact>) -> impl IntoView {
    let Brand { name, choice, .. } = brand;
    let agency = choice.reply_to.filter(|_| contacts.is_empty()).map(|email| Contact { name: name.clone(), email });
    let contacts: Vec<Contact> = contacts.into_iter().chain(agency).collect();
    let none = contacts.is_empty().then(|| view! { <p class="text-fg-2">{(texts.ask_agency)(&name)}</p> });
    let lines = contacts.into_iter().map(|Contact { name, email }| {
        let name = if name.is_empty() { email.clone() } else { name };
        view! {
            <li class="flex flex-col gap-0.5">
                <span class="font-medium">{name}</span>
                <a class="link inline-flex min-h-6 w-fit items-center" href=format!("mailto:{email}")>{email.clone()}</a>
            </li>
        }
    });
    let lines = lines.collect_view();
    let title = (texts.contact_at)(&name);
    view! { <Card title=title>{none}<ul class="flex flex-col gap-3 empty:hidden">{lines}</ul></Card> }
}
