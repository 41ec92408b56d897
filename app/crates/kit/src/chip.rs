//! Shows a state as a word with its own shape and colour, so that no state is told by colour alone. Each feature
//! maps its words to these tones in its own code, not here.

use leptos::prelude::*;

/// What a state means to the person looking, whatever word names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Done or working.
    Ok,
    /// Happening now.
    Running,
    /// Not begun, or nothing to report.
    #[default]
    Waiting,
    /// Works, but needs a look.
    Warn,
    /// Failed.
    Failed,
    /// Stopped on purpose.
    Cancelled,
    /// Failed and is retried automatically.
    Retrying,
    /// A person must act.
    Asks,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 8] =
        [Self::Ok, Self::Running, Self::Waiting, Self::Warn, Self::Failed, Self::Cancelled, Self::Retrying, Self::Asks];

    /// The CSS class of text in this tone.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "text-ok",
            Self::Running | Self::Retrying => "text-info",
            Self::Waiting | Self::Cancelled => "text-fg-3",
            Self::Warn | Self::Asks => "text-warn",
            Self::Failed => "text-bad",
        }
    }

    /// The CSS classes of a filled pill in this tone.
    #[must_use]
    pub const fn filled(self) -> &'static str {
        match self {
            Self::Ok => "bg-ok-bg text-ok",
            Self::Running | Self::Retrying => "bg-info-bg text-info",
            Self::Waiting | Self::Cancelled => "bg-raised text-fg-2",
            Self::Warn | Self::Asks => "bg-warn-bg text-warn",
            Self::Failed => "bg-bad-bg text-bad",
        }
    }

    /// Id of the shape's SVG symbol on the page.
    const fn shape_name(self) -> &'static str {
        match self {
            Self::Ok => "shape-ok",
            Self::Running => "shape-running",
            Self::Waiting => "shape-waiting",
            Self::Warn => "shape-warn",
            Self::Failed => "shape-failed",
            Self::Cancelled => "shape-cancelled",
            Self::Retrying => "shape-retrying",
            Self::Asks => "shape-asks",
        }
    }

    /// The shape as SVG paths in a 16-unit square: the filled path first, then the outline.
    const fn shape(self) -> (&'static str, &'static str) {
        match self {
            Self::Ok => (
                "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.4 5.1-4 4.4a.8.8 0 0 1-1.15.03L4.5 8.8a.8.8 0 1 1 1.13-1.13l1.15 1.14 3.43-3.78a.8.8 0 1 1 1.19 1.07Z",
                "",
            ),
            Self::Running => ("M8 4.5a3.5 3.5 0 0 1 0 7Z", "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5Z"),
            Self::Waiting => ("", "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5Z"),
            Self::Warn => (
                "M6.8 2 .9 12.3A1.4 1.4 0 0 0 2.1 14.4h11.8a1.4 1.4 0 0 0 1.2-2.1L9.2 2a1.4 1.4 0 0 0-2.4 0ZM8 5.2c.5 0 .8.4.75.9l-.25 3a.5.5 0 0 1-1 0l-.25-3c-.05-.5.25-.9.75-.9Zm0 7.2a.9.9 0 1 1 0-1.8.9.9 0 0 1 0 1.8Z",
                "",
            ),
            Self::Failed => (
                "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm2.9 8.8a.8.8 0 1 1-1.1 1.1L8 9.1l-1.8 1.8a.8.8 0 0 1-1.1-1.1L6.9 8 5.1 6.2a.8.8 0 1 1 1.1-1.1L8 6.9l1.8-1.8a.8.8 0 1 1 1.1 1.1L9.1 8Z",
                "",
            ),
            Self::Cancelled => ("", "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5ZM3.7 12.3l8.6-8.6"),
            Self::Retrying => ("", "M2.2 8a5.8 5.8 0 1 0 1.9-4.3L2.2 5.5M2.2 2v3.5h3.5"),
            Self::Asks => (
                "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 11.6a.95.95 0 1 1 0-1.9.95.95 0 0 1 0 1.9Zm1.9-4.9c-.7.6-1.1.8-1.1 1.4a.8.8 0 1 1-1.6 0c0-1.4 1-2 1.6-2.5.5-.4.7-.6.7-1 0-.7-.6-1.1-1.4-1.1-.7 0-1.2.3-1.5 1a.8.8 0 0 1-1.4-.7 3 3 0 0 1 2.9-1.9c1.7 0 3 1.1 3 2.6 0 1.1-.6 1.7-1.2 2.2Z",
                "",
            ),
        }
    }
}

/// The shapes of all states as hidden SVG symbols, once per page. A list of a hundred rows refers to them instead
/// of repeating them.
#[component]
pub fn Shapes() -> impl IntoView {
    let shapes = Tone::ALL
        .into_iter()
        .map(|tone| {
            let (fill, line) = tone.shape();
            let line = (!line.is_empty()).then(|| view! { <path d=line stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" /> });
            let fill = (!fill.is_empty()).then(|| view! { <path d=fill fill="currentColor" fill-rule="evenodd" /> });
            view! { <symbol id=tone.shape_name() viewBox="0 0 16 16" fill="none">{line}{fill}</symbol> }
        })
        .collect_view();
    view! { <svg class="hidden" aria-hidden="true">{shapes}</svg> }
}

/// The shape of a state by itself. Without `label` it is hidden from assistive technology, so set a word beside it.
#[component]
pub fn StatusIcon(
    /// Tone of the state.
    tone: Tone,
    /// The word for assistive technology, if no word stands beside the shape.
    #[prop(optional, into)]
    label: Option<String>,
    /// Width and height in pixels: 12, 14 or 16.
    #[prop(default = 14)]
    size: u8,
) -> impl IntoView {
    let role = label.is_some().then_some("img");
    let hidden = label.is_none().then_some("true");
    let of_size = match size {
        ..=12 => "shape shape-12",
        13..=15 => "shape",
        16.. => "shape shape-16",
    };
    view! {
        <svg class=format!("{of_size} {}", tone.text()) role=role aria-hidden=hidden>
            {label.map(|text| view! { <title>{text}</title> })}
            <use href=format!("#{}", tone.shape_name()) />
        </svg>
    }
}

/// A state as shape and word: a filled pill where it stands alone, plain in tables and lists.
#[component]
pub fn StatusPill(
    /// Tone of the state.
    tone: Tone,
    /// True to leave out the tinted background.
    #[prop(optional)]
    plain: bool,
    /// Evidence for the state; shown on hover and read with the word.
    #[prop(optional, into)]
    evidence: Option<String>,
    /// The word for the state.
    children: Children,
) -> impl IntoView {
    let class = if plain { "state".to_owned() } else { format!("state state-pill {}", tone.filled()) };
    view! {
        <span class=class title=evidence>
            <StatusIcon tone=tone />
            <span>{children()}</span>
            {evidence.clone().map(|text| view! { <span class="sr-only">{format!(". {text}")}</span> })}
        </span>
    }
}

/// A small label without a state: a niche, a role, a count.
#[component]
pub fn Chip(children: Children) -> impl IntoView {
    view! { <span class="chip">{children()}</span> }
}
