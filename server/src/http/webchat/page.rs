//! The page in the frame of a web chat: a button, and a dialog with the conversation and a form. The script fills it.

use domain::brand::Shades;
use domain::language::Language;
use domain::web_chat::LONGEST_MESSAGE;
use kit::escape::escaped;
use store::webchat::Place;

use super::texts::{Texts, texts};

/// A text as the value of an attribute in double quotes.
fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}

/// The page of a web chat, in the colours of its agency.
pub(super) fn html(place: &Place, shades: Shades, language: Language) -> String {
    let words = texts(language);
    let greeting = if place.greeting.is_empty() { words.greeting } else { &place.greeting };
    let (name, greeting) = (escaped(&place.name), escaped(greeting));
    let (light, dark) = (shades.light, shades.dark);
    let (lang, log, open, close) = (language.key(), words.log, words.open, words.close);
    let (said, form) = (said(words, &place.name), form(words));
    format!(
        r##"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{name}</title>
<link rel="stylesheet" href="/chat/frame.css">
<script src="/chat/frame.js" defer></script>
</head>
<body data-light="{}" data-on-light="{}" data-dark="{}" data-on-dark="{}"{said}>
<button id="open" type="button" aria-expanded="false" aria-controls="chat" aria-label="{open}"><svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true"><path fill="currentColor" d="M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></svg><span id="count" aria-hidden="true" hidden></span></button>
<section id="chat" role="dialog" aria-labelledby="title" hidden>
<header><h1 id="title">{name}</h1><button id="close" type="button" aria-label="{close}"><svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="2" d="M5 5l14 14M19 5L5 19"/></svg></button></header>
<div id="scroll" tabindex="0" role="log" aria-live="polite" aria-label="{log}"><p id="greeting">{greeting}</p><ol id="log"></ol></div>
<p id="state" role="status"></p>
{form}
</section>
</body>
</html>
"##,
        light.fill, light.text, dark.fill, dark.text
    )
}

/// What the script says by itself.
fn said(words: &Texts, business: &str) -> String {
    let texts = [
        ("open", words.open),
        ("unread", words.unread),
        ("you", words.you),
        ("business", business),
        ("assistant", words.assistant),
        ("sending", words.sending),
        ("failed", words.failed),
        ("offline", words.offline),
        ("wait", words.wait),
    ];
    texts.map(|(name, text)| format!(" data-{name}=\"{}\"", attribute(text))).concat()
}

/// The form of a message.
fn form(words: &Texts) -> String {
    let Texts { who, name, email, message, send, .. } = words;
    format!(
        r#"<form id="form" novalidate>
<details id="who"><summary>{who}</summary><label for="name">{name}</label><input id="name" autocomplete="name" maxlength="120"><label for="email">{email}</label><input id="email" type="email" autocomplete="email" maxlength="254"></details>
<label for="text">{message}</label>
<div id="write"><textarea id="text" rows="2" maxlength="{LONGEST_MESSAGE}" required></textarea><button id="send" type="submit">{send}</button></div>
</form>"#
    )
}
