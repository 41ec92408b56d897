//! The second factor: its page, and the server functions that set up an authenticator app.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Banner, Button, ButtonLink, ButtonStyle, Form, PostButton, TextField, Tone};
use leptos::prelude::*;
use operations::Myself;
use operations::identity::second_factor::{self as factors, Activated, AppSetup, FirstCode};
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::page::{SuccessBanner, filled, load_page};
use web::session;
use web::shown_once::{show_once, shown_once};

use crate::device;
use crate::messages::{Messages, messages};

/// The person who may set up a factor: a signed-in person, or one who must set up a factor before they can continue.
fn subject(context: &ServerContext) -> Result<domain::UserId> {
    context.request.may_set_up_second_factor().ok_or(Error::SignIn)
}

/// The same as an actor.
fn actor(context: &ServerContext) -> Result<Myself> {
    Ok(Myself::new(context.state.db.clone(), subject(context)?))
}

/// Creates a new seed that is not active yet. A seed that is active stays so until the first code of the new one.
#[server(prefix = "/do", endpoint = "begin_second_factor")]
pub async fn begin_second_factor() -> Result<()> {
    let context = server_context()?;
    let id = factors::begin(&actor(&context)?, &context.state.vault).await?;
    session::remember_factor(&context.session, id).await?;
    leptos_axum::redirect("/me/second-factor");
    Ok(())
}

/// Activates the new seed when its first code is right, replaces an older seed, and gives recovery codes. The
/// person's other sessions end, because they began without this factor.
#[server(prefix = "/do", endpoint = "confirm_second_factor")]
pub async fn confirm_second_factor(code: String) -> Result<()> {
    let context = server_context()?;
    let (myself, user) = (actor(&context)?, subject(&context)?);
    let proof = session::proof(&context.session).await?.ok_or(Error::SignIn)?;
    let first = FirstCode {
        seed: session::factor(&context.session).await?,
        code: &code,
        session: context.request.session.ok_or(Error::SignIn)?,
        generation: proof.generation,
        now: web::clock::now(),
    };
    let Activated { generation, recovery } = factors::activate(&myself, &context.state.vault, &first).await?;
    session::begin(&context.session, &context.request, proof.and_second_factor().of_generation(generation)).await?;
    if let Some(caller) = store::identity::caller(&context.state.db, user).await? {
        let source = device::source(&context).await;
        device::remember(&context, &source, user, &caller.email, true).await?;
    }
    show_once(&context, user, "recovery", &recovery.join(" ")).await?;
    leptos_axum::redirect("/me/second-factor");
    Ok(())
}

/// What the page shows: start, scan and confirm, or done.
enum Stage {
    Start,
    Scan { picture: String, secret: String, replaces: bool },
    On,
}

/// The stage that the person has reached, and who the person is.
async fn stage(context: &ServerContext) -> Result<(Stage, domain::UserId)> {
    let user = subject(context)?;
    let caller = context.request.caller.as_ref();
    let (on, account) = (
        caller.is_some_and(|caller| caller.mfa_enrolled),
        caller.map_or("your account", |caller| caller.email.as_str()),
    );
    let begun = match session::factor(&context.session).await? {
        Some(id) => {
            let myself = Myself::new(context.state.db.clone(), user);
            factors::app_setup(&myself, &context.state.vault, id, account).await?
        }
        None => None,
    };
    let stage = match begun {
        None if on => Stage::On,
        None => Stage::Start,
        Some(AppSetup { picture, key }) => Stage::Scan { picture, secret: key, replaces: on },
    };
    Ok((stage, user))
}

