//! The figures of the inbox: how many conversations are open, how many customers wait, what the assistant answered and how
//! much of the month's messages is sent. And the line that says so when they run out.

use domain::BusinessId;
use domain::language::Language;
use domain::usage::{Day, Level, Month, Today};
use kit::{Banner, ButtonLink, Glyph, Region, Tile, Tone, view_count};
use leptos::prelude::*;
use store::messaging::list::InboxCounts;
use store::messaging::{channels, list};
use store::tenant::TenantTx;
use store::usage;
use web::error::Result;

use crate::messages::{messages, usage_texts};

/// Number of days in the chart, today among them.
const DAYS: i32 = 30;

/// What the page shows of the inbox.
pub(super) struct InboxFacts {
    /// The open conversations.
    pub counts: InboxCounts,
    /// What was used in this month.
    pub month: Month,
    /// The tokens of the assistant today.
    pub today: Today,
    /// What was used in each of the last days.
    pub days: Vec<Day>,
}

/// The figures; nothing while the business has no channel.
pub(super) async fn load(tx: &mut TenantTx) -> Result<Option<InboxFacts>> {
    if channels::list(tx).await?.is_empty() {
        return Ok(None);
    }
    let counts = list::counts(tx, None).await?;
    let (month, days) = (usage::month(tx).await?, usage::days(tx, DAYS).await?);
    let today = store::assistant::usage::today(tx).await?;
    Ok(Some(InboxFacts { counts, month, today, days }))
}

/// The figures as tiles; nothing while the business has no channel.
#[component]
pub(super) fn Figures(
    language: Language,
    business: BusinessId,
    figures: Option<(InboxCounts, Month, Today)>,
) -> impl IntoView {
    let texts = usage_texts(language);
    let tiles = figures.map(|(counts, month, today)| {
        let (inbox, number) = (format!("/b/{business}/inbox"), texts.number);
        let view = |name: &str| format!("{inbox}?view={name}");
        let (waiting, unread, limit) = (view("waiting"), view("unread"), (texts.of_limit)(month.limit));
        let told = [told(language, &month), told_of_tokens(language, &today)].into_iter().flatten();
        let told = told.map(|text| view! { <Banner tone=Tone::Warn text=text/> }).collect_view();
        view! {
            <section class="flex flex-col gap-3 pb-4" aria-label=texts.figures>
                {told}
                <div class="grid grid-cols-2 gap-3 lg:grid-cols-5">
                    <Tile name=texts.open value=view_count(counts.open) href=inbox.clone()/>
                    <Tile name=texts.waiting value=view_count(counts.waiting) href=waiting/>
                    <Tile name=texts.unread value=view_count(counts.unread) href=unread/>
                    <Tile name=texts.answered value=number(month.answers) note=texts.this_month/>
                    <Tile name=texts.sent value=number(month.messages) note=limit/>
                </div>
                <div><ButtonLink href=inbox icon=Glyph::Inbox>{messages(language).open_inbox}</ButtonLink></div>
            </section>
        }
    });
    view! { <Region key="inbox" topics="conversation.changed:* channel.changed:* business.changed:*" class="empty:hidden">{tiles}</Region> }
}

/// What the people of the business have to know of its limit; nothing while enough is left.
fn told(language: Language, month: &Month) -> Option<String> {
    let texts = usage_texts(language);
    match month.level() {
        Level::Free => None,
        Level::Near => Some((texts.near)(month.messages, month.limit)),
        Level::Reached => Some((texts.reached)(month.limit)),
    }
}

/// What they have to know of the tokens of the assistant. Where no model is asked there are none.
fn told_of_tokens(language: Language, today: &Today) -> Option<String> {
    let texts = usage_texts(language);
    match today.level() {
        Level::Near => Some((texts.tokens_near)(today.tokens, today.limit)),
        Level::Reached if today.tokens > 0 => Some((texts.tokens_reached)(today.limit)),
        Level::Free | Level::Reached => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_of_where_a_model_is_asked() {
        for (tokens, limit, is_told) in
            [(0, 0, false), (79, 100, false), (80, 100, true), (100, 100, true), (1, 0, true)]
        {
            for language in [Language::English, Language::Spanish] {
                assert_eq!(
                    told_of_tokens(language, &Today { tokens, limit }).is_some(),
                    is_told,
                    "{tokens} of {limit}"
                );
            }
        }
    }

    #[test]
    fn a_limit_is_told_from_eighty_percent_on() {
        for (messages, wanted) in
            [(0, None), (799, None), (800, Some("800 of this month's 1,000")), (1000, Some("all 1,000"))]
        {
            let month = Month { messages, limit: 1000, ..Month::default() };
            let said = told(Language::English, &month);
            assert_eq!(said.is_some(), wanted.is_some(), "{messages}");
            assert!(said.unwrap_or_default().contains(wanted.unwrap_or_default()), "{messages}");
        }
    }
}
