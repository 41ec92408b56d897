//! The second factor: sets up an authenticator app and checks codes. Each time step of the app and each recovery
//! code is accepted once. The seed is sealed in the vault.

use chrono::{DateTime, Utc};
use domain::UserId;
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonLink, ButtonStyle, Form, PostButton, TextField};
use leptos::prelude::*;
use store::factors::Totp as Seed;
use store::tenant::{Scope, TenantTx};
use store::throttle::Key;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::internal_error;
use web::page::{SuccessBanner, filled, load_page};
use web::session;
use web::shown_once::{show_once, shown_once};
use web::{normalize, throttle, token};

use crate::account;

/// Number of recovery codes given at once.
const RECOVERY: usize = 10;
/// Random bytes in each recovery code: 80 bits, too many to find a code from its hash.
const BYTES: usize = 10;

/// Error text for a code that is not accepted.
pub(super) const WRONG: &str = "This code is not right, or it was used already. Wait for the next one; if it goes on, set your phone's clock to automatic.";

/// True if the code of the app, or the recovery code, is right. The code is then used up. `code` is normalised
/// (`normalize::code`).
///
/// # Errors
/// When the vault or the database does not answer.
pub async fn fits(context: &ServerContext, user: UserId, code: &str) -> Result<bool> {
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    let kept = store::factors::totp(&mut tx, &context.state.vault).await?;
    let fits = match step_of(kept, code) {
        Some((id, step)) => store::factors::use_totp(&mut tx, id, step).await?,
        None => store::factors::use_recovery_code(&mut tx, token::hash(code)).await?,
    };
    tx.commit().await?;
    Ok(fits)
}

/// The factor and the time step that a code belongs to. `None` if it is not a code that the app shows now.
fn step_of(kept: Option<Seed>, code: &str) -> Option<(uuid::Uuid, i64)> {
    let kept = kept.filter(|_| code.len() == 6)?;
    let step = totp(&kept.seed, "").check(code, seconds(web::clock::now()))?;
    i64::try_from(step).ok().map(|step| (kept.id, step))
}

fn totp(seed: &[u8], email: &str) -> Totp {
    // Six digits, 30 s, SHA-1, one step of drift: what every authenticator app understands (RFC 6238).
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(seed.to_vec())
        .with_skew(1)
        .with_account_name(email)
        .with_issuer(Some("Slipway"))
        .build_noncompliant()
}

fn seconds(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}

/// The person who may set up a factor, and their address: a signed-in person, or one who must set up a factor
/// before they can continue. The address is empty in the second case.
fn subject(context: &ServerContext) -> Result<(UserId, String)> {
    match (&context.request.caller, context.request.pending_second_factor) {
        (Some(caller), _) => {
            context.recent()?;
            Ok((caller.user, caller.email.clone()))
        }
        (None, Some(pending_second_factor)) if !pending_second_factor.enrolled => {
            Ok((pending_second_factor.user, String::new()))
        }
        _ => Err(Error::SignIn),
    }
}

/// Creates a new seed that is not active yet. A seed that is active stays so until the first code of the new one.
#[server(prefix = "/do", endpoint = "begin_second_factor")]
pub async fn begin_second_factor() -> Result<()> {
    let context = server_context()?;
    context.listed("begin_second_factor")?;
    let (user, _) = subject(&context)?;
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    let id = store::factors::add_totp(&mut tx, &context.state.vault, &rand::random::<[u8; 20]>()).await?;
    tx.commit().await?;
    session::remember_factor(&context.session, id).await?;
    leptos_axum::redirect("/me/second-factor");
    Ok(())
}

/// The seed that this session is adding. The person's other sessions do not see it: one of them may belong to
/// somebody else who knows the password, and whose app would then produce valid codes too.
async fn pending(context: &ServerContext, tx: &mut TenantTx) -> Result<Option<Seed>> {
    let Some(id) = session::factor(&context.session).await? else { return Ok(None) };
    Ok(store::factors::pending_totp(tx, &context.state.vault, id).await?)
}

