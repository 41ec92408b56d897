//! How does a page load and fail: one place that waits for data, sets the status and shows the error.

use std::future::Future;

use domain::identity::{Caller, Place, Role};
use domain::permission::allows;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

use crate::error::{Error, Result};
use crate::frame::{Area, Blank, Crumb, Frame, Person, PlaceLink, nav};
use crate::guard::Here;
use crate::ui::{Banner, ButtonLink, Filled, Look, Notice, Tone};
use crate::visit::{Standing, Visit};

/// Shows what the work gives, or why it could not.
///
/// The whole page waits for it: pages leave the server complete.
pub fn loaded<V: IntoView + 'static>(work: impl Future<Output = Result<V>> + Send + 'static) -> impl IntoView {
    let response = use_context::<ResponseOptions>();
    view! {
        <Suspense>
            {Suspend::new(async move {
                match work.await {
                    Ok(view) => view.into_any(),
                    Err(error) => {
                        answer_with(response.as_ref(), &error);
                        view! { <Sorry error/> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}

fn answer_with(response: Option<&ResponseOptions>, error: &Error) {
    if let (Some(response), Ok(status)) = (response, http::StatusCode::from_u16(error.status())) {
        response.set_status(status);
    }
}

/// Everything around a signed-in page: whose world it is, the way back, where else one may go.
#[must_use]
pub fn frame(here: &Here, crumbs: Vec<Crumb>, live: Option<String>) -> Frame {
    let visit = &here.visit;
    let Some(caller) = &visit.caller else { return Frame::default() };
    let (area, place, base) = match &visit.standing {
        Standing::Nowhere => (Area::Own, "Your account".to_owned(), "/me".to_owned()),
        Standing::Platform => (Area::Platform, "Platform".to_owned(), "/admin".to_owned()),
        Standing::Agency(place) => (Area::Agency, place.name.clone(), format!("/a/{}", place.slug)),
        Standing::Business(place) => (Area::Business, place.name.clone(), format!("/b/{}", place.id)),
    };
    let role = role_here(visit, caller);
    let may = |action| role.is_some_and(|role| allows(role, action));
    let path = visit.address.split('?').next().unwrap_or_default();
    Frame {
        area,
        places: places(caller, &base),
        nav: nav(area, &base, path, may),
        place,
        crumbs,
        person: Person { name: caller.name.clone(), email: caller.email.clone() },
        theme: visit.theme.clone(),
        here: visit.address.clone(),
        live,
        notice: notice(visit),
    }
}

fn role_here(visit: &Visit, caller: &Caller) -> Option<Role> {
    match &visit.standing {
        Standing::Agency(place) => Some(place.role),
        Standing::Business(place) => Some(place.role),
        Standing::Platform | Standing::Nowhere => caller.platform,
    }
}

fn places(caller: &Caller, base: &str) -> Vec<PlaceLink> {
    let link = |name: &str, area, role: Role, href: String| PlaceLink {
        name: name.to_owned(),
        area,
        role: role.label().to_owned(),
        current: href == base,
        href,
    };
    let platform = caller.platform.map(|role| link("Platform", Area::Platform, role, "/admin".to_owned()));
    let others = caller.places.iter().map(|place| match place {
        Place::Agency { slug, name, role, .. } => link(name, Area::Agency, *role, format!("/a/{slug}")),
        Place::Business { id, name, role, .. } => link(name, Area::Business, *role, format!("/b/{id}")),
    });
    platform.into_iter().chain(others).collect()
}

/// What the last deed leaves to be said at the edge of the page: a notice, or an error that no form shows.
fn notice(visit: &Visit) -> Option<Notice> {
    let flash = visit.flash.as_ref()?;
    match (&flash.notice, &flash.error) {
        (Some(text), _) => Some(Notice { text: text.clone(), bad: false, undo: None }),
        (None, Some(error)) => Some(Notice { text: error.to_string(), bad: true, undo: None }),
        (None, None) => None,
    }
}

/// What a form's last try left behind, if this deed was its target.
#[must_use]
pub fn filled(visit: &Visit, deed: &str) -> Filled {
    let Some(flash) = visit.flash_of(deed) else { return Filled::default() };
    let values = flash.values.clone();
    match &flash.error {
        Some(Error::Invalid(fields)) => Filled {
            errors: fields.iter().map(|field| (field.pointer.clone(), field.detail.clone())).collect(),
            values,
            message: None,
        },
        Some(error) => Filled { errors: Vec::new(), values, message: Some(error.to_string()) },
        None => Filled::default(),
    }
}

/// What went well, told once.
#[component]
pub fn Told(
    /// What to tell, if anything.
    text: Option<String>,
) -> impl IntoView {
    text.map(|text| view! { <Banner tone=Tone::Ok text=text/> })
}

/// A page that may not be shown at all; decided before rendering began.
#[component]
pub fn Refused(
    /// Why.
    error: Error,
) -> impl IntoView {
    answer_with(use_context::<ResponseOptions>().as_ref(), &error);
    view! { <Sorry error/> }
}

/// Why a page is not there, and where to go instead.
#[component]
fn Sorry(
    /// Why.
    error: Error,
) -> impl IntoView {
    let title = match &error {
        Error::Forbidden(_) => "You can't open this page",
        Error::NotFound => "There is nothing here for you",
        Error::Outside(_) => "An outside service did not answer",
        _ => "This page could not be shown",
    };
    view! {
        <Title text=title/>
        <Blank title=title.to_owned()>
            <p class="text-fg-2">{error.to_string()}</p>
            <ButtonLink href="/" look=Look::Primary>"Go to your start page"</ButtonLink>
        </Blank>
    }
}
