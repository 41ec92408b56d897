//! The card of web chat: whether visitors of the business's own web site can write to it, on which sites, what they read
//! first, and what the site has to add to its pages.

use domain::BusinessId;
use domain::language::Language;
use domain::permission::Right;
use domain::web_chat::{LONGEST_GREETING, WebChat};
use kit::{Button, ButtonLink, ButtonStyle, Card, Checkbox, CopyId, Filled, Form, StatusPill, TextArea, Tone};
use leptos::prelude::*;
use operations::webchat::{self, WebChatForm};
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::page::filled;

use super::server_functions::address;
use super::web_chat_texts::{Texts, texts};

/// Everything that the card shows.
#[derive(Clone)]
pub(super) struct Shown {
    /// The business.
    pub business: BusinessId,
    /// Its web chat, if it ever had one.
    pub chat: Option<WebChat>,
    /// The public address of the product.
    pub public_url: String,
    /// Whether the person may change it.
    pub may_change: bool,
    /// What came back of the form.
    pub filled: Filled,
}

/// Reads the card.
pub(super) async fn read(context: &ServerContext) -> Result<Shown> {
    let (place, mut tx) = context.business_page().await?;
    let chat = store::webchat::get(&mut tx).await?;
    tx.commit().await?;
    Ok(Shown {
        business: place.id,
        chat,
        public_url: context.state.settings.public_url.clone(),
        may_change: place.allows(Right::ChannelsConnect),
        filled: filled(&context.request, "save_web_chat"),
    })
}

/// The web chat of the business.
#[component]
pub(super) fn WebChatCard(language: Language, shown: Shown) -> impl IntoView {
    let words = texts(language);
    let is_on = shown.chat.as_ref().is_some_and(|chat| chat.is_on);
    let (tone, state) = if is_on { (Tone::Ok, words.on) } else { (Tone::Waiting, words.off) };
    let pill = view! { <StatusPill tone>{state}</StatusPill> };
    let snippet = shown.chat.as_ref().filter(|chat| chat.is_on).map(|chat| {
        let (snippet, url) = (chat.snippet(&shown.public_url), shown.public_url.clone());
        view! { <Snippet words snippet url/> }
    });
    let inbox = is_on.then(
        || view! { <div><ButtonLink href=format!("/b/{}/inbox", shown.business)>{words.inbox}</ButtonLink></div> },
    );
    let ask = (!shown.may_change).then(|| view! { <p class="text-sm text-fg-3">{words.ask_owner}</p> });
    let form = shown.may_change.then(|| view! { <Settings words shown=shown.clone()/> });
    view! {
        <Card title=words.title aside=pill.into_any()>
            <div class="flex flex-col gap-4" id="web-chat">
                <p class="text-sm text-fg-2">{words.help}</p>
                {snippet}{inbox}{form}{ask}
            </div>
        </Card>
    }
}

/// What the web site has to add to its pages.
#[component]
fn Snippet(words: &'static Texts, snippet: String, url: String) -> impl IntoView {
    view! {
        <div class="flex flex-col gap-2">
            <p class="text-sm text-fg-2">{words.snippet}</p>
            <p class="overflow-x-auto rounded-control border border-line bg-raised px-3 py-2"><CopyId id=snippet tail=0 label=words.copy/></p>
            <p class="text-xs text-fg-3">{(words.policy)(&url)}</p>
        </div>
    }
}

#[component]
fn Settings(words: &'static Texts, shown: Shown) -> impl IntoView {
    let is_on = shown.chat.as_ref().map(|chat| chat.is_on);
    let mut hidden = vec![("business", shown.business.to_string())];
    // Who fills in the form for the first time turns the chat on with it.
    if is_on.is_none() {
        hidden.push(("is_on", "on".to_owned()));
    }
    let save = if is_on.is_some() { words.save } else { words.turn_on };
    let (origins, greeting) = shown.chat.map(|chat| (chat.origins.join("\n"), chat.greeting)).unwrap_or_default();
    let longest = u32::try_from(LONGEST_GREETING).unwrap_or(u32::MAX);
    view! {
        <Form action="/do/save_web_chat" filled=shown.filled hidden guard=true>
            {is_on.map(|checked| view! { <Checkbox name="is_on" label=words.is_on checked/> })}
            <TextArea name="origins" label=words.origins help=words.origins_help value=origins rows=2 required=true placeholder="https://www.example.com"/>
            <TextArea name="greeting" label=words.greeting help=words.greeting_help value=greeting rows=2 maxlength=longest/>
            <div><Button look=ButtonStyle::Primary>{save}</Button></div>
        </Form>
    }
}

/// Saves the settings of the web chat.
#[server(prefix = "/do", endpoint = "save_web_chat")]
pub async fn save_web_chat(
    #[server(default)] is_on: Option<String>,
    origins: String,
    #[server(default)] greeting: String,
) -> Result<()> {
    let context = server_context()?;
    let form = WebChatForm { is_on: is_on.is_some(), origins, greeting };
    webchat::save(&context.business_actor()?, &form).await?;
    let words = texts(context.request.language);
    flash_notice(&context, "save_web_chat", if form.is_on { words.told_on } else { words.told_off }).await?;
    leptos_axum::redirect(&format!("{}#web-chat", address(&context)?));
    Ok(())
}
