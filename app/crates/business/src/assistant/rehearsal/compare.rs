//! Was it said better then, or now? A past question with both answers side by side, the words in which they differ, and what
//! the person makes of it.

use domain::assistant::rehearsal::{CaseState, CaseView, Mark};
use domain::assistant::word_diff::{Kept, Piece, word_diff};
use domain::language::Language;
use kit::{ButtonStyle, Card, PostButton};
use leptos::prelude::*;

use super::super::place::Place;
use super::super::texts as assistant;
use super::outcome::{Grounds, Verdict};
use super::texts::{Texts, texts};

/// A question with what was said then and what would be said now.
#[component]
pub(super) fn Compared(language: Language, place: Place, case: CaseView) -> impl IntoView {
    let (words, common) = (texts(language), assistant::texts(language));
    let pieces = match case.state {
        CaseState::Answered => word_diff(&case.then_text, &case.answer),
        _ => Vec::new(),
    };
    let then = match pieces.is_empty() {
        true => case.then_text.clone().into_any(),
        false => side(&pieces, Kept::Added).into_any(),
    };
    let now = match (pieces.is_empty(), case.answer.is_empty(), case.state) {
        (false, ..) => side(&pieces, Kept::Removed).into_any(),
        (true, false, _) => case.answer.clone().into_any(),
        (true, true, CaseState::Answered | CaseState::Quiet) => words.nothing_said.into_any(),
        (true, true, _) => ().into_any(),
    };
    let conversation = case.conversation.map(|id| {
        let href = format!("/b/{}/inbox/{id}", place.business);
        view! { <a class="link text-sm" href=href>{common.open_conversation}</a> }
    });
    let is_done = matches!(case.state, CaseState::Answered | CaseState::HandedOver | CaseState::Quiet);
    let marks = is_done.then(|| view! { <Marks words place=place.clone() case=case.clone()/> });
    let id = format!("case-{}", case.id);
    view! {
        <li id=id>
            <Card>
                <div class="flex flex-col gap-3">
                    <p class="font-medium break-words whitespace-pre-line" dir="auto">{case.question.clone()}</p>
                    <div class="grid gap-3 md:grid-cols-2">
                        <div class="flex min-w-0 flex-col gap-1.5 rounded-control bg-raised px-3 py-2">
                            <p class="text-2xs text-fg-3">{(words.then)(case.then_sender)}</p>
                            <p class="text-sm break-words whitespace-pre-line" dir="auto">{then}</p>
                            {conversation}
                        </div>
                        <div class="flex min-w-0 flex-col gap-1.5 rounded-control border border-line px-3 py-2">
                            <p class="text-2xs text-fg-3">{words.now}</p>
                            <Verdict language case=case.clone()/>
                            <p class="text-sm break-words whitespace-pre-line empty:hidden" dir="auto">{now}</p>
                            <Grounds language place case/>
                        </div>
                    </div>
                    {marks}
                </div>
            </Card>
        </li>
    }
}

/// The words of one text, with those marked that the other text lacks.
fn side(pieces: &[Piece], left_out: Kept) -> impl IntoView + use<> {
    let shown = pieces.iter().filter(|piece| piece.kept != left_out).map(|piece| {
        let mut text = piece.text.clone();
        if !text.ends_with(char::is_whitespace) {
            text.push(' ');
        }
        match piece.kept {
            Kept::Both => view! { <span>{text}</span> }.into_any(),
            Kept::Removed => view! { <del class="rounded-control bg-bad-bg text-bad">{text}</del> }.into_any(),
            Kept::Added => view! { <ins class="rounded-control bg-ok-bg text-ok">{text}</ins> }.into_any(),
        }
    });
    shown.collect_view()
}

/// What the person makes of it: a button for each mark, the chosen one pressed.
#[component]
fn Marks(words: &'static Texts, place: Place, case: CaseView) -> impl IntoView {
    let buttons = Mark::ALL.iter().map(|mark| {
        let is_chosen = case.mark == Some(*mark);
        let look = if is_chosen { ButtonStyle::Primary } else { ButtonStyle::Quiet };
        let mut hidden = place.hidden_with("case", case.id);
        hidden.push(("mark", mark.key().to_owned()));
        let chosen = is_chosen.then(|| view! { <span class="sr-only">" \u{2713}"</span> });
        view! { <PostButton action="/do/mark_rehearsed" hidden look>{(words.mark)(*mark)}{chosen}</PostButton> }
    });
    let buttons = buttons.collect_view();
    view! {
        <div class="flex flex-wrap items-center gap-2" role="group" aria-label=words.verdict>
            <span class="text-sm text-fg-3">{words.verdict}</span>
            {buttons}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_has_its_own_words_and_what_people_wrote_stays_text() {
        let pieces = word_diff("We open at <b>9</b>.", "We open at 8.");
        let (then, now) = (side(&pieces, Kept::Added).to_html(), side(&pieces, Kept::Removed).to_html());
        assert!(then.contains("<del") && !then.contains("<ins") && !then.contains("<b>"), "{then}");
        assert!(now.contains("<ins") && !now.contains("<del") && now.contains("8."), "{now}");
    }
}
