//! Stops emails by the link at their foot, without a sign-in. The page only asks: programs that open every link of a
//! mail stop nothing.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonLink, ButtonStyle, Form, notification_words};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::notifications;
use operations::secret::hash;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};

use crate::messages::messages;

/// Stops the emails that the link names, or all of them.
#[server(prefix = "/do", endpoint = "unsubscribe")]
pub async fn unsubscribe(token: String, #[server(default)] all: Option<String>) -> Result<()> {
    let context = server_context()?;
    notifications::stop_mails(&context.state.db, &token, all.is_some()).await?;
    let texts = messages(context.request.language);
    let text = if all.is_some() { texts.stopped_all } else { texts.stopped_these };
    flash_notice(&context, "unsubscribe", text).await?;
    leptos_axum::redirect(&format!("/unsubscribe/{token}"));
    Ok(())
}

/// The page behind the link.
#[component]
pub fn Unsubscribe() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let language = context.request.language;
        let texts = messages(language);
        let said = context.request.flash_of("unsubscribe").and_then(|flash| flash.notice.clone());
        if let Some(said) = said {
            return Ok(view! {
                <PageTitle text=texts.stopped_title/>
                <Blank title=texts.stopped_title text=said>
                    <p class="text-fg-2">{texts.stopped_text}</p>
                    <div><ButtonLink href="/me/notifications">{texts.change_notifications}</ButtonLink></div>
                </Blank>
            }
            .into_any());
        }
        let link = store::notifications::unsubscribe::find(&context.state.db, hash(&shown)).await?;
        let Some(link) = link else { return Err(notifications::ended().into()) };
        let filled = filled(&context.request, "unsubscribe");
        let names =
            link.kinds.into_iter().map(|kind| view! { <li>{notification_words(language, kind)}</li> }).collect_view();
        Ok(view! {
            <PageTitle text=texts.stop_title/>
            <Blank title=texts.stop_question text=texts.stop_text>
                <ul class="list-disc ps-5">{names}</ul>
                <Form action="/do/unsubscribe" filled=filled hidden=vec![("token", shown)]>
                    <div class="flex flex-wrap gap-2">
                        <Button look=ButtonStyle::Primary>{texts.stop_these}</Button>
                        <Button name="all" value="on">{texts.stop_all}</Button>
                    </div>
                </Form>
            </Blank>
        }
        .into_any())
    })
}
