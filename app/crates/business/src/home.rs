//! The start page of a business: its details and its people.

use domain::business::Business;
use domain::person::Member;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Ago, Card, KeyValue, KeyValues, PageHeader};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// A business's start page.
#[component]
pub fn BusinessHome() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let (place, mut tx) = context.business_page().await?;
        let business = store::businesses::get(&mut tx, place.id).await?;
        let members = store::memberships::of_business(&mut tx).await?;
        tx.commit().await?;
        let name = business.name.clone();
        let frame = frame(&context, vec![Crumb::current("Home")]);
        Ok(view! {
            <PageTitle text=name.clone()/>
            <Shell frame=frame>
                <PageHeader title=name/>
                <div class="grid items-start gap-4 lg:grid-cols-2"><Details business/><People members/></div>
            </Shell>
        })
    })
}

#[component]
fn Details(business: Business) -> impl IntoView {
    let details = business.details;
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "—".to_owned());
    view! {
        <Card title="Your business">
            <KeyValues>
                <KeyValue name="Email">{or_dash(details.email)}</KeyValue>
                <KeyValue name="Phone">{or_dash(details.phone)}</KeyValue>
                <KeyValue name="Website">{or_dash(details.website)}</KeyValue>
                <KeyValue name="Time zone">{details.timezone}</KeyValue>
                <KeyValue name="Here since"><Ago at=business.created_at/></KeyValue>
            </KeyValues>
        </Card>
    }
}

#[component]
fn People(members: Vec<Member>) -> impl IntoView {
    let lines = members.into_iter().map(|member| {
        let name = if member.name.is_empty() { member.email.clone() } else { member.name };
        view! {
            <li class="flex items-center gap-3 border-t border-line px-4 py-3 first:border-0">
                <span class="min-w-0 grow truncate">{name}</span><span class="text-sm text-fg-2">{member.role.label().to_owned()}</span>
            </li>
        }
    });
    view! { <Card title="People" flush=true><ul>{lines.collect_view()}</ul></Card> }
}
