//! Which words of a question are looked for? Those that say what it is about, without the words that every question has and
//! without the endings that differ from one sentence to the next.

use crate::text;

/// Number of words that are looked for.
const MOST: usize = 16;
/// Letters of a word that are looked for: "appointments" finds "appointment", "horarios" finds "horario".
const LONGEST: usize = 6;
/// A word is not made shorter than this.
const SHORTEST: usize = 3;

/// Words of English and Spanish that say nothing about a question.
const COMMON: &str = "a able about all also am an and any anyone are as at be been but by can could d did do does doing don for \
    from get give go going got had has have having he hello help her here hey hi his how i if in into is isn it its just know \
    let like ll looking m may me might more much my need no not now of off on one or our out please s say she should so some \
    something t tell than thank thanks that the their them then there these they this those to too up us ve very want was we \
    were what when where whether which who why will with would yes you your \
    al algo alguien aqui asi buen buenas bueno buenos como con cual cuales cuando cuanta cuantas cuanto cuantos da dan de del \
    desde dia dias donde dos e el ella ellos en entre era es esa ese eso esta estan este esto estoy favor fue gracias gustaria \
    ha hacer han hasta hay hola la las le les lo los mas me mi mis muy nada necesito ni no noches nos nosotros o os para pero \
    por porque puede pueden puedo que quien quienes quiero quisiera saber se ser si sin sobre son soy su sus tal tambien tardes te tener tengo \
    ti tiene tienen tu tus u un una unas uno unos usted ustedes va y ya yo";

/// Endings that are taken off, the longest first.
const ENDINGS: [&str; 6] = ["ings", "ing", "es", "ed", "s", "e"];

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word, small and without accents.
    pub word: String,
    /// Its beginning, which is the same in other forms of the word.
    pub beginning: String,
}

/// The words that are looked for, each once, in their order. Empty if the question says nothing.
#[must_use]
pub fn terms(question: &str) -> Vec<Term> {
    let plain = text::searchable(question);
    let mut terms: Vec<Term> = Vec::new();
    for word in plain.split(|letter: char| !letter.is_alphanumeric()) {
        if !is_telling(word) {
            continue;
        }
        let word: String = word.chars().take(LONGEST * 4).collect();
        let beginning = beginning(&word);
        if terms.iter().all(|known| known.beginning != beginning) {
            terms.push(Term { word, beginning });
        }
        if terms.len() == MOST {
            break;
        }
    }
    terms
}

/// Whether a word says something: a number, or a word of more than one letter that is not in every question.
fn is_telling(word: &str) -> bool {
    let is_long = word.chars().count() > 1 || word.chars().any(char::is_numeric);
    is_long && !COMMON.split_ascii_whitespace().any(|common| common == word)
}

/// The beginning of a word, without its ending. A number stays whole.
fn beginning(word: &str) -> String {
    if word.chars().any(char::is_numeric) {
        return word.to_owned();
    }
    let length = |text: &str| text.chars().count();
    let bare = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|bare| length(bare) > SHORTEST));
    bare.unwrap_or(word).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_question_is_about_is_left() {
        for (question, expected) in [
            ("When are you open?", vec!["open"]),
            ("What are your opening hours?", vec!["open", "hour"]),
            ("How much does a cleaning cost?", vec!["clean", "cost"]),
            ("¿Cuánto cuesta la limpieza?", vec!["cuesta", "limpie"]),
            ("¿Cuáles son sus horarios?", vec!["horari"]),
            ("Do you have parking, PARKING or any parking?", vec!["park"]),
            ("Prices for 2 people", vec!["pric", "2", "peopl"]),
            ("hi, how are you", vec![]),
            ("", vec![]),
        ] {
            let found: Vec<_> = terms(question).into_iter().map(|term| term.beginning).collect();
            assert_eq!(found, expected, "{question}");
        }
    }

    #[test]
    fn hostile_questions_are_cut_to_a_few_plain_words() {
        for question in [
            "'; drop table knowledge; --".to_owned(),
            "a & b | !c <-> d:* \\ '".to_owned(),
            (0..500).map(|number| format!("word{number} ")).collect(),
            "x".repeat(65_536),
            "👍\0\u{202e}".to_owned(),
        ] {
            let terms = terms(&question);
            assert!(terms.len() <= MOST, "{question}");
            for Term { word, beginning } in terms {
                assert!(word.chars().all(char::is_alphanumeric) && word.chars().count() <= LONGEST * 4, "{word}");
                assert!(word.starts_with(&beginning) && !beginning.is_empty(), "{word}: {beginning}");
            }
        }
    }
}
