//! The first page for the first super admin. It checks the installation, then offers the demo data or an empty
//! start.

use domain::identity::Role;
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Banner, ButtonLink, ButtonStyle, Card, PostButton, Tone};
use leptos::prelude::*;
use operations::platform::demo;
use web::checks::{CheckList, checks, request_host};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::page::{SuccessBanner, load_page};

/// Creates the demo data: an agency with businesses, people and a simulated HighLevel.
#[server(prefix = "/do", endpoint = "seed_demo")]
pub async fn seed_demo() -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    if !create_demo_data(&context).await? {
        return Err(Error::Conflict("The demo is already here: open Harbor Marketing under Agencies.".to_owned()));
    }
    demo::record_seeded(&actor).await?;
    let told = "The demo is ready. Look around, or sign in as maya@harbor.test with slipway-demo.";
    flash_notice(&context, "seed_demo", told).await?;
    leptos_axum::redirect("/a/harbor");
    Ok(())
}

/// Creates the demo data, or the part of it that is missing. Returns false if all of it exists already.
async fn create_demo_data(context: &ServerContext) -> Result<bool> {
    let demo = context.state.demo.clone();
    let demo =
        demo.ok_or_else(|| Error::Conflict("The demo isn't for production: its passwords are public.".to_owned()))?;
    demo().await.map_err(|cause| {
        tracing::warn!(%cause, "the demo world could not be filled in");
        Error::Outside(
            "The demo couldn't be set up. It needs the simulator (`slipway simulator`) and no other agency called harbor, not even in the trash."
                .to_owned(),
        )
    })
}

/// True if the demo data is complete: the job that is created last exists.
async fn demo_data_complete(tx: &mut store::PlatformTx) -> Result<bool> {
    let Some(agency) = store::agencies::find_ref(tx, demo::AGENCY).await? else { return Ok(false) };
    Ok(store::provisioning::history::known(tx, agency.id, store::provisioning::history::LAST).await?)
}

/// Sends a test mail to the caller, so that they can see whether mails arrive.
#[server(prefix = "/do", endpoint = "send_test_mail")]
pub async fn send_test_mail() -> Result<()> {
    let context = server_context()?;
    let email = context.caller()?.email.clone();
    let settings = &context.state.settings;
    operations::mails::test(&context.state.mailer, &settings.public_url, &email).await.map_err(|_| {
        Error::Outside("The email couldn't be sent. Check the mail server settings and try again.".to_owned())
    })?;
    let told = match settings.mails_leave {
        true => format!("The mail server accepted an email to {email}. Check that it arrives."),
        false => format!("An email to {email} is in the data folder, under mail."),
    };
    flash_notice(&context, "send_test_mail", told).await
}

/// The page: the checks first, then the choice of how to begin.
#[component]
pub fn Start() -> impl IntoView {
    let context = server_context();
    let host = request_host();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let known = demo_data_complete(&mut tx).await?;
        tx.commit().await?;
        let found = checks(&context, host.as_deref()).await;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let told = context.request.flash.clone();
        let (good, bad) = told.map_or((None, None), |flash| (flash.notice, flash.error.map(|error| error.to_string())));
        let choice = may.then(|| view! { <Choice demo={context.state.demo.is_some()} known/> });
        let mail = may
            .then(|| view! { <div><PostButton action="/do/send_test_mail">"Send me a test email"</PostButton></div> });
        Ok(view! {
            <PageTitle text="First steps"/>
            <Blank title="Is everything ready?" text="What Slipway found when checking its own setup." wide=true>
                <SuccessBanner text=good/>
                {bad.map(|text| view! { <Banner tone=Tone::Failed text=text/> })}
                <Card><div class="flex flex-col gap-4"><CheckList checks=found/>{mail}</div></Card>
                {choice}
                {(!may).then(|| view! { <div><ButtonLink href="/admin" look=ButtonStyle::Primary>"Go to the overview"</ButtonLink></div> })}
            </Blank>
        })
    })
}

/// The choice between the demo data and an empty start.
#[component]
fn Choice(demo: bool, known: bool) -> impl IntoView {
    let explore = match (demo, known) {
        (false, _) => {
            view! { <p class="text-sm text-fg-3">"Not available in production, because its passwords are public."</p> }
                .into_any()
        }
        (true, true) => view! { <ButtonLink href="/a/harbor">"Open the demo"</ButtonLink> }.into_any(),
        (true, false) => {
            view! { <PostButton action="/do/seed_demo" look=ButtonStyle::Primary>"Explore the demo"</PostButton> }
                .into_any()
        }
    };
    let clean = if demo && !known { ButtonStyle::Secondary } else { ButtonStyle::Primary };
    view! {
        <h2 class="pt-2 text-lg font-semibold">"How do you want to start?"</h2>
        <div class="grid gap-4 sm:grid-cols-2">
            <Card title="With an example">
                <p class="pb-4 text-fg-2">"An agency with clients, weeks of jobs and a simulated HighLevel to try everything. You can delete it later."</p>
                {explore}
            </Card>
            <Card title="With nothing">
                <p class="pb-4 text-fg-2">"Create your first agency and invite its owner. The overview says what comes next."</p>
                <ButtonLink href="/admin" look=clean>"Start clean"</ButtonLink>
            </Card>
        </div>
    }
}