/// A new recovery code in groups of four, as it is shown. Its hash is stored and looked up in normalised form.
fn recovery_code() -> String {
    let letters: Vec<char> = Secret::from(rand::random::<[u8; BYTES]>().to_vec()).to_base32().chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Activates the new seed when its first code is right, replaces an older seed, and gives recovery codes. The
/// person's other sessions end, because they began without this factor.
#[server(prefix = "/do", endpoint = "confirm_second_factor")]
pub async fn confirm_second_factor(code: String) -> Result<()> {
    let context = server_context()?;
    context.listed("confirm_second_factor")?;
    let (user, _) = subject(&context)?;
    let [tried] = throttle::take(&context.state.db, "confirm_second_factor", [Key::of("enrol", user)]).await?;
    let proof = session::proof(&context.session).await?.ok_or(Error::SignIn)?;
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    let pending = pending(&context, &mut tx).await?;
    let Some((id, step)) = step_of(pending, &normalize::code(&code)) else {
        return Err(Error::field(
            "code",
            "This code is not right. Check the clock of your phone and try the next one.",
        ));
    };
    let recovery: Vec<String> = (0..RECOVERY).map(|_| recovery_code()).collect();
    let hashes: Vec<_> = recovery.iter().map(|code| token::hash(&normalize::code(code))).collect();
    store::factors::confirm_totp(&mut tx, id, step, &hashes).await?;
    let keep = context.request.session.ok_or(Error::SignIn)?;
    let generation = store::sessions::end_others(&mut tx, user, keep, proof.generation).await?;
    tx.commit().await?;
    store::throttle::clear(&context.state.db, tried).await?;
    session::begin(&context.session, &context.request, proof.and_second_factor().of_generation(generation)).await?;
    if let Some(caller) = store::identity::caller(&context.state.db, user).await? {
        account::remember(&context, user, &caller.email, true).await?;
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
async fn stage(context: &ServerContext) -> Result<(Stage, UserId)> {
    let (user, email, on) = match (&context.request.caller, context.request.pending_second_factor) {
        (Some(caller), _) => (caller.user, caller.email.clone(), caller.mfa_enrolled),
        (None, Some(pending_second_factor)) if !pending_second_factor.enrolled => {
            (pending_second_factor.user, "your account".to_owned(), false)
        }
        _ => return Err(Error::SignIn),
    };
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    let pending = pending(context, &mut tx).await?;
    tx.commit().await?;
    let stage = match pending {
        None if on => Stage::On,
        None => Stage::Start,
        Some(Seed { seed, .. }) => {
            let picture = totp(&seed, &email).to_qr_base64().map_err(|cause| internal_error(format!("{cause:?}")))?;
            Stage::Scan { picture, secret: Secret::from(seed.to_vec()).to_base32(), replaces: on }
        }
    };
    Ok((stage, user))
}

/// Sets up the second factor.
#[component]
pub fn SecondFactor() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let filled = filled(&context.request, "confirm_second_factor");
        let told = context.request.flash_of("begin_second_factor").cloned().unwrap_or_default();
        let (stage, user) = stage(&context).await?;
        let codes = shown_once(&context, user, "recovery").await?;
        Ok(view! {
            <PageTitle text="Second factor"/>
            <Blank title="Second factor".to_owned()>
                <SuccessBanner text=told.error.map(|error| error.to_string()).or(told.notice)/>
                {codes.map(|codes| view! { <Recovery codes/> })}
                {match stage {
                    Stage::Start => view! { <Start/> }.into_any(),
                    Stage::Scan { picture, secret, replaces } => view! { <Scan picture secret replaces filled/> }.into_any(),
                    Stage::On => view! { <On/> }.into_any(),
                }}
            </Blank>
        })
    })
}

#[component]
fn Start() -> impl IntoView {
    view! {
        <p class="text-fg-2">"Besides your password, you confirm with a code from an app on your phone. Staff accounts need this where it is switched on."</p>
        <PostButton action="/do/begin_second_factor" look=ButtonStyle::Primary>"Set up an authenticator app"</PostButton>
    }
}

#[component]
fn Scan(picture: String, secret: String, replaces: bool, filled: kit::Filled) -> impl IntoView {
    let until = "Your present app stays good until the new one has shown its first code. Then the old one, its recovery codes and your other sessions end.";
    let button = if replaces { "Replace it" } else { "Switch it on" };
    view! {
        {replaces.then(|| view! { <p class="text-fg-2">{until}</p> })}
        <p class="text-fg-2">"Scan this with your authenticator app, or type the key into it. Then enter the code it shows."</p>
        <img class="w-44 rounded-card border border-line bg-white p-2" alt="QR code for your authenticator app" src=format!("data:image/png;base64,{picture}")/>
        <SeedKey secret/>
        <Form action="/do/confirm_second_factor" filled=filled>
            <TextField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" required=true/>
            <Button look=ButtonStyle::Primary>{button}</Button>
        </Form>
    }
}

/// The key to type, in groups of four; an app takes it with or without the spaces.
#[component]
fn SeedKey(secret: String) -> impl IntoView {
    let letters: Vec<char> = secret.chars().collect();
    let groups = letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ");
    view! {
        <div class="flex flex-col items-start gap-1.5 text-sm">
            <span class="font-medium">"Key"</span>
            <code class="font-mono break-words select-all">{groups}</code>
            <button type="button" class="scripted btn btn-secondary" data-copy=secret>"Copy the key"</button>
        </div>
    }
}

#[component]
fn On() -> impl IntoView {
    view! {
        <p class="text-fg-2">"The second factor is on. You will be asked for a code whenever you sign in."</p>
        <ButtonLink href="/" look=ButtonStyle::Primary>"Go on"</ButtonLink>
        <PostButton action="/do/begin_second_factor" look=ButtonStyle::Quiet>"Replace it with another app"</PostButton>
    }
}

/// The recovery codes. They are shown only once.
#[component]
fn Recovery(codes: String) -> impl IntoView {
    let lines = codes.split(' ').map(|code| view! { <li class="font-mono">{code.to_owned()}</li> }).collect_view();
    view! {
        <section class="rounded-card border border-line bg-raised p-4">
            <h2 class="text-md font-semibold">"Your recovery codes"</h2>
            <p class="py-2 text-sm text-fg-2">"Each works once, when your phone is not at hand. Print this page or keep them somewhere safe: they are not shown again."</p>
            <ul class="grid grid-cols-2 gap-1 select-all">{lines}</ul>
            <button type="button" class="scripted btn btn-secondary mt-3" data-copy=codes.replace(' ', "\n")>"Copy all codes"</button>
        </section>
    }
}
