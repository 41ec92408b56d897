//! What can be done with a client as a whole: the menu in the head of its page, the card that says what an act means before
//! it is done, and the server functions of the acts.

use domain::BusinessId;
use domain::clients::{Act, ClientView, Status};
use kit::{Button, ButtonLink, ButtonStyle, Card, Menu, MenuLink, MenuPost};
use leptos::prelude::*;
use operations::clients;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

/// Pauses a client.
#[server(prefix = "/do", endpoint = "pause_client")]
pub async fn pause_client(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::act(&context.actor()?, business, Act::Pause).await?;
    said(&context, "pause_client", &client, "is paused. Resume it whenever you like.").await
}

/// Lets a paused client go on.
#[server(prefix = "/do", endpoint = "resume_client")]
pub async fn resume_client(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::act(&context.actor()?, business, Act::Resume).await?;
    said(&context, "resume_client", &client, "is active again.").await
}

/// Archives a client.
#[server(prefix = "/do", endpoint = "archive_client")]
pub async fn archive_client(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::act(&context.actor()?, business, Act::Archive).await?;
    said(&context, "archive_client", &client, "is archived. We are cleaning up in the background.").await
}

/// Works for an archived client again.
#[server(prefix = "/do", endpoint = "reactivate_client")]
pub async fn reactivate_client(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::act(&context.actor()?, business, Act::Reactivate).await?;
    said(&context, "reactivate_client", &client, "is back. Turn its phone routes on where you need them.").await
}

/// Moves a client to the trash.
#[server(prefix = "/do", endpoint = "remove_client")]
pub async fn remove_client(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::act(&context.actor()?, business, Act::Remove).await?;
    said(&context, "remove_client", &client, "is in the trash. You can restore it for 30 days.").await
}

/// Takes a client out of the trash.
#[server(prefix = "/do", endpoint = "restore_client")]
pub async fn restore_client(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::act(&context.actor()?, business, Act::Restore).await?;
    said(&context, "restore_client", &client, "is back, as it was. Its API tokens are permanently deleted.").await
}

/// Tells HighLevel again of a change to a client.
#[server(prefix = "/do", endpoint = "retry_client_update")]
pub async fn retry_client_update(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::retry_update(&context.actor()?, business).await?;
    said(&context, "retry_client_update", &client, "is being updated in HighLevel.").await
}

/// Ends again what an archived client still has.
#[server(prefix = "/do", endpoint = "retry_offboarding")]
pub async fn retry_offboarding(business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let client = clients::retry_offboarding(&context.actor()?, business).await?;
    said(&context, "retry_offboarding", &client, "is being cleaned up again.").await
}

/// Says what became of a client, and leads back to its page without the card that asked.
async fn said(context: &ServerContext, operation: &str, client: &ClientView, what: &str) -> Result<()> {
    flash_notice(context, operation, format!("{} {what}", client.details.name)).await?;
    leptos_axum::redirect(&format!("/a/{}/clients/{}", context.access()?.slug, client.id));
    Ok(())
}

/// The word of an act in the address of the page that asks for it.
const ASKED: [(&str, Act); 3] = [("pause", Act::Pause), ("archive", Act::Archive), ("remove", Act::Remove)];

/// The act that an address asks for, if the client's status allows it.
pub(super) fn asked(word: &str, status: Status) -> Option<Act> {
    let act = ASKED.into_iter().find(|(one, _)| *one == word).map(|(_, act)| act);
    act.filter(|act| act.is_allowed(status))
}

/// The menu in the head of a client's page. An act that takes something away leads to the card that says what; the others
/// are done at once.
#[component]
pub(super) fn ActsMenu(
    /// Address of the client's page.
    page: String,
    /// The client's status.
    status: Status,
    /// Agency and client.
    hidden: Vec<(&'static str, String)>,
) -> impl IntoView {
    let link = |word: &str| format!("{page}?act={word}#act");
    let edit = (status != Status::Archived).then(|| {
        view! { <MenuLink href=format!("{page}/edit")>"Edit"</MenuLink> }
    });
    let entries = Act::ALL.into_iter().filter(|act| act.is_allowed(status)).map(|act| match act {
        Act::Pause => view! { <MenuLink href=link("pause")>"Pause\u{2026}"</MenuLink> }.into_any(),
        Act::Resume => {
            view! { <MenuPost action="/do/resume_client" hidden=hidden.clone()>"Resume"</MenuPost> }.into_any()
        }
        Act::Archive => view! { <MenuLink href=link("archive")>"Archive\u{2026}"</MenuLink> }.into_any(),
        Act::Reactivate => {
            view! { <MenuPost action="/do/reactivate_client" hidden=hidden.clone()>"Bring back"</MenuPost> }.into_any()
        }
        Act::Remove => view! { <MenuLink href=link("remove")>"Remove\u{2026}"</MenuLink> }.into_any(),
        Act::Restore => ().into_any(),
    });
    let entries = entries.collect_view();
    view! { <Menu label="More actions" dots=true>{edit}{entries}</Menu> }
}

/// What an act means, and the button that does it.
#[component]
pub(super) fn ActCard(
    /// The act.
    act: Act,
    /// The client's name.
    name: String,
    /// Address of the client's page.
    page: String,
    /// Agency and client.
    hidden: Vec<(&'static str, String)>,
    /// Why it was refused when it was last tried.
    refused: Option<String>,
) -> impl IntoView {
    let (verb, operation, look) = match act {
        Act::Pause => ("Pause", "pause_client", ButtonStyle::Primary),
        Act::Archive => ("Archive", "archive_client", ButtonStyle::Danger),
        _ => ("Remove", "remove_client", ButtonStyle::Danger),
    };
    let means = act.consequences().iter().map(|one| view! { <li>{*one}</li> }).collect_view();
    let fields =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let refused = refused.map(|text| view! { <p class="font-medium text-bad" role="alert">{text}</p> });
    view! {
        <div id="act" class="pb-4">
            <Card title=format!("{verb} {name}?")>
                <form method="post" action=format!("/do/{operation}") class="flex flex-col gap-3">
                    {fields}
                    {refused}
                    <ul class="flex list-disc flex-col gap-1 ps-5 text-fg-2">{means}</ul>
                    <div class="flex flex-wrap gap-2">
                        <Button look=look>{format!("{verb} client")}</Button>
                        <ButtonLink href=page look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                    </div>
                </form>
            </Card>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_asks_for_what_the_status_allows_and_for_everything_that_takes_something_away() {
        assert_eq!(asked("pause", Status::Active), Some(Act::Pause));
        assert_eq!(asked("pause", Status::Paused), None);
        assert_eq!(asked("remove", Status::Archived), Some(Act::Remove));
        assert_eq!(asked("restore", Status::Deleted), None);
        for act in Act::ALL.into_iter().filter(|act| !act.consequences().is_empty()) {
            assert!(ASKED.iter().any(|(_, one)| *one == act), "{act:?}");
        }
    }
}
