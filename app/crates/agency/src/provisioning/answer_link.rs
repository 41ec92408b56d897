//! Lets a business answer its job's question without an account. Staff create a link on the job's page and send
//! it. The page behind the link shows only the refused fields, and the link works once.

use std::collections::BTreeMap;

use domain::JobId;
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, CopyId, Exact, Filled, Form, PostButton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::answer_links;
use operations::secret::hash;
use store::answer_links::Asked;
use web::brand::{BrandAccent, BrandMark};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::shown_once::show_once;

use super::client_fields::ClientFields;
use super::job::ask::refused;
use super::job::view::JobPageContext;
use super::order_form::{CLIENT, changed};

/// Creates a link for the business. The job's page shows it once. An older link of the job ends.
#[server(prefix = "/do", endpoint = "make_answer_link")]
pub async fn make_answer_link(id: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let id: JobId = id.parse().map_err(|_| Error::NotFound)?;
    let secret = answer_links::create(&actor, id).await?;
    let link = format!("{}/answer/{}", context.state.settings.public_url, secret.expose());
    show_once(&context, context.caller()?.user, "make_answer_link", &link).await?;
    leptos_axum::redirect(&format!("/a/{}/provisioning/{id}", context.access()?.slug));
    Ok(())
}

/// Stores what the business typed, and the job resumes.
#[server(prefix = "/do", endpoint = "answer_question")]
pub async fn answer_question(token: String, #[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    answer_links::answer(&context.state.db, &token, |name: &str| changed(&fields, name)).await?;
    flash_notice(
        &context,
        "answer_question",
        "We got your details and continue with the setup. You can close this page.",
    )
    .await?;
    leptos_axum::redirect(&format!("/answer/{token}"));
    Ok(())
}

/// The page behind the link.
#[component]
pub fn AnswerPage() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let said = context.request.flash_of("answer_question").and_then(|flash| flash.notice.clone());
        if let Some(said) = said {
            return Ok(view! { <PageTitle text="Thank you"/><Blank title="Thank you"><p>{said}</p></Blank> }.into_any());
        }
        let Some(asked) = store::answer_links::find(&context.state.db, hash(&shown)).await? else {
            return Err(answer_links::ended(&context.state.db, &shown).await.into());
        };
        let filled = filled(&context.request, "answer_question");
        let brand = asked.brand.clone();
        let title = format!("{} asks you to check your details", brand.name);
        let mark = view! { <BrandMark brand=brand.clone()/> };
        Ok(view! {
            <PageTitle text=title.clone()/>
            <BrandAccent brand/>
            <Blank title=title brand=mark.into_any() text="Some couldn't be used as they are. Fix them here; we take care of the rest.">
                <Fields asked token=shown filled/>
            </Blank>
        }
        .into_any())
    })
}

#[component]
fn Fields(asked: Asked, token: String, filled: Filled) -> impl IntoView {
    let filled = if filled.is_bad() { filled } else { refused(&asked.question) };
    let names = CLIENT.into_iter().filter(|name| asked.question.asks_for(name)).collect::<Vec<_>>();
    view! {
        <Form action="/do/answer_question" filled=filled hidden=vec![("token", token)]>
            <ClientFields names=names editing=true client=asked.client/>
            <Button look=ButtonStyle::Primary>"Send"</Button>
        </Form>
        <p class="text-sm text-fg-2">"This link works once, until "<Exact at=asked.expires_at/>"."</p>
    }
}

/// On the job's page: the button that creates a link, or the link that was just created.
#[component]
pub fn AskClient(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    match page.client_link.clone() {
        Some(link) => view! {
            <div class="flex flex-col gap-1 rounded-card bg-raised p-3 text-sm" role="status">
                <p class="font-medium">"Send this link to your client"</p>
                <p class="text-fg-2">"It shows only these fields and works once, for seven days. Copy it now: you won't see it again."</p>
                <p class="break-all"><CopyId id=link tail=0 label="Copy link"/></p>
            </div>
        }
        .into_any(),
        None => view! {
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <PostButton action="/do/make_answer_link" hidden=page.resuming()>"Create a link for the client"</PostButton>
                <span class="min-w-0 text-sm text-fg-2">"They fill in these fields themselves, without an account."</span>
            </div>
        }
        .into_any(),
    }
}
