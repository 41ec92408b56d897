//! The platform's overview: what needs attention, the main counts, and the next setup steps.

use domain::agency::PlatformCounts;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Card, FirstSteps, Glyph, Icon, PageHeader, StatusIcon, Tile, Todo, Tone, counted, grouped};
use leptos::prelude::*;
use store::platform::{BrokenConnection, FailedJobs};
use web::guard::{ServerContext, server_context};
use web::health::{Health, Trouble};
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
        let (jobs, connections) = store::platform::attention(&mut tx).await?;
        tx.commit().await?;
        let troubles = Health::load(&context.state.db).await?.troubles();
        let needs = Needs { jobs, connections, troubles };
        let frame = frame(&context, vec![Crumb::current("Overview")]);
        let steps = setup_steps(&context, counts);
        Ok(view! {
            <PageTitle text="Overview"/>
            <Shell frame=frame>
                <PageHeader title="Overview"/>
                <div class="flex flex-col gap-4"><SetupSteps steps/><Attention needs/><Figures counts/></div>
            </Shell>
        })
    })
}

/// What needs a person, each with the page where it is seen.
struct Needs {
    jobs: Vec<FailedJobs>,
    connections: Vec<BrokenConnection>,
    troubles: Vec<Trouble>,
}

impl Needs {
    /// The lines: tone, words and address. Problems of the installation come first.
    fn lines(self) -> Vec<(Tone, String, String)> {
        let troubles = self.troubles.into_iter().map(|one| (one.tone, one.text, one.href.to_owned()));
        let jobs = self.jobs.into_iter().map(|one| {
            let failed = counted(one.count, "job failed", "jobs failed");
            let at = match one.count {
                1 => format!("/a/{}/provisioning/{}", one.slug, one.last),
                _ => format!("/a/{}/provisioning?view=failed", one.slug),
            };
            (Tone::Failed, format!("{failed} \u{2013} waiting for {}", one.agency), at)
        });
        let connections = self.connections.into_iter().map(|one| {
            let lost = counted(one.count, "connection needs", "connections need");
            let at = format!("/a/{}/connections", one.slug);
            (Tone::Warn, format!("{lost} to reconnect \u{2013} waiting for {}", one.agency), at)
        });
        troubles.chain(jobs).chain(connections).collect()
    }
}

#[component]
fn Attention(needs: Needs) -> impl IntoView {
    let lines = needs.lines();
    if lines.is_empty() {
        let text = "All clear: the system is healthy, every connection works and no job is waiting.";
        return view! { <Card title="Needs attention"><p class="text-fg-2">{text}</p></Card> }.into_any();
    }
    let lines = lines.into_iter().map(|(tone, words, href)| {
        view! {
            <li class="relative flex items-center gap-3 border-t border-line px-4 py-3 first:border-0 hover:bg-raised">
                <StatusIcon tone=tone/>
                <a class="row-link min-w-0 grow whitespace-normal" href=href>{words}</a>
                <Icon of=Glyph::Right class="shrink-0 text-fg-3"/>
            </li>
        }
    });
    view! { <Card title="Needs attention" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}

#[component]
fn Figures(counts: PlatformCounts) -> impl IntoView {
    view! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Tile name="Agencies" value=grouped(counts.agencies) href="/admin/agencies"/>
            <Tile name="Businesses" value=grouped(counts.businesses) href="/admin/businesses"/>
            <Tile name="People" value=grouped(counts.people) href="/admin/people"/>
            <Tile name="Open jobs" value=grouped(counts.open_jobs)/>
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
        (enrolled, "Protect your account", "Turn on two-factor authentication.", "/me/second-factor"),
        (settings.mails_leave, "Set up email", "Invitations and password resets are sent by email.", "/admin/start"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_number_right_and_leads_to_what_it_is_about() {
        let jobs = |count| FailedJobs {
            agency: "Harbor Marketing".to_owned(),
            slug: "harbor".to_owned(),
            count,
            last: domain::JobId(uuid::Uuid::nil()),
        };
        let lines = Needs { jobs: vec![jobs(1), jobs(2)], connections: Vec::new(), troubles: Vec::new() }.lines();
        assert_eq!(lines[0].1, "1 job failed \u{2013} waiting for Harbor Marketing");
        assert_eq!(lines[0].2, format!("/a/harbor/provisioning/{}", uuid::Uuid::nil()));
        assert_eq!(lines[1].1, "2 jobs failed \u{2013} waiting for Harbor Marketing");
        assert_eq!(lines[1].2, "/a/harbor/provisioning?view=failed");
    }
}
