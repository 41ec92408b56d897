//! Does an answer rest on what the business said? A model that knows nothing apologizes or invents; both share no words with
//! what it was given.

use std::collections::BTreeSet;

use domain::text;

/// Shorter words stand in every sentence. A number says something at any length.
const SHORTEST: usize = 5;
/// Letters by which two words count as the same, so that "cleaning" rests on "clean".
const STEM: usize = 5;

/// What people say before they ask anything.
const GREETINGS: [&str; 22] = [
    "hi",
    "hello",
    "hey",
    "hiya",
    "howdy",
    "good morning",
    "good afternoon",
    "good evening",
    "good day",
    "hi there",
    "hello there",
    "hola",
    "holi",
    "buenas",
    "buenos dias",
    "buen dia",
    "buenas tardes",
    "buenas noches",
    "hola buenas",
    "hola buenos dias",
    "hola buenas tardes",
    "hola buenas noches",
];

/// What grateful people and those who leave say, and what else stands beside it.
const GRATEFUL: &str = "thank thanks thankyou thx ty tysm appreciate appreciated gracias bye goodbye adios";
const BESIDE: &str = "you so much very a lot all again for the your my it that help info information no nice good have day night \
    evening weekend see soon then and ayuda por la el su tu todo muchas muchisimas mil muy amable igualmente buen buena dia \
    tarde noche luego hasta pronto y de nada s i m is";
/// What people say who agree, and what else stands beside it.
const ASSENT: &str = "ok okay okey k kk oki great perfect perfecto got vale listo excelente excellent genial super awesome amazing \
    cool nice good fine alright noted understood entendido enterado bueno bien dale claro wonderful lovely";
const BESIDE_ASSENT: &str = "it that all very so muy y and sounds";

/// Whether a message only greets.
pub(super) fn is_greeting(message: &str) -> bool {
    GREETINGS.contains(&spoken(message).join(" ").as_str())
}

/// Whether a message only thanks or takes leave, and asks nothing.
pub(super) fn is_thanks(message: &str) -> bool {
    let words = spoken(message);
    let is_one = |word: &String| [GRATEFUL, BESIDE, ASSENT].iter().any(|list| is_in(list, word));
    !asks(message) && words.iter().any(|word| is_in(GRATEFUL, word)) && words.iter().all(is_one)
}

/// Whether a message only agrees, and asks nothing. Emoji alone agree.
pub(super) fn is_assent(message: &str) -> bool {
    let words = spoken(message);
    let is_one = |word: &String| is_in(ASSENT, word) || is_in(BESIDE_ASSENT, word);
    let agrees = words.is_empty() || words.iter().any(|word| is_in(ASSENT, word)) && words.iter().all(is_one);
    !asks(message) && !message.trim().is_empty() && agrees
}

fn asks(message: &str) -> bool {
    message.contains(['?', '¿', '？'])
}

fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == word)
}

/// The words of a message, small and without accents.
fn spoken(message: &str) -> Vec<String> {
    let searchable = text::searchable(message);
    searchable.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// How much of an answer rests on these texts, from 0 to 1: the share of its telling words that they contain. An answer
/// without any, such as "Yes.", is half sure.
pub(super) fn rests<'a>(answer: &str, on: impl IntoIterator<Item = &'a str>) -> f32 {
    let said = words(answer);
    if said.is_empty() {
        return 0.5;
    }
    let known: BTreeSet<String> = on.into_iter().flat_map(words).collect();
    let shared = u16::try_from(said.intersection(&known).count()).unwrap_or(u16::MAX);
    f32::from(shared) / f32::from(u16::try_from(said.len()).unwrap_or(u16::MAX))
}

fn words(of: &str) -> BTreeSet<String> {
    let searchable = text::searchable(of);
    let telling = searchable
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= SHORTEST || word.chars().any(|letter| letter.is_ascii_digit()));
    telling.map(|word| word.chars().take(STEM).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_are_told_from_questions() {
        for greeting in ["Hi", "Hello!", "¡Hola!", "Buenos días", "good   MORNING 👋", "Hola, buenas tardes"] {
            assert!(is_greeting(greeting), "{greeting}");
        }
        for question in ["", "👋", "Hi, are you open?", "Price", "Hola, ¿cuánto cuesta?"] {
            assert!(!is_greeting(question), "{question}");
        }
    }

    #[test]
    fn who_has_what_they_wanted_is_told_from_who_asks_on() {
        for thanks in [
            "Thanks!",
            "Perfect, thank you so much 👍",
            "ok gracias",
            "No, thanks",
            "¡Muchísimas gracias por la ayuda!",
            "Bye",
        ] {
            assert!(is_thanks(thanks) && !is_assent(thanks), "{thanks}");
        }
        for assent in ["ok", "OK, perfect", "got it", "👍", "Listo"] {
            assert!(is_assent(assent) && !is_thanks(assent), "{assent}");
        }
        for other in [
            "",
            " ",
            "Thanks, and the price?",
            "Thanks for nothing",
            "Thanks, are you open",
            "ok?",
            "??",
            "no",
            "no good",
            "Have you got it",
            "yes",
            "Hola",
        ] {
            assert!(!is_thanks(other) && !is_assent(other), "{other}");
        }
    }

    #[test]
    fn what_was_never_said_rests_on_nothing() {
        let known = ["A cleaning costs $120. Parking is free.", "Abrimos a las 9."];
        for (answer, rests_on_it) in [
            ("A cleaning costs $120.", true),
            ("You can CLEAN for 120.", true),
            ("Una limpieza vale 120 dólares.", true),
            ("We open at 9.", true),
            ("Yes.", true),
            ("I'm sorry, but I can't help with that.", false),
            ("Our dentists recommend whitening.", false),
        ] {
            assert_eq!(rests(answer, known) > 0.0, rests_on_it, "{answer}");
        }
        assert!(rests("A cleaning costs $120.", known) > rests("Whitening, like a cleaning, is gentle.", known));
    }
}
