//! The texts in English.

use domain::assistant::rehearsal::{CaseState, Mark, RunState, Tally};
use domain::messaging::Sender;

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    try_out: "Test chat",
    try_help: "Ask as a customer would. Nothing is sent to anyone. Each answer counts toward the day's AI budget.",
    question: "Your question",
    tried_settings: "Settings",
    saved: "Saved, not published",
    published: "In use",
    ask: "Ask",
    start_over: "Start over",
    nothing_asked: ("Nothing asked yet", "The answer appears here, with its source, the reasons and the cost."),
    you: "You",
    so_far: "Still writing. The full answer is checked before it counts.",
    tried_with: |published| if published { "With the published settings" } else { "With the saved settings" },
    chat_is_full: "A test chat has up to 20 questions. The next question starts a new one.",

    case_state,
    cost_unknown: "cost unknown",
    no_cost: "no cost",

    rehearsals: "Rehearsals",
    rehearsals_help: "See how your saved settings and current knowledge would answer past customer questions. Nothing is sent.",
    new_rehearsal: "New rehearsal",
    choose_help: "Choose up to 20 questions. These are the latest ones that got an answer.",
    no_past: ("No past questions yet", "Once a customer asks something and gets an answer, you can rehearse it here."),
    rehearse: "Rehearse",
    said_then: "Answer",
    done_before: "Past 30 days",
    none_before: "None yet.",
    rehearsal_of: |day| format!("Rehearsal of {day}"),
    run_state,
    told_started: "Rehearsal started. Answers appear one by one, and you can leave this page.",
    told_cancelled: "Rehearsal canceled. The answers so far are kept.",
    questions: |count| if count == 1 { "1 question".to_owned() } else { format!("{count} questions") },
    progress: |done, all| format!("{done} of {all} asked"),
    pass_mark,
    cancel: "Cancel rehearsal",
    cancel_what: "The remaining questions won't be asked. The answers so far are kept.",
    publish_title: "Publish",
    publish_what: "These settings are saved but not live yet. Publish them to use them from the next answer on.",
    is_in_use: "These settings are live.",
    changed_since: "Your saved settings have changed since this rehearsal. Rehearse again before you publish.",
    rehearse_again: "Rehearse again",
    spent: "Used",
    then,
    now: "Now",
    nothing_said: "No answer.",
    verdict: "Compared to then",
    mark,
    marks: |[better, same, worse]| format!("{better} better, {same} the same, {worse} worse"),
};

const fn case_state(state: CaseState) -> &'static str {
    match state {
        CaseState::Waiting => "Thinking",
        CaseState::Answered => "Answers",
        CaseState::HandedOver => "Hands over",
        CaseState::Quiet => "Says nothing",
        CaseState::Failed => "Not tested",
        CaseState::Cancelled => "Canceled",
    }
}

const fn run_state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "Running",
        RunState::Done => "Done",
        RunState::Cancelled => "Canceled",
    }
}

fn pass_mark(tally: &Tally) -> String {
    let further = [
        (tally.handed_over, "handed over"),
        (tally.quiet, "not answered"),
        (tally.untried, "not tested"),
        (tally.waiting, "not asked yet"),
    ];
    let further = further.into_iter().filter(|(count, _)| *count > 0);
    let further: String = further.map(|(count, what)| format!(", {count} {what}")).collect();
    format!("{} of {} would be answered{further}.", tally.answered, tally.all())
}

const fn then(sender: Option<Sender>) -> &'static str {
    match sender {
        Some(Sender::Assistant) => "The assistant's answer then",
        Some(Sender::Person | Sender::Echo) => "A person's answer then",
        _ => "Answer then",
    }
}

const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Better => "Better",
        Mark::Same => "Same",
        Mark::Worse => "Worse",
    }
}
