//! Leads a person back to the AI agent that they allowed, with its code. This is a page of its own, because browsers let no form
//! of ours lead to another site.

use http::HeaderValue;
use http::header::REFRESH;
use kit::ButtonStyle;
use kit::frame::Blank;
use kit::title::PageTitle;
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::shown_once::shown_once;

use super::LEAVING;
use super::texts::texts;

/// The page that leads on by itself. Its address says nothing of the code, and it leads once.
#[component]
pub fn AgentReturn() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let words = texts(context.request.language);
        let address = shown_once(&context, context.caller()?.user, LEAVING).await?;
        if let Some(value) = address.as_ref().and_then(|to| HeaderValue::from_str(&format!("0; url={to}")).ok()) {
            context.response.insert_header(REFRESH, value);
        }
        let (title, text) = if address.is_some() { words.leaving } else { words.left };
        let look = ButtonStyle::Primary.class();
        let link = address.map(|to| view! { <div><a class=look href=to>{words.go_on}</a></div> });
        Ok(view! {
            <PageTitle text=title/>
            <Blank title=title text=text>{link}</Blank>
        })
    })
}
