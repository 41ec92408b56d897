//! How is a channel reconnected by somebody without an account? Its business makes a link on the connections page and sends
//! it. The page behind the link tells the name of the business and the channel, and leads to Meta's consent page, or opens the
//! window of WhatsApp's Embedded Signup.

use chrono::{DateTime, Utc};
use domain::brand::Brand;
use domain::integration::{Integration, Kind};
use domain::language::Language;
use domain::{AgencyId, BusinessId, IntegrationId};
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{ButtonLink, ButtonStyle, CopyId, Glyph, PostButton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::channels;
use store::renewal_links::Asked;
use web::brand::{BrandAccent, BrandMark};
use web::clock::now;
use web::error::{Error, Result};
use web::flash::Flash;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::page::{answer_as, load_page};
use web::shown_once::show_once;
use web::token;
use web::translate::translate;

use super::card::{Rights, name};
use super::renewal_texts::texts;
use super::server_functions::address;
use super::signup::{self, EmbeddedSignup};

/// Makes a link for a channel. The connections page shows it once. An older link of the channel ends.
#[server(prefix = "/do", endpoint = "make_renewal_link")]
pub async fn make_renewal_link(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    let secret = channels::make_link(&context.business_actor()?, integration, now()).await?;
    let link = format!("{}/renew/{}", context.state.settings.public_url, secret.expose());
    show_once(&context, context.caller()?.user, "make_renewal_link", &link).await?;
    leptos_axum::redirect(&address(&context)?);
    Ok(())
}

/// Ends the link of a channel.
#[server(prefix = "/do", endpoint = "end_renewal_link")]
pub async fn end_renewal_link(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    channels::end_link(&context.business_actor()?, integration).await?;
    flash_notice(&context, "end_renewal_link", texts(context.request.language).ended).await
}

/// The page behind the link, and the one on which its holder comes back.
#[component]
pub fn RenewPage() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let language = context.request.language;
        let words = texts(language);
        if let Some(flash) = context.request.flash_of("renew_channel") {
            let (title, said) = match (&flash.error, &flash.notice) {
                (Some(error), _) => (words.not_renewed, error.to_string()),
                (None, notice) => (words.renewed, notice.clone().unwrap_or_default()),
            };
            let next = if flash.error.is_some() { words.next_failed } else { words.next_renewed };
            // A database that is away takes the brand from the page, not what the page says.
            let brand = brand_of(&context, flash).await.unwrap_or_default();
            return Ok(view! { <Told language title said next brand/> }.into_any());
        }
        let asked = match channels::find_link(&context.state.db, &shown, now()).await {
            Ok(asked) => asked,
            Err(operations::Refusal::State(said)) => {
                let brand = store::renewal_links::brand_of_link(&context.state.db, token::hash(&shown)).await?;
                answer_as(&context, &Error::Conflict(said.clone()));
                return Ok(view! { <Told language title=words.over said next="" brand/> }.into_any());
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let has_window = asked.integration.kind == Kind::Whatsapp && context.state.settings.meta_ready;
        let signup = if has_window { signup::origins(&context) } else { None };
        Ok(view! { <Offer language asked token=shown signup/> }.into_any())
    })
}

/// The brand of the place that the answer of a consent names.
async fn brand_of(context: &ServerContext, flash: &Flash) -> Result<Option<Brand>> {
    let id = |name: &str| flash.values.get(name).cloned().unwrap_or_default();
    let place = (id("agency").parse::<AgencyId>(), id("business").parse::<BusinessId>());
    let (Ok(agency), Ok(business)) = place else { return Ok(None) };
    Ok(store::renewal_links::brand_of_place(&context.state.db, agency, business).await?)
}

/// What became of a link: what happened, what comes next, and whom to ask. Without a brand it names nobody.
#[component]
fn Told(
    language: Language,
    title: &'static str,
    said: String,
    next: &'static str,
    brand: Option<Brand>,
) -> impl IntoView {
    let words = texts(language);
    let said = translate(language, &said);
    let next = (!next.is_empty()).then(|| view! { <p class="text-fg-2">{next}</p> });
    let ask = brand.clone().map(|Brand { name, choice, .. }| {
        let address = choice.reply_to.map(|email| {
            view! { " " <a class="link" href=format!("mailto:{email}")>{email.clone()}</a> }
        });
        view! { <p class="text-sm text-fg-2">{(words.ask)(&name)}{address}</p> }
    });
    let inner = view! {
        <p role="status">{said}</p>
        {next}
        <div><ButtonLink href="/">{words.home}</ButtonLink></div>
        {ask}
    }
    .into_any();
    match brand {
        Some(brand) => {
            let mark = view! { <BrandMark brand=brand.clone()/> };
            view! { <PageTitle text=title/><BrandAccent brand/><Blank title brand=mark.into_any()>{inner}</Blank> }
                .into_any()
        }
        None => view! { <PageTitle text=title/><Blank title>{inner}</Blank> }.into_any(),
    }
}

#[component]
fn Offer(language: Language, asked: Asked, token: String, signup: Option<Vec<String>>) -> impl IntoView {
    let words = texts(language);
    let kind = name(asked.integration.kind);
    let title = (words.title)(&asked.business, kind);
    let account = asked.integration.platform_name.clone().unwrap_or_else(|| asked.integration.platform_id.clone());
    let mark = view! { <BrandMark brand=asked.brand.clone()/> };
    let href = format!("/api/integrations/meta/renew?token={token}");
    let until = language.date(asked.expires_at);
    view! {
        <PageTitle text=title.clone()/>
        <BrandAccent brand=asked.brand/>
        <Blank title=title brand=mark.into_any() text=(words.help)(&account)>
            <p><ButtonLink href look=ButtonStyle::Primary icon=Glyph::Plug>{(words.go_on)(kind)}</ButtonLink></p>
            <p class="pt-4 text-sm text-fg-2">{words.works_until} " " {until}</p>
            {signup.map(|origins| view! { <EmbeddedSignup language origins/> })}
        </Blank>
    }
}

/// On the connections page: the link that was just made.
#[component]
pub(super) fn NewLink(language: Language, link: String) -> impl IntoView {
    let words = texts(language);
    view! {
        <div class="flex flex-col gap-1 rounded-card bg-raised p-3 text-sm" role="status">
            <p class="font-medium">{words.send_it}</p>
            <p class="text-fg-2">{words.send_help}</p>
            <p class="break-all"><CopyId id=link tail=0 label=words.copy/></p>
        </div>
    }
}

/// On the card of a channel that needs a new consent: a button that makes a link, and one that ends the link it has.
#[component]
pub(super) fn LinkActs(
    language: Language,
    integration: Integration,
    rights: Rights,
    open_until: Option<DateTime<Utc>>,
) -> impl IntoView {
    let words = texts(language);
    let hidden = vec![("business", rights.business.to_string()), ("integration", integration.id.to_string())];
    let can = rights.connect && rights.ready && channels::is_renewable(&integration, now());
    let zone = rights.zone;
    let make = can.then(|| {
        let hidden = hidden.clone();
        view! { <PostButton action="/do/make_renewal_link" hidden>{words.make}</PostButton> }
    });
    let open = open_until.filter(|_| rights.connect).map(|at| {
        view! {
            <span class="text-sm text-fg-2">{words.is_open} " " {language.date_in(zone, at)}</span>
            <PostButton action="/do/end_renewal_link" hidden>{words.end}</PostButton>
        }
    });
    view! { <div class="flex flex-wrap items-center gap-2 empty:hidden">{make}{open}</div> }
}
