//! Shows the audit log of the whole platform.

use domain::audit::filter;
use kit::Address;
use kit::audit_log::AuditLog;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// The platform's audit log: all agencies and the platform itself.
#[component]
pub fn PlatformAudit() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let page = store::audit::list_platform(&mut tx, None, &filter::query(at.parameters())).await?;
        tx.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Audit log")]);
        Ok(view! { <PageTitle text="Audit log"/><Shell frame=frame><AuditLog at page topics=""/></Shell> })
    })
}
