//! The platform's overview: what needs attention, the main counts, and the next setup steps.

use domain::agency::PlatformCounts;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Card, FirstSteps, PageHeader, StatusIcon, Tile, Todo, Tone};
use leptos::prelude::*;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

/// The platform's start page.
#[component]
pub fn Overview() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let counts = store::agencies::platform_counts(&mut tx).await?;
        tx.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Overview")]);
        let steps = setup_steps(&context, counts);
        Ok(view! {
            <PageTitle text="Overview"/>
            <Shell frame=frame>
                <PageHeader title="Overview"/>
                <div class="flex flex-col gap-4"><SetupSteps steps/><Attention counts/><Figures counts/></div>
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

/// The setup steps of a new platform. Each has whether it is done, what to do, why, and the page where it is done.
fn setup_steps(
    context: &ServerContext,
    counts: PlatformCounts,
) -> Vec<(bool, &'static str, &'static str, &'static str)> {
    let settings = &context.state.settings;
    let enrolled = context.request.caller.as_ref().is_some_and(|caller| caller.mfa_enrolled);
    vec![
        (enrolled, "Protect your account", "A second factor keeps the platform yours.", "/me/second-factor"),
        (settings.mails_leave, "Set up mail", "Invitations and resets go by mail.", "/admin/start"),
        (settings.highlevel_ready, "Set up the HighLevel app", "Agencies connect through it.", "/admin/system"),
        (counts.agencies > 0, "Create the first agency", "And invite its owner.", "/admin/agencies"),
        (counts.businesses > 0, "See the first client", "The agency provisions it.", "/admin/businesses"),
    ]
}

/// The list of setup steps. It disappears once all of them are done.
#[component]
fn SetupSteps(steps: Vec<(bool, &'static str, &'static str, &'static str)>) -> impl IntoView {
    if steps.iter().all(|(done, ..)| *done) {
        return ().into_any();
    }
    let steps = steps
        .into_iter()
        .map(|(done, what, why, href)| Todo { done, dismissed: false, what, why, href: href.to_owned(), dismiss: None })
        .collect();
    view! { <FirstSteps title="First steps" steps=steps/> }.into_any()
}
