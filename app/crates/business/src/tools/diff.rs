//! What would a call change? The lines that a person reads before approving: what is said, what goes and what comes.

use domain::tools::{Change, REMOVED_TEXT, changes};
use leptos::prelude::*;

use super::texts::Texts;

/// How many lines in a row that go are shown at once. The others open with a line that says how many they are.
const AT_ONCE: usize = 10;

/// The lines. What goes and what comes is told by a sign and by words for those who hear it, never by colour alone.
#[component]
pub(super) fn Diff(words: &'static Texts, shown: String) -> impl IntoView {
    let shown = if shown == REMOVED_TEXT { words.removed.to_owned() } else { shown };
    let lines = changes(&shown);
    let runs = lines.chunk_by(|(one, _), (next, _)| one == next).map(|run| {
        let goes = matches!(run.first(), Some((Change::Gone, _)));
        let (first, rest) = run.split_at(if goes { run.len().min(AT_ONCE) } else { run.len() });
        let more = (!rest.is_empty()).then(|| {
            view! {
                <details>
                    <summary class="fold w-fit py-1 text-sm text-fg-2">{(words.and_more)(rest.len())}</summary>
                    <div class="flex flex-col gap-1 pt-1">{all(words, rest)}</div>
                </details>
            }
        });
        view! { {all(words, first)}{more} }
    });
    let runs = runs.collect_view();
    view! { <div class="flex flex-col gap-1">{runs}</div> }
}

fn all(words: &'static Texts, lines: &[(Change, &str)]) -> Vec<AnyView> {
    lines.iter().map(|(change, text)| line(words, *change, text)).collect()
}

fn line(words: &'static Texts, change: Change, text: &str) -> AnyView {
    let text = text.to_owned();
    match change {
        Change::Said => view! { <p class="break-words">{(words.told)(&text)}</p> }.into_any(),
        Change::Gone => view! { <Marked sign="\u{2212}" said=words.goes class="bg-bad-bg text-bad" text/> }.into_any(),
        Change::Come => view! { <Marked sign="+" said=words.comes class="bg-ok-bg text-ok" text/> }.into_any(),
    }
}

#[component]
fn Marked(sign: &'static str, said: &'static str, class: &'static str, text: String) -> impl IntoView {
    let class = format!("flex gap-2 rounded-control px-2 py-0.5 text-sm {class}");
    view! {
        <p class=class>
            <span class="shrink-0 font-mono" aria-hidden="true">{sign}</span>
            <span class="sr-only">{said}": "</span>
            <span class="min-w-0 break-words whitespace-pre-wrap">{text}</span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::super::texts::texts;
    use super::*;

    fn html(language: Language, shown: String) -> String {
        let words = texts(language);
        Owner::new().with(|| view! { <Diff words shown/> }.to_html())
    }

    /// What a person reads of a call that erases so many contacts.
    fn erases(count: usize) -> String {
        let lines = (1..=count).map(|n| format!("- Person {n}, p{n}@example.test"));
        format!("Erases {count} contacts, for good:\n{}", lines.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn whoever_approves_finds_every_name_also_of_a_long_list() {
        for (language, more) in [(Language::English, "and 10 more"), (Language::Spanish, "y 10 más")] {
            let long = html(language, erases(20));
            let (first, rest) = long.split_once("<details").expect("a long list is cut");
            assert!(first.contains("Erases 20 contacts") && rest.contains(more), "{long}");
            let names = |part: &str| part.matches("@example.test").count();
            assert_eq!((names(first), names(rest)), (AT_ONCE, 10), "{long}");
            let short = html(language, erases(AT_ONCE));
            assert!(!short.contains("<details") && names(&short) == AT_ONCE, "{short}");
        }
    }

    #[test]
    fn what_a_call_writes_is_never_cut() {
        let lines: Vec<String> = (0..50).map(|n| format!("+ line {n}")).collect();
        let html = html(Language::English, format!("Sends this message:\n{}", lines.join("\n")));
        assert!(!html.contains("<details") && html.matches("line ").count() == 50, "{html}");
    }

    #[test]
    fn what_is_left_out_of_an_old_value_is_said_outside_of_it() {
        const LEFT_OUT: &str = "Characters of the old value that are not shown: 12.";
        let shown = format!("Note:\n- one  two\n- {LEFT_OUT}\u{2026}\n{LEFT_OUT}\n+ three");
        let page = html(Language::Spanish, shown);
        let said = "<p class=\"break-words\">Caracteres del valor anterior que no se muestran: 12.";
        assert!(page.contains(said) && page.matches("Caracteres").count() == 1, "{page}");
        assert!(page.contains("whitespace-pre-wrap\">one  two<"), "each blank is shown: {page}");
    }

    #[test]
    fn a_name_stays_a_name() {
        let hostile = "- <img src=x onerror=alert(1)>, </p><b onclick=alert(2)>x</b>";
        let html = html(Language::English, format!("Erases 1 contact, for good:\n{hostile}"));
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"), "{html}");
        assert!(!html.contains("<img") && !html.contains("<b "), "{html}");
    }
}
