//! Is the platform well, and what comes next for whoever runs it.

use domain::agency::PlatformCounts;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::around::frame;
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::page::loaded;
use crate::ui::{ButtonLink, Card, PageHeader, StatusIcon, Tile, Tone};

/// The platform's start page.
#[component]
pub fn Overview() -> impl IntoView {
    let here = here();
    loaded(async move {
        let here = here?;
        let mut tx = here.platform_page().await?;
        let counts = store::agencies::platform_counts(&mut tx).await?;
        tx.commit().await?;
        let frame = frame(&here, vec![Crumb::here("Overview")]);
        Ok(view! {
            <Title text="Overview"/>
            <Shell frame=frame>
                <PageHeader title="Overview"/>
                <div class="flex flex-col gap-4"><Attention counts/><Figures counts/>{(counts.agencies == 0).then(|| view! { <First/> })}</div>
            </Shell>
        })
    })
}

#[component]
fn Attention(counts: PlatformCounts) -> impl IntoView {
    let lines = [
        (counts.broken_connections, "connections need a person", "/admin/agencies"),
        (counts.failed_jobs, "jobs failed and wait for their agency", "/admin/agencies"),
    ];
    let lines = lines.into_iter().filter(|(count, _, _)| *count > 0).map(|(count, what, href)| {
        view! { <li class="flex items-center gap-3 border-t border-line px-4 py-3 first:border-0"><StatusIcon tone=Tone::Warn/><a class="hover:underline" href=href>{format!("{count} {what}")}</a></li> }
    });
    let lines = lines.collect::<Vec<_>>();
    if lines.is_empty() {
        return view! { <Card title="Needs attention"><p class="text-fg-2">"Nothing: every connection works and no job waits."</p></Card> }.into_any();
    }
    view! { <Card title="Needs attention" flush=true><ul>{lines}</ul></Card> }.into_any()
}

#[component]
fn Figures(counts: PlatformCounts) -> impl IntoView {
    view! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Tile name="Agencies" value=counts.agencies.to_string() href="/admin/agencies"/>
            <Tile name="Businesses" value=counts.businesses.to_string() href="/admin/businesses"/>
            <Tile name="People" value=counts.people.to_string() href="/admin/people"/>
            <Tile name="Jobs under way" value=counts.open_jobs.to_string()/>
        </div>
    }
}

#[component]
fn First() -> impl IntoView {
    view! {
        <Card title="Begin here">
            <p class="pb-3 text-fg-2">"Create an agency and invite its owner. They connect HighLevel and provision their first client themselves."</p>
            <ButtonLink href="/admin/agencies">"Create an agency"</ButtonLink>
        </Card>
    }
}
