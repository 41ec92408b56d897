//! The texts in English.

use domain::assistant::rehearsal::{CaseState, Mark, RunState, Tally};
use domain::messaging::Sender;

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    try_out: "Test chat",
    try_help: "Ask as a customer would. Nothing is sent to anybody. Each answer uses some of the tokens of the day.",
    question: "Your question",
    tried_settings: "Settings",
    saved: "Saved, not published",
    published: "In use",
    ask: "Ask",
    start_over: "Start over",
    nothing_asked: ("Nothing asked yet", "The answer appears here with what it is taken from, why, and what it cost."),
    you: "You",
    so_far: "Still writing. The whole answer is checked before it counts.",
    tried_with: |published| if published { "With the settings in use" } else { "With the saved settings" },
    chat_is_full: "A test chat has 20 questions. The next question begins a new one.",

    case_state,
    cost_unknown: "cost unknown",
    no_cost: "no cost",

    rehearsals: "Rehearsals",
    rehearsals_help: "See what the saved settings and the knowledge of today would say to what customers asked before. Nothing is sent.",
    new_rehearsal: "New rehearsal",
    choose_help: "Choose up to 20 questions. These are the newest ones that were answered.",
    no_past: (
        "No past question yet",
        "As soon as a customer wrote and got an answer, the question can be rehearsed here.",
    ),
    rehearse: "Rehearse",
    said_then: "Answer",
    done_before: "Rehearsals of the last 30 days",
    none_before: "None yet.",
    rehearsal_of: |day| format!("Rehearsal of {day}"),
    run_state,
    told_started: "The rehearsal runs. Answers appear one after the other; you can leave this page.",
    told_cancelled: "The rehearsal is canceled. What was answered stays.",
    questions: |count| if count == 1 { "1 question".to_owned() } else { format!("{count} questions") },
    progress: |done, all| format!("{done} of {all} asked"),
    pass_mark,
    cancel: "Cancel rehearsal",
    cancel_what: "Questions that were not asked yet are left out. What was answered stays here.",
    publish_title: "Publish",
    publish_what: "These settings are saved and not in use yet. Publish them, and the next answer follows them.",
    is_in_use: "The settings of this rehearsal are in use.",
    changed_since: "The saved settings are not those of this rehearsal any more. Rehearse them before you publish them.",
    rehearse_again: "Rehearse again",
    spent: "Used",
    then,
    now: "Now",
    nothing_said: "Nothing would be said.",
    verdict: "Compared with then",
    mark,
    marks: |[better, same, worse]| format!("{better} better, {same} the same, {worse} worse"),
};

const fn case_state(state: CaseState) -> &'static str {
    match state {
        CaseState::Waiting => "Thinking",
        CaseState::Answered => "Answers",
        CaseState::HandedOver => "Hands over",
        CaseState::Quiet => "Says nothing",
        CaseState::Failed => "Not tried",
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
        (tally.quiet, "left without an answer"),
        (tally.untried, "not tried"),
        (tally.waiting, "not asked yet"),
    ];
    let further = further.into_iter().filter(|(count, _)| *count > 0);
    let further: String = further.map(|(count, what)| format!(", {count} {what}")).collect();
    format!("{} of {} would be answered{further}.", tally.answered, tally.all())
}

const fn then(sender: Option<Sender>) -> &'static str {
    match sender {
        Some(Sender::Assistant) => "The assistant said then",
        Some(Sender::Person | Sender::Echo) => "A person said then",
        _ => "Said then",
    }
}

const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Better => "Better",
        Mark::Same => "Same",
        Mark::Worse => "Worse",
    }
}
