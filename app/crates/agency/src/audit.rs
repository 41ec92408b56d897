//! Shows the audit log of an agency.

use kit::audit_log::AuditLog;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, ButtonLink, Glyph, SavedViews};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

/// An agency's audit log.
#[component]
pub fn AgencyAudit() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::audit::list(&mut tenant.tx, &at.query()).await?;
        let saved = saved_views(&mut tenant, &store::audit::LIST).await?;
        tenant.commit().await?;
        let query = at.href().split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
        let file = format!("{}.csv{query}", at.path);
        let tools = view! {
            <ButtonLink href=file icon=Glyph::Download>"Download CSV"</ButtonLink>
            <SavedViews at=at.clone() saved/>
        }
        .into_any();
        let frame = frame(&context, vec![Crumb::current("Audit log")]);
        Ok(view! { <PageTitle text="Audit log"/><Shell frame=frame><AuditLog at page tools/></Shell> })
    })
}
