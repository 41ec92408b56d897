//! Which texts do the pages of AI tools show? One field for each text, one file for each language; the compiler refuses a
//! language that lacks a text.

mod aside;
mod en;
mod es;
mod told;

use domain::language::Language;
use domain::tools::{ApprovalState, ApprovedFor, Outcome, Policy};
use operations::tokens::Lifetime;
use operations::tools::Effect;
use operations::tools::area::Area;

use super::place::Part;
use super::servers::State;

/// The texts of one language.
pub(super) struct Texts {
    pub parts: &'static str,
    pub part: fn(Part) -> &'static str,
    pub stopped: &'static str,
    pub all_stopped: &'static str,

    pub help: &'static str,
    pub no_agent: (&'static str, &'static str),
    pub agents: &'static str,
    pub used: &'static str,
    pub last_used: &'static str,
    pub never_used: &'static str,
    pub expires: &'static str,
    /// Name of a person.
    pub connected_by: fn(&str) -> String,
    /// A host.
    pub by_browser: fn(&str) -> String,
    pub what_it_may: &'static str,
    /// The tool servers of the agency.
    pub servers: &'static str,
    pub servers_help: &'static str,
    pub server_state: fn(State) -> &'static str,
    /// Before the time when a server was asked last.
    pub asked_at: &'static str,
    /// How many tools a server offers.
    pub tools_offered: fn(&str) -> String,
    pub set_aside: &'static str,
    /// Why a tool is set aside, by the sentence that is stored.
    pub aside_reason: fn(&str) -> String,
    /// What a call would do, or why one was refused, by the sentence that is stored.
    pub told: fn(&str) -> String,
    pub new_agent: &'static str,
    pub name: &'static str,
    pub name_example: &'static str,
    pub expires_label: &'static str,
    pub lifetime: fn(Lifetime) -> &'static str,
    pub new_help: &'static str,
    pub sign_in_help: &'static str,
    pub connect: &'static str,
    pub switch: &'static str,
    pub switch_help: &'static str,
    pub stop: &'static str,
    pub stop_confirm: &'static str,
    pub resume: &'static str,

    pub your_token: &'static str,
    pub how_to_connect: &'static str,
    pub copy_now: &'static str,
    pub copy_token: &'static str,
    pub address: &'static str,
    pub copy_address: &'static str,
    pub copy_lines: &'static str,
    /// What stands for the token.
    pub replace: fn(&str) -> String,

    pub about: &'static str,
    pub token: &'static str,
    pub made_by: &'static str,
    pub today_label: &'static str,
    /// Calls, changes.
    pub today: fn(&str, &str) -> String,
    pub open_log: &'static str,
    pub disconnect: &'static str,
    pub disconnect_help: &'static str,
    pub budget: &'static str,
    pub calls_a_day: &'static str,
    pub writes_a_day: &'static str,
    pub budget_help: &'static str,
    pub save_budget: &'static str,
    pub bad_count: &'static str,
    pub money_a_day: &'static str,
    pub message_price: &'static str,
    pub money_help: &'static str,
    pub bad_amount: &'static str,
    pub price_missing: &'static str,
    /// Amount.
    pub spent: fn(&str) -> String,

    pub policies: &'static str,
    pub policy: fn(Policy) -> &'static str,
    pub policy_help: fn(Policy) -> &'static str,
    /// What a tool is called.
    pub policy_of: fn(&str) -> String,
    /// What the tools of an area are called.
    pub area: fn(Area) -> &'static str,
    /// Prefix of a tool server.
    pub server_tools: fn(&str) -> String,
    pub all_of_these: &'static str,
    /// What is chosen for all tools of a group while each has a choice of its own.
    pub each_its_own: &'static str,
    /// What a group of tools is called.
    pub policy_of_all: fn(&str) -> String,
    pub save_policies: &'static str,
    /// What a tool does to what is stored; nothing for one that reads.
    pub effect: fn(Effect) -> Option<&'static str>,
    /// What the tool of this name is called; nothing where its own title says it.
    pub tool: fn(&str) -> Option<&'static str>,

