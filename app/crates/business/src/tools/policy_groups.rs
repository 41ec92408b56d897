//! How is the list of what an agent may do parted? By areas of ours and by third-party servers. One choice of a group stands
//! for every tool in it.

use std::collections::BTreeMap;

use domain::tools::Policy;
use operations::tools::area::Area;

use super::policies::Row;
use super::texts::Texts;

/// The fields of groups begin with this. No name of a tool has a dot.
const ALL: &str = "all.";

/// What tools stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Those of an area of ours.
    Ours(Area),
    /// Those whose names begin with the prefix of a third-party server.
    Server(String),
}

impl Group {
    /// The group of a tool, by its name.
    pub fn of(tool: &str) -> Self {
        let prefix = || tool.split('_').next().unwrap_or_default().to_owned();
        Area::of(tool).map_or_else(|| Self::Server(prefix()), Self::Ours)
    }

    /// The field of the choice for all of them.
    pub fn field(&self) -> String {
        match self {
            Self::Ours(area) => format!("{ALL}{}", area.key()),
            Self::Server(prefix) => format!("{ALL}server.{prefix}"),
        }
    }

    /// What people read above them.
    pub fn title(&self, words: &Texts) -> String {
        match self {
            Self::Ours(area) => (words.area)(*area).to_owned(),
            Self::Server(prefix) => (words.server_tools)(prefix),
        }
    }
}

/// The lines by groups, in their order.
pub(super) fn grouped(rows: Vec<Row>) -> Vec<(Group, Vec<Row>)> {
    let mut groups: Vec<(Group, Vec<Row>)> = Vec::new();
    for row in rows {
        let group = Group::of(&row.tool);
        match groups.last_mut() {
            Some((last, rows)) if *last == group => rows.push(row),
            _ => groups.push((group, vec![row])),
        }
    }
    groups
}

/// The policies among the fields of a form. What is chosen for all tools of a group comes before what is chosen for each.
pub(super) fn chosen(fields: &BTreeMap<String, String>) -> BTreeMap<String, Policy> {
    let tools = fields.iter().filter(|(name, _)| !name.starts_with(ALL));
    let tools = tools.filter_map(|(tool, typed)| {
        let own = Policy::parse(typed)?;
        let of_all = fields.get(&Group::of(tool).field()).and_then(|typed| Policy::parse(typed));
        Some((tool.clone(), of_all.unwrap_or(own)))
    });
    tools.collect()
}

#[cfg(test)]
mod tests {
    use operations::tools::TOOLS;

    use super::*;
    use crate::tools::policies::rows;

    fn fields(typed: &[(&str, &str)]) -> BTreeMap<String, String> {
        typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_fields_of_tools_are_told_from_the_others() {
        let typed = [
            ("business", "bright"),
            ("contacts_list_contacts", "dry_run"),
            ("tags_add_tag", "perhaps"),
            ("all.inbox", "allow"),
            ("all.server.tags", "ask"),
        ];
        let chosen = chosen(&fields(&typed));
        assert_eq!(chosen.into_iter().collect::<Vec<_>>(), [("contacts_list_contacts".to_owned(), Policy::DryRun)]);
    }

    #[test]
    fn a_choice_for_a_group_holds_for_each_tool_of_it_and_for_no_other() {
        let mut typed = fields(&[("all.inbox", "deny"), ("all.todos", ""), ("all.server.notes", "allow")]);
        for tool in TOOLS.iter().copied().flatten().map(|tool| tool.name).chain(["notes_add", "inboxes_add"]) {
            typed.insert(tool.to_owned(), "ask".to_owned());
        }
        for (tool, policy) in chosen(&typed) {
            let wanted = match Group::of(&tool) {
                Group::Ours(Area::Inbox) => Policy::Deny,
                Group::Server(prefix) if prefix == "notes" => Policy::Allow,
                _ => Policy::Ask,
            };
            assert_eq!(policy, wanted, "{tool}");
        }
    }

    #[test]
    fn every_line_stands_in_one_group_and_no_group_comes_twice() {
        let offered = ["crm_a", "crm2_b", "crm-x_c", "crm_d"].map(str::to_owned).to_vec();
        let all = rows(&BTreeMap::new(), offered);
        let groups = grouped(all.clone());
        assert_eq!(groups.iter().flat_map(|(_, rows)| rows).cloned().collect::<Vec<_>>(), all);
        let mut names: Vec<String> = groups.iter().map(|(group, _)| group.field()).collect();
        assert_eq!(names.len(), Area::ALL.len() + 3);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), groups.len());
    }
}
