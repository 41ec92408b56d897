//! The setup page. While the platform has no super admin, it shows what is ready and how to create the first one.
//! It changes nothing itself; only the one-time link does.

use kit::frame::Blank;
use kit::title::PageTitle;
use leptos::prelude::*;
use web::checks::{CheckList, checks, request_host};
use web::error::Error;
use web::guard::server_context;
use web::page::load_page;

use crate::messages::messages;

/// The setting that names the first super admin.
const FIRST_ADMIN: &str = "SUPER_ADMIN_EMAIL";

/// The setup page: the checks, and how the first super admin gets in.
#[component]
pub fn Setup() -> impl IntoView {
    let context = server_context();
    let host = request_host();
    load_page(async move {
        let context = context?;
        if store::identity::has_super_admin(&context.state.db).await? {
            return Err(Error::NotFound);
        }
        let found = checks(&context, host.as_deref()).await;
        let texts = messages(context.request.page_language());
        let (before, behind) = texts.setup_text;
        Ok(view! {
            <PageTitle text=texts.setup_title/>
            <Blank title=texts.setup_title>
                <p class="text-fg-2">{before}<code>{FIRST_ADMIN}</code>{behind}</p>
                <pre class="rounded-card border border-line bg-raised p-3 text-sm overflow-x-auto">"slipway create-admin --email you@example.com"</pre>
                <CheckList checks=found/>
            </Blank>
        })
    })
}