    pub approvals_help: &'static str,
    pub nothing_waits: (&'static str, &'static str),
    /// Name of an agent, what a tool is called.
    pub asks: fn(&str, &str) -> String,
    pub expires_in: &'static str,
    pub over: &'static str,
    pub approve: fn(ApprovedFor) -> &'static str,
    pub decide: &'static str,
    pub reject: &'static str,
    pub reason: &'static str,
    pub goes: &'static str,
    pub comes: &'static str,
    /// How many lines of a long list are not shown at once.
    pub and_more: fn(usize) -> String,
    pub decided: &'static str,
    pub state: fn(ApprovalState) -> &'static str,
    /// Name of a person.
    pub by: fn(&str) -> String,
    pub open_call: &'static str,

    pub log_help: &'static str,
    pub export: &'static str,
    pub agent: &'static str,
    pub all_agents: &'static str,
    pub tool_label: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub filter: &'static str,
    pub clear: &'static str,
    pub views: &'static str,
    pub all: &'static str,
    pub outcome: fn(Outcome) -> &'static str,
    /// Name of a person.
    pub approved_by: fn(&str) -> String,
    pub no_call: (&'static str, &'static str),
    pub no_call_here: &'static str,
    pub show_all: &'static str,
    pub first_page: &'static str,
    pub next: &'static str,

    pub what_was_shown: &'static str,
    pub more_of_agent: &'static str,
    pub arguments: &'static str,
    pub masked: &'static str,
    /// Whether the log is as it was written.
    pub log_proof: &'static str,
    /// Before the time of the last look.
    pub verified: &'static str,
    pub verified_help: &'static str,
    pub not_verified_yet: &'static str,
    /// How many places do not fit.
    pub broken: fn(&str) -> String,
    /// Before the time of a look that found something.
    pub looked_at: &'static str,
    /// In place of what named an erased contact.
    pub removed: &'static str,
    pub facts: &'static str,
    pub called_at: &'static str,
    pub policy_label: &'static str,
    pub approver: &'static str,
    pub took: &'static str,
    pub result_size: &'static str,
    /// A number.
    pub bytes: fn(&str) -> String,
    pub chain: &'static str,
    /// A number.
    pub place_in_chain: fn(&str) -> String,

    pub trust_help: &'static str,
    pub nothing_done: (&'static str, &'static str),
    pub times_read: &'static str,
    pub times_changed: &'static str,
    pub times_approved: &'static str,
    pub times_stopped: &'static str,
    pub by_tool: &'static str,
    pub read_every_call: &'static str,
    /// A number.
    pub done_times: fn(&str) -> String,
    /// A number.
    pub of_them_approved: fn(&str) -> String,
    /// A number.
    pub refused_times: fn(&str) -> String,
    /// A number.
    pub failed_times: fn(&str) -> String,
    pub what_holds: &'static str,
    pub promises: &'static [&'static str],

    pub told_disconnected: &'static str,
    pub told_policies: &'static str,
    pub told_budget: &'static str,
    pub told_stopped: &'static str,
    pub told_resumed: &'static str,
    pub told_approved: fn(ApprovedFor) -> &'static str,
    pub told_rejected: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    language.of(&en::TEXTS, &es::TEXTS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use operations::tools::TOOLS;

    use super::*;

    #[test]
    fn every_choice_and_state_has_a_name_of_its_own() {
        for language in Language::ALL {
            let words = texts(language);
            let names = |names: Vec<&'static str>| {
                let count = names.len();
                assert_eq!(names.into_iter().collect::<BTreeSet<_>>().len(), count);
            };
            names(Policy::ALL.iter().map(|one| (words.policy)(*one)).collect());
            names(Policy::ALL.iter().map(|one| (words.policy_help)(*one)).collect());
            names(Area::ALL.iter().map(|one| (words.area)(*one)).collect());
            names(ApprovedFor::ALL.iter().map(|one| (words.approve)(*one)).collect());
            names(ApprovedFor::ALL.iter().map(|one| (words.told_approved)(*one)).collect());
            names(ApprovalState::ALL.iter().map(|one| (words.state)(*one)).collect());
            names(Outcome::ALL.iter().map(|one| (words.outcome)(*one)).collect());
            names(State::ALL.iter().map(|one| (words.server_state)(*one)).collect());
            names(Lifetime::ALL.iter().map(|one| (words.lifetime)(*one)).collect());
        }
    }

    #[test]
    fn every_tool_of_ours_is_called_something_in_spanish() {
        let missing = TOOLS.iter().copied().flatten().filter(|tool| (es::TEXTS.tool)(tool.name).is_none());
        let missing = missing.map(|tool| tool.name).collect::<Vec<_>>();
        assert_eq!(missing, Vec::<&str>::new(), "add them to domain/src/tools/names.rs");
    }
}
