//! Fetches regions of the open page from its own address, and the states of islands.

use js_sys::{Object, Reflect};
use leptos::leptos_dom::helpers::window;
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::{Document, DomParser, RequestCache, RequestInit, SupportedType};
use wasm_bindgen_futures::JsFuture;

use crate::{reachable, region};

/// Why a refresh brought no page.
pub(crate) enum RefreshError {
    SignedOut,
    Busy,
    /// The server answered with an error.
    Refused,
    Unreachable,
}

impl From<JsValue> for RefreshError {
    fn from(_: JsValue) -> Self {
        Self::Unreachable
    }
}

/// Fetches these regions from the page's own address.
pub(crate) async fn fetch_page(regions: &[String]) -> Result<Document, RefreshError> {
    let here = window().location().href()?;
    let html = fetch(&here, Some(&regions.join(","))).await?;
    Ok(DomParser::new()?.parse_from_string(&html, SupportedType::TextHtml)?)
}

/// Fetches the state of an island.
pub(crate) async fn fetch_text(address: &str) -> Result<String, RefreshError> {
    fetch(address, None).await
}

/// Fetches a text, with the header that names regions if there are any.
async fn fetch(address: &str, regions: Option<&str>) -> Result<String, RefreshError> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    if let Some(regions) = regions {
        let headers = Object::new();
        Reflect::set(&headers, &region::HEADER.into(), &regions.into())?;
        init.set_headers(&headers);
    }
    let answer = reachable::ask(address, &init).await?;
    if answer.status() == 401 || (answer.redirected() && !path(&answer.url()).ends_with(path(address))) {
        return Err(RefreshError::SignedOut);
    }
    if matches!(answer.status(), 429 | 503) {
        return Err(RefreshError::Busy);
    }
    if !answer.ok() {
        return Err(RefreshError::Refused);
    }
    Ok(JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default())
}

fn path(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
