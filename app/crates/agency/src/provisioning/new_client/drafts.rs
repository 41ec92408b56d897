//! Drafts on the page for a new client: continue one, discard one. They are saved while somebody types, by the preview.

use domain::DraftId;
use domain::drafts::Draft;
use kit::{Ago, ButtonStyle, PostButton, counted};
use leptos::prelude::*;
use operations::drafts;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Discards a draft.
#[server(prefix = "/do", endpoint = "discard_draft")]
pub async fn discard_draft(id: DraftId) -> Result<()> {
    let context = server_context()?;
    drafts::discard(&context.actor()?, id).await?;
    flash_notice(&context, "discard_draft", "Draft discarded.").await?;
    leptos_axum::redirect(&format!("/a/{}/provisioning/new", context.access()?.slug));
    Ok(())
}

/// The person's drafts, each with a link that continues it. The one that the form shows says so.
#[component]
pub fn DraftList(drafts: Vec<Draft>, agency: String, current: Option<DraftId>) -> impl IntoView {
    if drafts.is_empty() {
        return ().into_any();
    }
    let lines = drafts.into_iter().map(|draft| {
        let hidden = vec![("agency", agency.clone()), ("id", draft.id.to_string())];
        let name = Some(draft.name).filter(|name| !name.trim().is_empty());
        let of = name.map(|name| format!(" of \u{201c}{}\u{201d}", name.trim())).unwrap_or_default();
        let words = if current == Some(draft.id) {
            view! { <span>{format!("This is your draft{of} from ")}<Ago at=draft.saved_at/></span> }.into_any()
        } else {
            let href = format!("/a/{agency}/provisioning/new?draft={}", draft.id);
            view! { <a class="font-medium underline underline-offset-2" href=href>{format!("Continue your draft{of} from ")}<Ago at=draft.saved_at/></a> }.into_any()
        };
        view! {
            <li class="flex min-h-8 flex-wrap items-center gap-x-3">
                <span class="min-w-0 break-words">{words}</span>
                <PostButton action="/do/discard_draft" hidden=hidden look=ButtonStyle::Quiet>"Discard"</PostButton>
            </li>
        }
    });
    let mut lines = lines.collect::<Vec<_>>();
    let older = lines.split_off(1);
    let older = (!older.is_empty()).then(|| {
        let words = counted(i64::try_from(older.len()).unwrap_or(i64::MAX), "older draft", "older drafts");
        view! { <details><summary class="fold w-fit py-1 text-fg-2">{words}</summary><ul class="flex flex-col gap-1">{older}</ul></details> }
    });
    view! {
        <section aria-label="Drafts" class="grow rounded-card border border-line bg-surface px-4 py-2 text-sm">
            <ul class="flex flex-col gap-1">{lines}</ul>
            {older}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_offered_and_the_open_one_says_so() {
        let ids: [DraftId; 2] = [1, 2].map(|n: u128| DraftId(uuid::Uuid::from_u128(n)));
        let draft = |id, name: &str| Draft { id, name: name.to_owned(), saved_at: kit::time::now() };
        let html = Owner::new().with(|| {
            let drafts = vec![draft(ids[0], "<b>Seaside"), draft(ids[1], " ")];
            view! { <DraftList drafts agency="harbor".to_owned() current=Some(ids[1])/> }.to_html()
        });
        assert!(html.contains("Continue your draft of \u{201c}&lt;b&gt;Seaside\u{201d} from"), "{html}");
        assert!(html.contains(&format!("new?draft={}", ids[0])) && !html.contains(&format!("new?draft={}", ids[1])));
        assert!(html.contains("This is your draft from"), "{html}");
        assert_eq!(html.matches("/do/discard_draft").count(), 2);
    }
}
