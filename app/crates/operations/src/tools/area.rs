//! Which part of the product does a tool of ours work in? People read and choose tools by these parts.

use super::find;

/// A part of the product. Its tools stand together in [`super::TOOLS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Contacts, conversations, messages and templates.
    Inbox,
    /// To-dos.
    Todos,
    /// What the assistant answers from.
    Knowledge,
    /// The business itself and what it used.
    Business,
    /// The client's sub-account at HighLevel.
    HighLevel,
}

impl Area {
    /// Every part, in the order of its tools.
    pub const ALL: [Self; 5] = [Self::Inbox, Self::Todos, Self::Knowledge, Self::Business, Self::HighLevel];

    /// Its name in forms.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Todos => "todos",
            Self::Knowledge => "knowledge",
            Self::Business => "business",
            Self::HighLevel => "highlevel",
        }
    }

    /// The part of the tool with this name. `None` if it is none of ours.
    #[must_use]
    pub fn of(tool: &str) -> Option<Self> {
        let name = find(tool)?.name;
        Some(match name.split('_').next().unwrap_or_default() {
            "inbox" => Self::Inbox,
            "todos" => Self::Todos,
            "knowledge" => Self::Knowledge,
            "business" | "usage" => Self::Business,
            // One tool of HighLevel's keeps the name that programs know it by: `list_contacts`.
            _ => Self::HighLevel,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::TOOLS;
    use super::*;

    #[test]
    fn every_tool_stands_with_the_others_of_its_part_and_names_of_others_have_none() {
        let mut areas: Vec<Area> = TOOLS.iter().copied().flatten().filter_map(|tool| Area::of(tool.name)).collect();
        assert_eq!(areas.len(), TOOLS.iter().copied().flatten().count());
        areas.dedup();
        assert_eq!(areas, Area::ALL);
        let highlevel = TOOLS.iter().copied().flatten().filter(|tool| Area::of(tool.name) == Some(Area::HighLevel));
        assert!(highlevel.map(|tool| tool.name).all(|name| name.starts_with("highlevel_") || name == "list_contacts"));
        for foreign in ["notes_list", "inbox_invent", "highlevel_", ""] {
            assert_eq!(Area::of(foreign), None, "{foreign}");
        }
    }
}
