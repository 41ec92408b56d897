//! Loads a page: waits for its data, sets the status and shows errors. No page has its own spinner or error box. The
//! six states: loading (shown by the browser, because pages leave the server complete); content with its two empty
//! variants (`ui::Empty`, `ui::EmptyFiltered`); a failed part (`ui::FailureCard`); a failed page; no permission.

use std::future::Future;

use domain::brand::Brand;
use domain::identity::Role;
use domain::language::Language;
use domain::permission::Right;
use kit::frame::{Blank, Crumb, Frame, Shell};
use kit::title::PageTitle;
use kit::{Banner, ButtonLink, ButtonStyle, CopyId, FailureCard, FailureNotice, Filled, PageHeader, PostButton, Tone};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::brand::{self, BrandTop};
use crate::error::{Error, Result, SameSlugBusiness};
use crate::guard::{ServerContext, server_context};
use crate::no_access;
use crate::page_frame::frame;
use crate::request_context::{CurrentTenant, Refusal, RequestContext};
use crate::translate::translate;

/// Shows the view that `work` returns, or the error.
///
/// The whole page waits for `work`, because pages leave the server complete.
pub fn load_page<V: IntoView + 'static>(work: impl Future<Output = Result<V>> + Send + 'static) -> impl IntoView {
    let response = use_context::<ResponseOptions>();
    let context = server_context().ok();
    view! {
        <Suspense>
            {Suspend::new(async move {
                match work.await {
                    Ok(view) => view.into_any(),
                    Err(error) => {
                        answer_with(response.as_ref(), &error);
                        let brand = brand_beside(context.as_ref(), &error).await;
                        view! { <ErrorPage error context brand/> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}

/// Answers with the status of this error, for a page that itself says what happened.
pub fn answer_as(context: &ServerContext, error: &Error) {
    answer_with(Some(&context.response), error);
}

fn answer_with(response: Option<&ResponseOptions>, error: &Error) {
    if let (Some(response), Ok(status)) = (response, http::StatusCode::from_u16(error.status())) {
        response.set_status(status);
    }
}

/// The brand of a page that is shown in place of one of a business. A database that was away is not asked again.
async fn brand_beside(context: Option<&ServerContext>, error: &Error) -> Option<Brand> {
    brand::of_business(context.filter(|_| *error != Error::Unavailable)?).await
}

/// Errors and typed values of the last failed form, if it belonged to this operation.
#[must_use]
pub fn filled(request: &RequestContext, operation: &str) -> Filled {
    let Some(flash) = request.flash_of(operation) else { return Filled::default() };
    let values = flash.values.clone();
    let said = |text: &str| translate(request.page_language(), text);
    match &flash.error {
        Some(Error::Invalid(fields)) => Filled {
            errors: fields.iter().map(|field| (field.pointer.clone(), said(&field.detail))).collect(),
            values,
            message: None,
        },
        Some(error) => Filled { errors: Vec::new(), values, message: Some(said(&error.to_string())) },
        None => Filled { values, ..Filled::default() },
    }
}

/// A success message, shown once.
#[component]
pub fn SuccessBanner(
    /// The message; `None` shows nothing.
    text: Option<String>,
) -> impl IntoView {
    text.map(|text| view! { <Banner tone=Tone::Ok text=text/> })
}

/// A refused page. The refusal was decided before rendering.
#[component]
pub fn Refused(
    /// Reason for the refusal.
    error: Error,
) -> impl IntoView {
    load_page(std::future::ready(Err::<(), Error>(error)))
}

/// The message for an address that does not exist and for one that belongs to another tenant; both get the same.
const NOTHING: (&str, &str) =
    ("Page not found", "It may have been moved or deleted, or you don't have access. Check the address, or go home.");
/// The title of a page that the person's role does not open.
const REFUSED: &str = "You can't open this page";
/// The title of a page that an outside service did not serve.
const OUTSIDE: &str = "An outside service didn't respond";

/// What is safe when a page could not be read.
const UNTOUCHED: &str = "Opening this page changed nothing, and no data was lost.";

/// The title of a page whose time is over: a link that was used, a choice that was made.
const OVER: &str = "No longer available";

/// Says why a page cannot be shown, and where to go instead. Inside a place that the person may open its menu stays.
#[component]
fn ErrorPage(
    /// Reason why the page cannot be shown.
    error: Error,
    /// The request; `None` if it is not known.
    context: Option<ServerContext>,
    /// The brand of the business whose page was asked for; `None` outside of businesses.
    brand: Option<Brand>,
) -> impl IntoView {
    let inside = context.filter(|context| {
        context.request.caller.is_some() && !matches!(context.request.frame_tenant(), CurrentTenant::NoTenant)
    });
    let (title, text) = said(&error);
    if let Some(context) = inside {
        return match error {
            Error::Forbidden(_) if context.request.refusal.is_some() => {
                view! { <NoAccessPage context brand/> }.into_any()
            }
            _ => {
                let again = error.status() >= 500;
                view! { <Inside context title text brand again/> }.into_any()
            }
        };
    }
    view! {
        <PageTitle text=title.clone()/>
        <Blank title>
            <p class="text-fg-2">{text}</p>
            {if let Error::AmbiguousSlug(same_slug) = error { choice(same_slug) } else { ().into_any() }}
            <WayBack/>
        </Blank>
    }
    .into_any()
}

/// Title and sentence of an error, in the language of the page.
fn said(error: &Error) -> (String, String) {
    let (title, text) = match error {
        Error::NotFound => (NOTHING.0, NOTHING.1.to_owned()),
        Error::Forbidden(_) => (REFUSED, error.to_string()),
        Error::Outside(_) => (OUTSIDE, error.to_string()),
        Error::Conflict(_) => (OVER, error.to_string()),
        Error::AmbiguousSlug(_) => ("Which one do you mean?", error.to_string()),
        _ => ("This page could not be shown", error.to_string()),
    };
    (in_page_language(title), in_page_language(&text))
}

/// A link to each of several businesses with the same short name.
fn choice(same_slug: Vec<SameSlugBusiness>) -> AnyView {
    let lines = same_slug.into_iter().map(|one| {
        let of = one.agency.map(|agency| format!(", a client of {agency}"));
        view! { <li><a class="link" href=format!("/b/{}", one.id)>{one.name}</a>{of}</li> }
    });
    view! { <ul class="flex flex-col gap-2">{lines.collect_view()}</ul> }.into_any()
}

/// Shown inside the caller's own tenant for an address that leads nowhere, and for a page that failed. The menu stays.
#[component]
fn Inside(
    context: ServerContext,
    title: String,
    text: String,
    brand: Option<Brand>,
    /// Whether the same address may show the page a moment later.
    again: bool,
) -> impl IntoView {
    let crumbs = vec![Crumb::current(title.clone())];
    // The requested address is not repeated: it may name something that belongs to somebody else.
    let frame = Frame { live: None, address: "/".to_owned(), ..frame(&context, crumbs) };
    let untouched = again.then(|| view! { <p class="text-fg-2">{in_page_language(UNTOUCHED)}</p> });
    view! {
        <PageTitle text=title.clone()/>
        <Shell frame=frame>
            <BrandTop brand/>
            <PageHeader title/>
            <div class="flex max-w-[68ch] flex-col gap-4" data-passing><p class="text-fg-2">{text}</p>{untouched}<WayBack again/></div>
        </Shell>
    }
}

/// A text of this file in the language of the page.
fn in_page_language(text: &str) -> String {
    translate(use_context().unwrap_or_default(), text)
}

#[component]
fn WayBack(
    /// Whether to offer the same page once more, too.
    #[prop(optional)]
    again: bool,
) -> impl IntoView {
    let (home, look) = (in_page_language("Go home"), if again { ButtonStyle::Secondary } else { ButtonStyle::Primary });
    // An empty address is the one that the browser shows, which this page does not repeat.
    let reload = again.then(|| {
        view! { <ButtonLink href="" look=ButtonStyle::Primary>{in_page_language("Reload the page")}</ButtonLink> }
    });
    view! { <div class="flex flex-wrap gap-2">{reload}<ButtonLink href="/" look=look>{home}</ButtonLink></div> }
}

/// Shown for a page of the caller's own tenant that their role does not open: which role does, who can give it, and a way
/// to ask those of the agency.
#[component]
fn NoAccessPage(context: ServerContext, brand: Option<Brand>) -> impl IntoView {
    let Some(Refusal { near, right, owners }) = context.request.refusal.clone() else { return ().into_any() };
    let title = in_page_language(REFUSED);
    let frame = Frame { live: None, ..frame(&context, vec![Crumb::current(title.clone())]) };
    let own = context.request.caller.as_ref().and_then(|caller| caller.platform);
    let (text, ask) = match near {
        CurrentTenant::Agency(place) => {
            let platform = [Role::SuperAdmin, Role::Support].into_iter().any(|role| place.role.is(role));
            let text = no_access::english(place.role.label(), right, right.granted_by(), &Role::OF_AGENCY);
            (text, (!platform).then_some(place.slug))
        }
        CurrentTenant::Business(place) => {
            let text = no_access::sentence_in(context.request.page_language(), &place, right, &owners);
            // The owners of a business are named, so that the person asks them.
            let agency = place.from_agency.filter(|agency| agency.allows(Right::AgencyRead));
            (text, agency.map(|agency| agency.slug))
        }
        CurrentTenant::Platform | CurrentTenant::NoTenant => {
            let role = own.map_or("your role", Role::label);
            (no_access::english(role, right, right.granted_by(), &[Role::Support, Role::SuperAdmin]), None)
        }
    };
    let ask = ask.map(|agency| {
        let hidden = vec![("agency", agency), ("right", format!("{right:?}"))];
        let label = in_page_language("Request access");
        view! { <PostButton action="/do/ask_access" hidden=hidden look=ButtonStyle::Primary>{label}</PostButton> }
    });
    view! {
        <PageTitle text=title.clone()/>
        <Shell frame=frame>
            <BrandTop brand/>
            <PageHeader title=title/>
            <div data-passing>
                <FailureCard notice=FailureNotice { title: in_page_language("Your role doesn't include this"), effect: text, forbidden: true, ..FailureNotice::default() }>
                    {ask}
                    <ButtonLink href="/">{in_page_language("Go home")}</ButtonLink>
                </FailureCard>
            </div>
        </Shell>
    }
    .into_any()
}

/// A complete document in a language for errors outside the app's own pages. It has no script and shows nothing of the
/// request except its id.
#[must_use]
pub fn standalone_error_page(
    theme: &str,
    language: Language,
    status: u16,
    title: &str,
    text: &str,
    request: &str,
) -> String {
    // A refusal is called as inside the app, not by the bare name of its status.
    let (title, text) = match (status, title) {
        (404, _) => NOTHING,
        (403, "Forbidden") => (REFUSED, text),
        (502, "Bad Gateway") => (OUTSIDE, text),
        _ => (title, text),
    };
    let (title, text) = (translate(language, title), translate(language, text));
    let page = Owner::new().with(|| {
        provide_context(language);
        // Only faults of ours have something to look up.
        let number = (status >= 500).then(|| {
            let label = format!("{} ", in_page_language("Request"));
            view! { <p class="text-sm text-fg-3">{label}<CopyId id=request.to_owned()/></p> }
        });
        view! {
            <html lang=language.key() data-theme=theme.to_owned()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <title>{format!("{title} \u{b7} Slipway")}</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <link rel="stylesheet" href="/pkg/slipway.css"/>
                </head>
                <body><Blank title=title.clone() text=text.clone()>{number}<WayBack/></Blank></body>
            </html>
        }
        .to_html()
    });
    // The framework puts a mark behind a text. Inside a title it would be shown.
    format!("<!DOCTYPE html>{}", page.replacen("<!></title>", "</title>", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_could_not_be_read_can_be_asked_for_again_without_scripts() {
        for (language, reload, lost) in [
            (Language::English, "Reload the page", "no data was lost"),
            (Language::Spanish, "Volver a cargar la página", "no se perdió ningún dato"),
        ] {
            let (again, home) = Owner::new().with(|| {
                provide_context(language);
                (view! { <WayBack again=true/> }.to_html(), view! { <WayBack/> }.to_html())
            });
            assert!(again.contains("href=\"\"") && again.contains(reload), "{again}");
            assert!(!home.contains("href=\"\"") && !home.contains(reload), "{home}");
            assert!(translate(language, UNTOUCHED).contains(lost), "{language:?}");
        }
    }

    #[test]
    fn an_error_outside_the_app_is_called_as_inside_it() {
        for (status, title, said) in [
            (404, "Not Found", "Página no encontrada"),
            (403, "Forbidden", "No puede abrir esta página"),
            (502, "Bad Gateway", "Un servicio externo no respondió"),
        ] {
            let page = standalone_error_page("light", Language::Spanish, status, title, "7", "8");
            assert!(page.matches(said).count() == 2 && !page.contains(title), "{page}");
        }
    }
}
