//! How is something asked twice? A fold under the button says what will happen; what cannot be undone wants the object's name typed.
//! Nothing opens a dialog of the browser: the fold works without scripts and returns focus by itself.

use leptos::prelude::*;

use super::button::Look;
use super::icon::{Glyph, Icon};

/// A button that unfolds what it will do and the button that does it.
#[component]
pub fn Confirm(
    /// Where the operation is posted.
    #[prop(into)]
    action: String,
    /// Words of the button that unfolds.
    #[prop(into)]
    label: String,
    /// Words of the button that does it: a verb and the thing.
    #[prop(into)]
    verb: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// How much the first button calls.
    #[prop(default = Look::Secondary)]
    look: Look,
    /// How much the second one calls.
    #[prop(default = Look::Danger)]
    operation: Look,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Whether it unfolds from the button's beginning: at the left of a card there is no room on the other side.
    #[prop(optional)]
    start: bool,
    /// What will happen, what is kept; fields, if any.
    children: Children,
) -> impl IntoView {
    let side = if start { "" } else { "pop-end" };
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        <details class="pop" data-pop>
            <summary class=look.class()>
                {icon.map(|of| view! { <Icon of=of /> })}
                {label}
            </summary>
            <form method="post" action=action class=format!("pop-panel {side} flex w-80 flex-col gap-3 p-4 text-start whitespace-normal")>
                {hidden}
                <div class="flex flex-col gap-3 text-sm text-fg-2">{children()}</div>
                <div class="flex flex-wrap gap-2">
                    <button type="submit" class=operation.class()>{verb}</button>
                    <button type="button" class="scripted btn btn-quiet" data-close>"Not now"</button>
                </div>
            </form>
        </details>
    }
}

/// An operation that cannot be undone: the name of the thing is typed first.
#[component]
pub fn ConfirmByName(
    /// Where the operation is posted; the typed name goes as `confirm`.
    #[prop(into)]
    action: String,
    /// Words of both buttons: a verb and the thing.
    #[prop(into)]
    verb: String,
    /// What is to be typed.
    #[prop(into)]
    name: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// Whether the first button should not call: in a row among many.
    #[prop(optional)]
    quiet: bool,
    /// What will happen and what cannot be brought back.
    children: Children,
) -> impl IntoView {
    // The browser compares what is typed; the server does so again.
    let pattern: String = name
        .chars()
        .flat_map(|c| {
            if c.is_alphanumeric() || c == ' ' { vec![c] } else { format!("\\u{{{:x}}}", c as u32).chars().collect() }
        })
        .collect();
    view! {
        <Confirm action=action label=verb.clone() verb=verb hidden=hidden look={if quiet { Look::Quiet } else { Look::Danger }}>
            {children()}
            <label class="flex flex-col gap-1.5 text-fg">
                <span>"Type " <strong class="font-semibold select-all">{name}</strong> " to go on"</span>
                <input class="control" name="confirm" required pattern=pattern autocomplete="off" spellcheck="false" />
            </label>
        </Confirm>
    }
}
