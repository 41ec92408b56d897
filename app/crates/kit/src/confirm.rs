//! Asks for confirmation before an operation. A panel under the button says what will happen; for an operation
//! that cannot be undone, the person must type the object's name. It opens no browser dialog: the panel works
//! without scripts and returns focus by itself.

use leptos::prelude::*;

use crate::button::ButtonStyle;
use crate::icon::{Glyph, Icon};
use crate::messages::messages;

/// A button that opens a panel. The panel says what the operation does and holds the button that runs it.
#[component]
pub fn Confirm(
    /// URL that the operation is posted to.
    #[prop(into)]
    action: String,
    /// Label of the button that opens the panel.
    #[prop(into)]
    label: String,
    /// Label of the button that runs the operation: a verb and the object.
    #[prop(into)]
    verb: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// Visual weight of the first button.
    #[prop(default = ButtonStyle::Secondary)]
    look: ButtonStyle,
    /// Visual weight of the second button.
    #[prop(default = ButtonStyle::Danger)]
    operation: ButtonStyle,
    /// Icon before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// True if the panel aligns with the start of the button: at the left of a card there is no room on the other
    /// side.
    #[prop(optional)]
    start: bool,
    /// Label of the button that closes the panel, where "Not now" would be read as the operation put off.
    #[prop(optional, into)]
    back: Option<String>,
    /// What will happen and what is kept, with fields if there are any.
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
                    <button type="button" class="scripted btn btn-quiet" data-close>{back.unwrap_or_else(|| messages().not_now.to_owned())}</button>
                </div>
            </form>
        </details>
    }
}

/// An operation that cannot be undone: the person must type the name of the object first.
#[component]
pub fn ConfirmByName(
    /// URL that the operation is posted to; the typed name is sent as `confirm`.
    #[prop(into)]
    action: String,
    /// Label of both buttons: a verb and the object.
    #[prop(into)]
    verb: String,
    /// The name to type.
    #[prop(into)]
    name: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// True if the first button should not draw attention, as in one of many rows.
    #[prop(optional)]
    quiet: bool,
    /// What will happen and what cannot be restored.
    children: Children,
) -> impl IntoView {
    // The browser compares the typed name, and the server compares it again.
    let pattern: String = name
        .chars()
        .flat_map(|c| {
            if c.is_alphanumeric() || c == ' ' { vec![c] } else { format!("\\u{{{:x}}}", c as u32).chars().collect() }
        })
        .collect();
    view! {
        <Confirm action=action label=verb.clone() verb=verb hidden=hidden look={if quiet { ButtonStyle::Quiet } else { ButtonStyle::Danger }}>
            {children()}
            <label class="flex flex-col gap-1.5 text-fg">
                <span>"Type " <strong class="font-semibold select-all">{name}</strong> " to continue"</span>
                <input class="control" name="confirm" required pattern=pattern autocomplete="off" spellcheck="false" />
            </label>
        </Confirm>
    }
}
