//! The system page: whether the installation is healthy in one sentence, then its workers, queues, periodic jobs,
//! database and settings.

use domain::identity::Role;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Banner, PageHeader};
use leptos::prelude::*;
use web::checks::{came_by, request_host};
use web::guard::server_context;
use web::health::{Health, Trouble, verdict};
use web::page::load_page;
use web::page_frame::frame;

use super::failed::FailedWork;
use super::installation::{Database, Installation, Installed};
use super::periodic::Periodic;
use super::workers::{Queues, Workers};

/// The system page.
#[component]
pub fn System() -> impl IntoView {
    let (context, host) = (server_context(), request_host());
    load_page(async move {
        let context = context?;
        context.platform_page().await?.commit().await?;
        let health = Health::load(&context.state.db).await?;
        let failed = store::queue::given_up(&context.state.db).await?;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let settings = &context.state.settings;
        let installed = Installed {
            schema_fits: health.schema_fits,
            mails_leave: settings.mails_leave,
            highlevel_ready: settings.highlevel_ready,
            callback: format!("{}/api/integrations/ghl/callback", settings.public_url),
            is_reached: came_by(&settings.public_url, host.as_deref()),
        };
        let troubles = health.troubles();
        let frame = frame(&context, vec![Crumb::current("System")]);
        Ok(view! {
            <PageTitle text="System"/>
            <Shell frame=frame>
                <PageHeader title="System"/>
                <Verdict troubles/>
                <div class="grid items-start gap-4 lg:grid-cols-2">
                    <div class="flex min-w-0 flex-col gap-4"><Workers processes=health.processes/><Queues queues=health.queues/></div>
                    <div class="flex min-w-0 flex-col gap-4"><Database facts=health.database/><Installation installed/></div>
                </div>
                {(!failed.is_empty()).then(|| view! { <FailedWork work=failed may/> })}
                <Periodic jobs=health.jobs/>
            </Shell>
        })
    })
}

/// The answer to "Is it healthy?", and the further problems under it.
#[component]
fn Verdict(troubles: Vec<Trouble>) -> impl IntoView {
    let (tone, text) = verdict(&troubles);
    let lines = (troubles.len() > 1).then(|| {
        let lines = troubles.into_iter().map(|one| {
            view! { <li><a class="underline underline-offset-2" href=one.href>{one.text}</a></li> }
        });
        view! { <ul class="list-disc ps-8 pt-2 text-sm text-fg-2">{lines.collect_view()}</ul> }
    });
    view! { <div class="pb-4"><Banner tone text/>{lines}</div> }
}
