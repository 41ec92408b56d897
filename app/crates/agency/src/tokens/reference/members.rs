//! How are the members of a value, and the errors of a call, shown? As tables, which are lists on a phone.

use leptos::prelude::*;

use super::described::{Failure, Member};

/// Whether a table is about what a program sends or about what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What it sends.
    Sent,
    /// What it gets.
    Answered,
}

impl Side {
    const fn heading(self) -> &'static str {
        match self {
            Self::Sent => "Required",
            Self::Answered => "Present",
        }
    }

    /// Whether the member is there, in words.
    fn presence(self, member: &Member) -> String {
        let always = match (self, member.required) {
            (Self::Sent, true) => "Required",
            (Self::Sent, false) => "Optional",
            (Self::Answered, true) => "Always",
            (Self::Answered, false) => "May be missing",
        };
        if member.nullable { format!("{always}, can be null") } else { always.to_owned() }
    }
}

/// A table of the reference: its columns, each with the class of its width, and its lines.
pub fn table(caption: String, columns: &[(&'static str, &'static str)], lines: Vec<AnyView>) -> AnyView {
    let heads = columns.iter().copied().map(|(label, width)| {
        view! { <th role="columnheader" scope="col" class=width>{label}</th> }
    });
    let heads = heads.collect_view();
    view! {
        <table class="members" role="table">
            <caption class="sr-only">{caption}</caption>
            <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
            <tbody role="rowgroup">{lines}</tbody>
        </table>
    }
    .into_any()
}

/// A text of the description, whose parts between backticks are code.
pub fn with_code(text: &str) -> Vec<AnyView> {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    let parts = parts.map(|(at, part)| {
        let part = part.to_owned();
        if at % 2 == 0 { part.into_any() } else { view! { <code>{part}</code> }.into_any() }
    });
    parts.collect()
}

/// A table of members. Members that have members of their own show them when they are opened.
pub fn members_table(caption: String, members: Vec<Member>, side: Side) -> AnyView {
    let columns = [("Name", "w-1/4"), ("Type", "w-1/5"), (side.heading(), "w-1/5"), ("Meaning", "")];
    table(caption, &columns, members.into_iter().map(|member| lines(member, side)).collect())
}

/// The line of one member, and one with its own members if it has any.
fn lines(member: Member, side: Side) -> AnyView {
    let presence = side.presence(&member);
    let words = (!member.words.is_empty()).then(|| format!(" One of: {}.", member.words.join(", ")));
    let Member { name, kind, meaning, inner, .. } = member;
    let own = (!inner.is_empty()).then(|| own_members(&name, inner, side));
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">{name}</th>
            <td role="cell">{kind}</td>
            <td role="cell">{presence}</td>
            <td role="cell">{with_code(&meaning)}{words}</td>
        </tr>
        {own}
    }
    .into_any()
}

/// A line that opens the members of a member.
fn own_members(name: &str, inner: Vec<Member>, side: Side) -> AnyView {
    let label = format!("Fields of {name}");
    let table = members_table(label.clone(), inner, side);
    view! {
        <tr role="row" class="members-inner">
            <td role="cell" colspan="4">
                <details>
                    <summary class="fold text-xs text-fg-2">{label}</summary>
                    <div class="mt-1 border-s border-line ps-3">{table}</div>
                </details>
            </td>
        </tr>
    }
    .into_any()
}

/// A table of errors.
pub fn errors_table(caption: String, errors: Vec<Failure>) -> AnyView {
    let lines = errors.into_iter().map(|error| {
        let status = if error.status == "default" { "Other".to_owned() } else { error.status };
        let codes = error.codes.join(", ");
        let codes = (!codes.is_empty()).then(|| view! { <code>{codes}</code> });
        view! {
            <tr role="row">
                <th role="rowheader" scope="row">{status}</th>
                <td role="cell">{codes}</td>
                <td role="cell">{with_code(&error.when)}</td>
            </tr>
        }
        .into_any()
    });
    table(caption, &[("Status", "w-1/5"), ("Code", "w-1/4"), ("When", "")], lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_a_part_of_its_own() {
        assert_eq!(with_code("Send `create_anyway` to create it").len(), 3);
        assert_eq!(with_code("`null` on the last page").len(), 2);
        assert_eq!(with_code("The job.").len(), 1);
        assert!(with_code("").is_empty());
    }

    #[test]
    fn presence_is_said_as_the_side_needs_it() {
        let member = |required, nullable| Member {
            name: "id".to_owned(),
            kind: "string".to_owned(),
            required,
            nullable,
            meaning: String::new(),
            words: Vec::new(),
            inner: Vec::new(),
        };
        assert_eq!(Side::Sent.presence(&member(true, false)), "Required");
        assert_eq!(Side::Sent.presence(&member(false, true)), "Optional, can be null");
        assert_eq!(Side::Answered.presence(&member(true, true)), "Always, can be null");
        assert_eq!(Side::Answered.presence(&member(false, false)), "May be missing");
    }
}
