//! What do the rules say of a customer's messages, before anybody writes an answer?

use domain::assistant::settings::Settings;
use domain::assistant::{HandOver, rules};
use domain::messaging::AiMode;

use super::{grounds, words};

/// How much the assistant has said and spent, and how it ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    /// Automatic answers in the conversation since a person last spoke there for the business.
    pub in_a_row: i64,
    /// Automatic answers in the conversation within the last hour.
    pub last_hour: i64,
    /// Answers in the conversation within the last hour that a model was paid for, drafts among them.
    pub paid: i64,
    /// Tokens that the business spent today.
    pub tokens: i64,
    /// Tokens that it may spend in a day; `None` if no model is asked.
    pub allowed: Option<i64>,
    /// Whether the last words of the business were a question.
    pub was_asked: bool,
}

/// What the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// An answer may be written.
    Write,
    /// A program answered the assistant: nothing is answered, so that two of them do not talk for ever.
    Ignore,
    /// The customer has what they wanted and asks nothing.
    Rest,
    /// The customer wants no automatic messages.
    OptOut,
    /// The customer wants them again, and says nothing else.
    OptIn,
    /// People take over.
    HandOver(HandOver),
}

impl Ruling {
    /// What it means, as a sentence.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Write => "Nothing speaks against an answer.",
            Self::Ignore => "A program wrote.",
            Self::Rest => words::NOTHING_ASKED,
            Self::OptOut => "The customer wants no automatic messages.",
            Self::OptIn => "The customer wants automatic messages again.",
            Self::HandOver(reason) => words::why(reason),
        }
    }
}

/// Judges the messages that wait for an answer. `costs` says whether an answer spends tokens.
pub(super) fn judge(messages: &[&str], settings: &Settings, mode: AiMode, counted: &Counted, costs: bool) -> Ruling {
    let said: Vec<&str> = messages.iter().copied().filter(|text| !text.trim().is_empty()).collect();
    let all = said.join("\n");
    // The last word about it counts.
    match said.iter().rev().find(|text| rules::opts_out(text) || rules::opts_in(text)) {
        Some(text) if rules::opts_out(text) => return Ruling::OptOut,
        Some(_) if said.iter().all(|text| rules::opts_out(text) || rules::opts_in(text)) => return Ruling::OptIn,
        _ => {}
    }
    let reason = if said.iter().any(|text| rules::asks_for_person(text, settings)) {
        HandOver::AskedForPerson
    } else if rules::never_topic(&all, settings).is_some() {
        HandOver::NeverTopic
    } else if said.iter().any(|text| rules::is_angry(text)) {
        HandOver::Angry
    } else if said.is_empty() {
        // A picture or a voice message: nobody here reads it.
        HandOver::NoKnowledge
    } else if is_echo_of_ours(&said, mode, counted) {
        return Ruling::Ignore;
    } else if said.iter().all(|text| grounds::is_thanks(text) || !counted.was_asked && grounds::is_assent(text)) {
        return Ruling::Rest;
    } else if mode == AiMode::Auto && is_used_up(settings, counted)
        || costs && counted.paid >= i64::from(settings.per_hour)
    {
        HandOver::TooManyReplies
    } else if costs && is_spent(settings, counted) {
        HandOver::Budget
    } else {
        return Ruling::Write;
    };
    Ruling::HandOver(reason)
}

/// Whether a program seems to answer what the assistant sent. Only then two of them may talk for ever, and only what asks
/// nothing is passed over: a person may write the same words.
fn is_echo_of_ours(said: &[&str], mode: AiMode, counted: &Counted) -> bool {
    let is_plain = |text: &&str| rules::is_auto_reply(text) && !text.contains(['?', '¿']);
    mode == AiMode::Auto && counted.last_hour > 0 && said.iter().all(is_plain)
}

fn is_used_up(settings: &Settings, counted: &Counted) -> bool {
    counted.in_a_row >= i64::from(settings.max_replies) || counted.last_hour >= i64::from(settings.per_hour)
}

/// Whether the tokens of the day are used up, by what the business said or by what its agency lets it spend.
fn is_spent(settings: &Settings, counted: &Counted) -> bool {
    let own = Some(i64::from(settings.daily_tokens)).filter(|own| *own > 0);
    own.into_iter().chain(counted.allowed).any(|limit| counted.tokens >= limit)
}

#[cfg(test)]
mod tests {
    use super::Ruling::{HandOver as Over, Ignore, OptIn, OptOut, Rest, Write};
    use super::*;

