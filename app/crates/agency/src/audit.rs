//! Shows the audit log of an agency.

use kit::Address;
use kit::audit_log::AuditLog;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// An agency's audit log.
#[component]
pub fn AgencyAudit() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::audit::list(&mut tenant.tx, &at.query()).await?;
        tenant.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Audit log")]);
        Ok(view! { <PageTitle text="Audit log"/><Shell frame=frame><AuditLog at page/></Shell> })
    })
}
