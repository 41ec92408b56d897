//! Shows the audit log of an agency.

use domain::audit::filter;
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
        let page = store::audit::list(&mut tenant.tx, &filter::query(at.parameters())).await?;
        let members = store::memberships::of_agency(&mut tenant.tx).await?;
        let saved = saved_views(&mut tenant, &store::audit::LIST).await?;
        tenant.commit().await?;
        let people = members.into_iter().map(|member| {
            let name = if member.name.is_empty() { member.email } else { member.name };
            (member.user, name)
        });
        let people = people.collect::<Vec<_>>();
        let query = at.href().split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
        let file = format!("{}.csv{query}", at.path);
        let tools = view! {
            <ButtonLink href=file icon=Glyph::Download>"Download CSV"</ButtonLink>
            <SavedViews at=at.clone() saved/>
        }
        .into_any();
        let frame = frame(&context, vec![Crumb::current("Audit log")]);
        Ok(view! { <PageTitle text="Audit log"/><Shell frame=frame><AuditLog at page people tools/></Shell> })
    })
}
