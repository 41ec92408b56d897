//! What do people read of a hand-over? A private note in the conversation: why, and what the customer wants.

use domain::assistant::HandOver;
use domain::language::Language;

/// The most characters of the customer's words in a note.
const QUOTED: usize = 300;

/// Why the assistant handed over, as a sentence.
pub(super) const fn why(reason: HandOver) -> &'static str {
    match reason {
        HandOver::AskedForPerson => "The customer asked for a person.",
        HandOver::NoKnowledge => "Nothing in the knowledge answers the question.",
        HandOver::NeverTopic => "It is about a topic that only people handle.",
        HandOver::Angry => "The customer is upset.",
        HandOver::TooManyReplies => "The assistant answered as often as it may.",
        HandOver::Budget => "The assistant's tokens of today are used up.",
        HandOver::ProviderDown => "The assistant could not write an answer.",
        HandOver::Blocked => "The answer that was written was not fit to be sent.",
        HandOver::ModelAsked => "The assistant was not sure and asks for a person.",
        HandOver::OutsideWindow => "The time in which the customer may be answered is over.",
    }
}

/// Why nothing is answered to thanks.
pub(super) const NOTHING_ASKED: &str = "Nothing was asked.";

/// The note about a draft that is missing because the tokens of the day are used up.
pub(super) const NO_DRAFT: &str = "There is no draft: the assistant's tokens of today are used up. Please answer yourself. Tomorrow there are drafts again.";

/// The note about a customer who wants no automatic messages.
pub(super) const OPTED_OUT: &str = "The customer wants no automatic messages. The assistant says nothing more here.";

/// What a customer hears, once, who wants no automatic messages.
pub(super) const fn opted_out(language: Language) -> &'static str {
    match language {
        Language::English => "You will get no more automatic messages here. If you write to us, a person answers.",
        Language::Spanish => "Ya no recibirá mensajes automáticos aquí. Si nos escribe, le responderá una persona.",
    }
}

/// What a customer hears who wants automatic messages again.
pub(super) const fn opted_in(language: Language) -> &'static str {
    match language {
        Language::English => "You will get automatic messages here. If you want no more of them, write STOP.",
        Language::Spanish => "Recibirá mensajes automáticos aquí. Si no los quiere más, escriba BAJA.",
    }
}

/// The first line of each note for the people who take over.
pub(super) fn handed_over(reason: HandOver) -> String {
    format!("Handed over to you. {}", why(reason))
}

/// The note for the people who take over.
pub(super) fn note(reason: HandOver, question: &str, answered: i64) -> String {
    let mut words: String = question.trim().chars().take(QUOTED).collect();
    if words.len() < question.trim().len() {
        words.push('…');
    }
    let asked =
        if words.is_empty() { "The customer sent no text.".to_owned() } else { format!("Last message: “{words}”") };
    let before = match answered {
        0 => String::new(),
        1 => "\nThe assistant has answered once here.".to_owned(),
        many => format!("\nThe assistant has answered {many} times here."),
    };
    format!("{}\n{asked}{before}", handed_over(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_a_sentence_and_a_note_stays_short() {
        for reason in HandOver::ALL {
            assert!(why(*reason).ends_with('.') && !why(*reason).contains('_'), "{reason:?}");
            let note = note(*reason, &"word ".repeat(500), 3);
            assert!(note.contains(why(*reason)) && note.contains('…') && note.chars().count() < 600);
        }
        assert!(note(HandOver::Angry, "  ", 0).contains("no text"));
    }
}