    fn of(messages: &[&str], mode: AiMode, counted: Counted) -> Ruling {
        let settings = Settings { never: vec!["refund".to_owned()], daily_tokens: 1000, ..Settings::default() };
        judge(messages, &settings, mode, &counted, true)
    }

    #[test]
    fn each_message_has_one_ruling_and_the_strictest_of_several_decides() {
        let table: [(&[&str], Ruling); 18] = [
            (&["When are you open?"], Write),
            (&["I want to talk to a person"], Over(HandOver::AskedForPerson)),
            (&["Hi", "I want a refund"], Over(HandOver::NeverTopic)),
            (&["THIS IS UNACCEPTABLE!!"], Over(HandOver::Angry)),
            (&["When are you open?", "STOP"], OptOut),
            (&["STOP", "When are you open?"], OptOut),
            (&["START", "STOP"], OptOut),
            (&["STOP", "START"], OptIn),
            (&["Alta"], OptIn),
            (&["STOP", "START", "When are you open?"], Write),
            (&["Automatic reply: I am out of office", "When are you open?"], Write),
            (&["I only get an automated response, let me speak to a person"], Over(HandOver::AskedForPerson)),
            (&["Thanks for contacting me. How much is a cleaning?"], Write),
            (&["Thank you!"], Rest),
            (&["Gracias 👍", "Listo"], Rest),
            (&["Thanks", "When are you open?"], Write),
            (&["", "  "], Over(HandOver::NoKnowledge)),
            (&[], Over(HandOver::NoKnowledge)),
        ];
        for mode in [AiMode::Draft, AiMode::Auto] {
            for (messages, expected) in table {
                assert_eq!(of(messages, mode, Counted::default()), expected, "{messages:?} {mode:?}");
            }
        }
    }

    #[test]
    fn only_a_program_that_answers_the_assistant_is_passed_over() {
        let away = "Automatic reply: I am out of office until Monday.";
        let once = Counted { last_hour: 1, ..Counted::default() };
        for (text, mode, counted, expected) in [
            (away, AiMode::Auto, once, Ignore),
            (away, AiMode::Auto, Counted::default(), Write),
            (away, AiMode::Draft, once, Write),
            ("Thanks for contacting me. How much is a cleaning?", AiMode::Auto, once, Write),
            ("This automated response is a scam", AiMode::Auto, once, Over(HandOver::Angry)),
            ("Another automated message? No refund?", AiMode::Auto, once, Over(HandOver::NeverTopic)),
        ] {
            assert_eq!(of(&[text], mode, counted), expected, "{text} {mode:?} {counted:?}");
        }
    }

    #[test]
    fn whoever_answered_often_enough_stops_unless_a_person_reads_each_draft() {
        for counted in [Counted { in_a_row: 10, ..Counted::default() }, Counted { last_hour: 20, ..Counted::default() }]
        {
            assert_eq!(of(&["Price?"], AiMode::Auto, counted), Over(HandOver::TooManyReplies));
            assert_eq!(of(&["Price?"], AiMode::Draft, counted), Write);
        }
        let asked = Counted { was_asked: true, ..Counted::default() };
        assert_eq!(of(&["Ok"], AiMode::Draft, Counted::default()), Rest);
        assert_eq!(of(&["Ok"], AiMode::Draft, asked), Write, "it says yes");
        assert_eq!(of(&["No, thanks"], AiMode::Draft, asked), Rest);
        // One customer does not use up the tokens of all.
        let paid = Counted { paid: 20, ..Counted::default() };
        for mode in [AiMode::Draft, AiMode::Auto] {
            assert_eq!(of(&["Price?"], mode, paid), Over(HandOver::TooManyReplies));
            assert_eq!(judge(&["Price?"], &Settings::default(), mode, &paid, false), Write);
        }
        let spent = Counted { tokens: 1000, ..Counted::default() };
        assert_eq!(of(&["Price?"], AiMode::Draft, spent), Over(HandOver::Budget));
        let free = judge(&["Price?"], &Settings { daily_tokens: 0, ..Settings::default() }, AiMode::Auto, &spent, true);
        assert_eq!(free, Write);
        let allowed = |tokens, allowed| {
            let counted = Counted { tokens, allowed: Some(allowed), ..Counted::default() };
            judge(&["Price?"], &Settings { daily_tokens: 0, ..Settings::default() }, AiMode::Auto, &counted, true)
        };
        assert_eq!((allowed(999, 1000), allowed(1000, 1000)), (Write, Over(HandOver::Budget)));
        assert_eq!(allowed(0, 0), Over(HandOver::Budget), "an agency that allows none");
    }
}
