//! Laws of the catalogue: every kind is said in every language, and no mail has a text of its own.

use domain::language::Language;
use domain::notifications::Kind;
use domain::permission::Right;

use super::messages;

/// The source of every mail.
const MAILS: [(&str, &str); 9] = [
    ("access_request.rs", include_str!("../compose/access_request.rs")),
    ("approval.rs", include_str!("../compose/approval.rs")),
    ("invitation.rs", include_str!("../compose/invitation.rs")),
    ("mod.rs", include_str!("../compose/mod.rs")),
    ("notification.rs", include_str!("../compose/notification.rs")),
    ("owner.rs", include_str!("../compose/owner.rs")),
    ("password.rs", include_str!("../compose/password.rs")),
    ("reauth.rs", include_str!("../compose/reauth.rs")),
    ("summary.rs", include_str!("../compose/summary.rs")),
];

#[test]
fn every_event_is_said_and_has_its_button_in_every_language() {
    let (english, spanish) = (messages(Language::English), messages(Language::Spanish));
    for kind in Kind::ALL {
        for language in [english, spanish] {
            assert!((language.event)(kind, "Bay Dental").contains("Bay Dental"), "{kind}");
            assert!(!(language.event_button)(kind).is_empty(), "{kind}");
        }
        assert_ne!((english.event)(kind, "x"), (spanish.event)(kind, "x"), "{kind}");
    }
}

#[test]
fn the_subject_of_several_says_what_the_first_is_about() {
    for (language, subject) in [
        (Language::English, "Bay Dental needs your answer, and 2 more"),
        (Language::Spanish, "Bay Dental necesita su respuesta, y 2 más"),
    ] {
        let texts = messages(language);
        let first = (texts.event)(Kind::JobNeedsInput, "Bay Dental");
        let said = (texts.several)(&first, 2);
        assert!(said.starts_with(&first) && said.chars().count() <= 60, "{said}");
        assert!(said.ends_with(subject.rsplit_once(", ").unwrap().1), "{said}");
    }
}

#[test]
fn the_subject_of_a_summary_says_what_the_first_is_about() {
    for (language, one, several) in [
        (Language::English, "Daily summary: Bay Dental is set up", "Daily summary: Bay Dental is set up, and 59 more"),
        (
            Language::Spanish,
            "Resumen diario: Bay Dental está configurado",
            "Resumen diario: Bay Dental está configurado, y 59 más",
        ),
    ] {
        let texts = messages(language);
        let first = (texts.event)(Kind::JobFinished, "Bay Dental");
        assert_eq!((texts.summary)(&first, 0), one);
        assert_eq!((texts.summary)(&first, 59), several);
    }
}

#[test]
fn every_right_is_said_in_the_language_of_the_reader() {
    for right in Right::ALL {
        let [english, spanish] = Language::ALL.map(|language| (messages(language).right)(right));
        assert_eq!(english, right.words());
        assert_ne!(english, spanish, "mails/messages/rights.rs lacks {}", right.key());
    }
}

#[test]
fn one_minute_is_no_plural() {
    assert_eq!((messages(Language::English).minutes)(1), "1 minute");
    assert_eq!((messages(Language::Spanish).minutes)(1), "1 minuto");
}

#[test]
fn no_mail_has_a_text_of_its_own() {
    for (file, source) in MAILS {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let texts: Vec<&str> = literals.filter(|text| text.starts_with(char::is_uppercase)).collect();
        assert_eq!(texts, Vec::<&str>::new(), "{file}: put it into mails/messages/");
    }
}

#[test]
fn every_mail_is_read_by_the_test_above() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mails/compose");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(MAILS.iter().any(|(file, _)| *file == name), "{name} is missing in MAILS");
    }
}
