//! How does a page load and fail: one place that waits for data, sets the status and shows the error.

use std::future::Future;

use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

use crate::error::{Error, Result};
use crate::frame::Blank;
use crate::ui::{Banner, ButtonLink, Filled, Look, Tone};
use crate::visit::Visit;

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
