//! Answers a question from the passages that a prompt gives, by the words they share: the least that a real model does, and the
//! same each time.

use std::collections::BTreeSet;

/// Words of a passage that are repeated in an answer at most.
const SENTENCES: usize = 2;
/// Letters by which two words count as the same, so that "cleaning" answers "clean".
const STEM: usize = 5;

const COMMON: &str = "a about an and any are at be can could did do does for from get give had has have hello help her here hey hi his \
    how i if in into is it its just let like me much my need of on one or our out please so some tell than thank thanks that the their \
    them then there these they this those to up us want was we were what when where which who why will with would you your";
const PEOPLE: &[&str] =
    &["human", "person", "agent", "manager", "somebody", "someone", "complaint", "refund", "lawyer", "representative"];

/// A piece of knowledge in a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Name by which the prompt refers to it; empty without one.
    pub id: String,
    /// Text.
    pub text: String,
}

/// What the passages say about a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The sentences that share most words with the question, in the order of the passage.
    pub text: String,
    /// Name of the passage.
    pub id: String,
}

/// The answer to a question. `None` if no passage shares enough words with it.
pub fn find(passages: &[Passage], question: &str) -> Option<Found> {
    let asked = words(question);
    let enough = asked.len().div_ceil(3).max(1);
    let shared = |text: &str| words(text).intersection(&asked).count();
    // The first of several equally good passages wins: retrieval puts the best first.
    let best = passages.iter().rev().max_by_key(|passage| shared(&passage.text))?;
    if shared(&best.text) < enough {
        return None;
    }
    let sentences = sentences(&best.text);
    let mut ranked: Vec<usize> = (0..sentences.len()).filter(|at| shared(sentences[*at]) > 0).collect();
    ranked.sort_by_key(|at| std::cmp::Reverse(shared(sentences[*at])));
    ranked.truncate(SENTENCES);
    ranked.sort_unstable();
    let chosen: Vec<&str> = ranked.into_iter().map(|at| sentences[at]).collect();
    Some(Found { text: chosen.join(" "), id: best.id.clone() })
}

/// True if the customer asks for a person, or for what only a person may settle.
pub fn asks_for_a_person(question: &str) -> bool {
    let lower = question.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| PEOPLE.contains(&word))
}

/// The passages of a prompt: what stands between `<passage>`, `<source>` or `<document>` tags, else the paragraphs that begin
/// with a name in square brackets, else every paragraph.
pub fn read(prompt: &str) -> Vec<Passage> {
    let tagged: Vec<Passage> = ["passage", "source", "document"].iter().flat_map(|tag| between(prompt, tag)).collect();
    if !tagged.is_empty() {
        return tagged;
    }
    let paragraphs = prompt.split("\n\n").flat_map(named).collect::<Vec<_>>();
    if paragraphs.iter().any(|passage| !passage.id.is_empty()) {
        return paragraphs.into_iter().filter(|passage| !passage.id.is_empty()).collect();
    }
    paragraphs
}

fn between(prompt: &str, tag: &str) -> Vec<Passage> {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut found = Vec::new();
    let mut rest = prompt;
    while let Some((_, from)) = rest.split_once(open.as_str()) {
        let Some((head, body)) = from.split_once('>') else { break };
        let (text, after) = body.split_once(close.as_str()).unwrap_or((body, ""));
        let id = head.split_once('"').and_then(|(_, id)| id.split_once('"')).map_or("", |(id, _)| id);
        if head.is_empty() || head.starts_with(char::is_whitespace) {
            found.push(Passage { id: id.into(), text: text.trim().into() });
        }
        rest = after;
    }
    found
}

/// The passages of one paragraph: each line that begins with `[name]` begins another.
fn named(paragraph: &str) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let name = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        match (name, found.last_mut()) {
            (Some((id, text)), _) => found.push(Passage { id: id.trim().into(), text: text.trim().into() }),
            (None, Some(last)) => {
                last.text.push(' ');
                last.text.push_str(line);
            }
            (None, None) => found.push(Passage { id: String::new(), text: line.into() }),
        }
    }
    found
}

fn words(text: &str) -> BTreeSet<String> {
    let common: BTreeSet<&str> = COMMON.split_whitespace().collect();
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !common.contains(word))
        .map(|word| word.chars().take(STEM).collect())
        .collect()
}

fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['.', '!', '?', '\n']).map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &str = "You answer for Bright Dental. Never invent prices.\n\n<passage id=\"p1\">We open at 9. A cleaning costs $120. \
        Parking is free.</passage>\n<passage id=\"p2\">Whitening takes an hour.</passage>";

    #[test]
    fn an_answer_repeats_the_sentences_that_share_words_with_the_question() {
        let passages = read(PROMPT);
        assert_eq!(passages.len(), 2);
        for (question, id, text) in [
            ("How much is a clean?", "p1", "A cleaning costs $120."),
            ("how long does WHITENING take", "p2", "Whitening takes an hour."),
            ("Is there parking?", "p1", "Parking is free."),
        ] {
            let found = find(&passages, question).unwrap_or_else(|| panic!("{question}"));
            assert_eq!((found.id.as_str(), found.text.as_str()), (id, text), "{question}");
        }
        assert_eq!(find(&passages, "Do you repair bicycles?"), None);
        assert_eq!(find(&[], "Anything?"), None);
    }

    #[test]
    fn passages_are_found_in_every_usual_form() {
        for (prompt, count) in [
            ("[1] One.\n[2] Two.", 2),
            ("Rules first.\n\n[faq-7] One.\nGoes on.", 1),
            ("Plain.\n\nText.", 2),
            ("<document>a</document><source id=\"x\">b</source>", 2),
            ("<passages>not one", 1),
            ("", 0),
        ] {
            assert_eq!(read(prompt).len(), count, "{prompt}");
        }
    }

    #[test]
    fn a_wish_for_a_person_is_heard() {
        assert!(asks_for_a_person("Can I talk to a HUMAN?") && asks_for_a_person("I want a refund."));
        assert!(!asks_for_a_person("When are you open?"));
    }
}
