//! Do the rules know what people write, and leave everything else alone?

use super::*;

fn settings(never: &[&str], hand_over: &[&str]) -> Settings {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Settings { never: owned(never), hand_over_words: owned(hand_over), ..Settings::default() }
}

#[test]
fn a_person_is_asked_for_in_two_languages_and_in_the_words_of_the_business() {
    let plain = Settings::default();
    for text in [
        "I want to speak to a person",
        "Can I TALK TO SOMEONE please?",
        "human",
        "Agent!",
        "agent please",
        "let me talk to a real human, not a bot",
        "¿Puedo hablar con una persona?",
        "Quiero hablar con el dueño",
        "una persona real por favor",
        "Asesor",
    ] {
        assert!(asks_for_person(text, &plain), "{text}");
    }
    for text in [
        "",
        "How much is it per person?",
        "How many people work there, and is the agent of my insurance one of them?",
        "¿Cuánto cuesta por persona la limpieza?",
        "Do you have a humane shelter?",
    ] {
        assert!(!asks_for_person(text, &plain), "{text}");
    }
    let own = settings(&[], &["Dr. Núñez", " "]);
    assert!(asks_for_person("is dr nunez there", &own));
    assert!(!asks_for_person("is the doctor there", &own), "an empty phrase is in no text");
}

#[test]
fn only_a_whole_message_opts_out() {
    for text in ["STOP", " stop. ", "Stop!", "BAJA", "baja", "Unsubscribe", "Darme de baja", "No me escriban más"] {
        assert!(opts_out(text), "{text}");
    }
    for text in ["", "Is there a bus stop near you?", "don't stop", "Tengo la presión baja", "start", "Cancel my visit"]
    {
        assert!(!opts_out(text), "{text}");
    }
}

#[test]
fn only_a_whole_message_opts_in_and_none_does_both() {
    for text in ["START", " Start! ", "unstop", "ALTA", "Darme de alta", "Suscribirme", "Opt-in"] {
        assert!(opts_in(text), "{text}");
    }
    for text in ["", "When do you start?", "stop", "baja", "La presión alta", "Subscribe to what?", "no me escriban"] {
        assert!(!opts_in(text), "{text}");
    }
    assert!(words::OPT_IN.iter().all(|word| !opts_out(word)) && words::OPT_OUT.iter().all(|word| !opts_in(word)));
}

#[test]
fn what_a_program_wrote_is_told_from_what_a_person_wrote() {
    for text in [
        "Automatic reply: I am out of office until Monday.",
        "Thank you for contacting Luna Yoga! We will get back to you.",
        "Gracias por comunicarte con Clínica Sol.",
        "Este es un mensaje automático",
    ] {
        assert!(is_auto_reply(text), "{text}");
    }
    for text in ["Thank you!", "Can you contact me?", "Gracias por la respuesta", "What are your office hours?"] {
        assert!(!is_auto_reply(text), "{text}");
    }
}

#[test]
fn a_topic_that_only_people_handle_is_found_with_any_ending() {
    let settings = settings(&["Refunds", "medical advice", "Diagnósticos", "the", "price", "flor"], &[]);
    for (text, topic) in [
        ("I want a refund", Some("Refunds")),
        ("are REFUNDS possible", Some("Refunds")),
        ("Could you advise, I need medical advice", Some("medical advice")),
        ("advice of a medical kind", Some("medical advice")),
        ("what is the PRICES list", Some("price")),
        ("flores", Some("flor")),
        ("quiero un diagnostico", Some("Diagnósticos")),
        ("When are you open?", None),
        ("I need advice on parking", None),
        ("the", None),
    ] {
        assert_eq!(never_topic(text, &settings), topic, "{text}");
    }
    assert_eq!(never_topic("anything", &Settings::default()), None);
}

#[test]
fn anger_is_heard_in_what_is_said_and_how() {
    for text in [
        "This is unacceptable.",
        "WHERE IS MY ORDER!!",
        "I will take legal action",
        "Pésimo servicio",
        "Estoy harta de esperar",
    ] {
        assert!(is_angry(text), "{text}");
    }
    for text in ["OK!!", "Thanks!!!", "I AM AT THE DOOR", "My tooth hurts", "¿A qué hora abren?", "NASA"] {
        assert!(!is_angry(text), "{text}");
    }
}

#[test]
fn every_phrase_is_written_in_the_form_in_which_it_is_compared() {
    let lists = [
        words::PERSON,
        words::PERSON_ALONE,
        words::OPT_OUT,
        words::OPT_IN,
        words::AUTO_REPLY,
        words::ANGRY,
        words::COMMON,
    ]
    .concat();
    for phrase in lists {
        assert_eq!(words(phrase).join(" "), phrase);
    }
}

#[test]
fn hostile_texts_are_read_without_harm() {
    let settings = settings(&["\u{202e}", "refund"], &["\u{200b}"]);
    for text in ["\0", "\u{202e}", "a\u{301}".repeat(2000).as_str(), "👨‍👩‍👧‍👦".repeat(500).as_str(), &"x".repeat(65_536)]
    {
        let found = (
            asks_for_person(text, &settings),
            opts_out(text) || opts_in(text),
            is_auto_reply(text),
            never_topic(text, &settings).is_some(),
            is_angry(text),
        );
        assert_eq!(found, (false, false, false, false, false));
    }
}