/// Sets up the second factor.
#[component]
pub fn SecondFactor() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let texts = messages(context.request.language);
        let failed = filled(&context.request, "begin_second_factor").message;
        let notice = context.request.flash_of("begin_second_factor").and_then(|flash| flash.notice.clone());
        let filled = filled(&context.request, "confirm_second_factor");
        let (stage, user) = stage(&context).await?;
        let codes = shown_once(&context, user, "recovery").await?;
        // Whoever has to set up a factor first has no other page.
        let back = context.request.caller.is_some() && !matches!(stage, Stage::On);
        Ok(view! {
            <PageTitle text=texts.second_factor/>
            <Blank title=texts.second_factor>
                {failed.map(|text| view! { <Banner tone=Tone::Failed text/> })}
                <SuccessBanner text=notice/>
                {codes.map(|codes| view! { <Recovery texts codes/> })}
                {match stage {
                    Stage::Start => view! { <Start texts/> }.into_any(),
                    Stage::Scan { picture, secret, replaces } => view! { <Scan texts picture secret replaces filled/> }.into_any(),
                    Stage::On => view! { <On texts/> }.into_any(),
                }}
                {back.then(|| view! { <p class="text-sm text-fg-2"><a class="link" href="/me">{texts.cancel}</a></p> })}
            </Blank>
        })
    })
}

#[component]
fn Start(texts: &'static Messages) -> impl IntoView {
    view! {
        <p class="text-fg-2">{texts.factor_intro}</p>
        <PostButton action="/do/begin_second_factor" look=ButtonStyle::Primary>{texts.factor_begin}</PostButton>
    }
}

#[component]
fn Scan(
    texts: &'static Messages,
    picture: String,
    secret: String,
    replaces: bool,
    filled: kit::Filled,
) -> impl IntoView {
    let button = if replaces { texts.factor_replace } else { texts.turn_on };
    view! {
        {replaces.then(|| view! { <p class="text-fg-2">{texts.factor_until}</p> })}
        <p class="text-fg-2">{texts.factor_scan}</p>
        <img class="w-44 rounded-card border border-line bg-white p-2" alt=texts.qr_code src=format!("data:image/png;base64,{picture}")/>
        <SeedKey texts secret/>
        <Form action="/do/confirm_second_factor" filled=filled>
            <TextField name="code" label=texts.code autocomplete="one-time-code" inputmode="numeric" required=true/>
            <Button look=ButtonStyle::Primary>{button}</Button>
        </Form>
    }
}

/// The key to type, in groups of four; an app takes it with or without the spaces.
#[component]
fn SeedKey(texts: &'static Messages, secret: String) -> impl IntoView {
    let letters: Vec<char> = secret.chars().collect();
    let groups = letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ");
    view! {
        <div class="flex flex-col items-start gap-1.5 text-sm">
            <span class="font-medium">{texts.factor_key}</span>
            <code class="font-mono break-words select-all">{groups}</code>
            <button type="button" class="scripted btn btn-secondary" data-copy=secret>{texts.copy_key}</button>
        </div>
    }
}

#[component]
fn On(texts: &'static Messages) -> impl IntoView {
    view! {
        <p class="text-fg-2">{texts.factor_is_on}</p>
        <ButtonLink href="/" look=ButtonStyle::Primary>{texts.continue_on}</ButtonLink>
        <PostButton action="/do/begin_second_factor" look=ButtonStyle::Quiet>{texts.factor_other_app}</PostButton>
    }
}

/// The recovery codes. They are shown only once.
#[component]
fn Recovery(texts: &'static Messages, codes: String) -> impl IntoView {
    let lines = codes.split(' ').map(|code| view! { <li class="font-mono">{code.to_owned()}</li> }).collect_view();
    view! {
        <section class="rounded-card border border-line bg-raised p-4">
            <h2 class="text-md font-semibold">{texts.recovery_title}</h2>
            <p class="py-2 text-sm text-fg-2">{texts.recovery_text}</p>
            <ul class="grid grid-cols-2 gap-1 select-all">{lines}</ul>
            <button type="button" class="scripted btn btn-secondary mt-3" data-copy=codes.replace(' ', "\n")>{texts.copy_codes}</button>
        </section>
    }
}
