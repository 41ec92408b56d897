//! What answers a question without any model? The passage that fits best, word for word; a greeting is greeted back.

use domain::assistant::settings::Settings;
use domain::assistant::{Decision, HandOver, Source, rules};
use domain::language::Language;
use store::assistant::knowledge::Passage;

use super::{grounds, words};

/// A passage with a smaller share of the question's telling words answers nothing.
const ENOUGH: f32 = 0.4;

/// Answers a question from the passages, of which the best comes first.
pub(super) fn answer(question: &str, passages: &[Passage], settings: &Settings, language: Language) -> Decision {
    if grounds::is_greeting(question) {
        let text = greeting(settings, language).to_owned();
        return Decision::Answer { text, sources: Vec::new(), confidence: 1.0 };
    }
    match passages.first().filter(|best| best.rank >= ENOUGH) {
        Some(best) if rules::never_topic(&best.content, settings).is_some() => {
            Decision::HandOver { reason: HandOver::NeverTopic }
        }
        Some(best) => Decision::Answer {
            text: best.content.clone(),
            sources: vec![source(best)],
            confidence: best.rank.clamp(0.0, 1.0),
        },
        None => Decision::HandOver { reason: HandOver::NoKnowledge },
    }
}

/// What was decided, for the trace.
pub(super) fn found(decision: &Decision) -> &'static str {
    match decision {
        Decision::Answer { sources, .. } if sources.is_empty() => "A greeting is greeted back.",
        Decision::Answer { .. } => "The best passage answers.",
        Decision::HandOver { reason } => words::why(*reason),
    }
}

/// How the assistant greets: in the business's words, if it has any.
fn greeting(settings: &Settings, language: Language) -> &str {
    match (settings.greeting.trim(), language) {
        ("", Language::English) => "Hello! How can we help you?",
        ("", Language::Spanish) => "¡Hola! ¿En qué podemos ayudarle?",
        (own, _) => own,
    }
}

/// A passage as the source of an answer. A page is named by its title and its address.
pub(super) fn source(passage: &Passage) -> Source {
    let name = passage.question.as_deref().filter(|question| !question.is_empty()).unwrap_or(&passage.title);
    let title = match &passage.origin {
        Some(address) if address != name => format!("{name} \u{b7} {address}"),
        _ => name.to_owned(),
    };
    Source { knowledge: passage.knowledge, title, passage: passage.content.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(content: &str, rank: f32) -> Passage {
        Passage {
            knowledge: domain::KnowledgeId(uuid::Uuid::nil()),
            title: "Prices".to_owned(),
            origin: None,
            question: None,
            content: content.to_owned(),
            rank,
        }
    }

    #[test]
    fn a_source_is_named_by_what_a_person_finds_it_by() {
        let address = "https://shop.example/hours".to_owned();
        let page = Passage {
            title: "Hours".to_owned(),
            question: None,
            origin: Some(address.clone()),
            ..passage("9 to 5", 1.0)
        };
        assert_eq!(source(&page).title, "Hours \u{b7} https://shop.example/hours");
        assert_eq!(
            source(&Passage { title: address.clone(), ..page.clone() }).title,
            address,
            "a page without a title"
        );
        let question = Passage { question: Some("Open?".to_owned()), origin: None, ..page };
        assert_eq!(source(&question).title, "Open?");
    }

    #[test]
    fn the_best_passage_answers_if_it_fits_and_a_greeting_is_greeted_back() {
        let settings = Settings::default();
        let of = |question: &str, rank| answer(question, &[passage("$120.", rank)], &settings, Language::Spanish);
        assert!(
            matches!(of("price?", ENOUGH), Decision::Answer { text, sources, .. } if text == "$120." && sources.len() == 1)
        );
        assert_eq!(of("price?", ENOUGH - 0.01), Decision::HandOver { reason: HandOver::NoKnowledge });
        assert!(matches!(of("Hola", 0.9), Decision::Answer { text, .. } if text.starts_with("¡Hola!")));
        let reserved = Settings { never: vec!["120".to_owned()], ..Settings::default() };
        let left = answer("price?", &[passage("$120.", 1.0)], &reserved, Language::English);
        assert_eq!(left, Decision::HandOver { reason: HandOver::NeverTopic });
        let none = answer("price?", &[], &settings, Language::English);
        assert_eq!(none, Decision::HandOver { reason: HandOver::NoKnowledge });
    }
}
