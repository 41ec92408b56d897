//! Cleans text that somebody typed or pasted: removes what nobody can see, normalizes the spelling, and counts
//! characters as people count them. Every text field of the product and every comparison of two texts uses this
//! module; no field has a rule of its own.
//!
//! Invisible characters are kept only where they change what a reader sees: joiners inside words of scripts that
//! need them, variation selectors that choose between emoji and text or between variants of an ideograph, and
//! direction marks beside right-to-left letters (Unicode UAX #9, UAX #31 section 2.3, UTS #51, UTS #37). All other
//! default ignorable code points are removed, including embeddings, overrides and isolates of direction, because
//! they make a text look like another one. Every white space becomes a plain one.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A character that people count as one may consist of several code points (a letter with an accent, a family
/// emoji). A text with more than this many code points per character on average was made to break a layout.
const POINTS_A_SIGN: usize = 4;

/// What is wrong with a cleaned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// No visible character is left.
    Empty,
    /// The text has more than this many characters.
    Long(usize),
}

impl TextError {
    /// The error message for the person; `what` completes "Give …".
    #[must_use]
    pub fn say(self, what: &str) -> String {
        match self {
            Self::Empty => format!("Enter {what}."),
            Self::Long(most) => format!("Use at most {most} characters."),
        }
    }
}

/// Cleans a text of one line: white space is single, plain and only between words; invisible characters are
/// removed; letters are composed (NFC). Cleaning twice changes nothing.
#[must_use]
pub fn line(typed: &str) -> String {
    clean_until_stable(typed, |text| visible(text).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Cleans a text of several lines: like [`line()`], but keeps line breaks (as `\n`), tabs and runs of spaces
/// inside it.
#[must_use]
pub fn lines(typed: &str) -> String {
    clean_until_stable(typed, |text| visible(text).trim().to_owned())
}

/// A text of one line with at most `most` characters; may be empty.
///
/// # Errors
/// [`TextError::Long`].
pub fn optional(typed: &str, most: usize) -> Result<String, TextError> {
    let text = line(typed);
    if fits(&text, most) { Ok(text) } else { Err(TextError::Long(most)) }
}

/// A name: a text of one line with at least one and at most `most` characters. Bytes that were no text, which a form decodes to
/// replacement characters, are none.
///
/// # Errors
/// [`TextError`].
pub fn name(typed: &str, most: usize) -> Result<String, TextError> {
    let is_said = |letter: char| letter != char::REPLACEMENT_CHARACTER && letter != ' ';
    optional(typed, most).and_then(|text| if text.contains(is_said) { Ok(text) } else { Err(TextError::Empty) })
}

/// An e-mail address as it is stored: [`line()`] with full-width letters replaced by plain ones.
#[must_use]
pub fn address(typed: &str) -> String {
    line(&typed.chars().map(plain_width).collect::<String>())
}

/// An e-mail address as it is used to find an account: [`address`] in lower case.
#[must_use]
pub fn account(typed: &str) -> String {
    address(typed).to_lowercase()
}

/// A number written with plain digits, whatever script it was typed in.
#[must_use]
pub fn number(typed: &str) -> String {
    line(typed).chars().map(|letter| plain_digit(plain_width(letter))).collect()
}

/// Number of characters that a person sees (extended grapheme clusters, UAX #29).
#[must_use]
pub fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).count() }
}

/// Whether a text has at most `most` characters, however they are composed. The database columns for such a text
/// hold four code points per character.
#[must_use]
pub fn fits(text: &str, most: usize) -> bool {
    text.chars().count() <= most.saturating_mul(POINTS_A_SIGN) && length(text) <= most
}

/// The form in which two texts are equal if a person sees them as the same: case, spelling (NFC), invisible marks
/// and the kind and number of spaces do not matter. The database function `folded` does the same to stored text.
#[must_use]
pub fn folded(text: &str) -> String {
    let bare: String = line(text).chars().filter(|c| !is_mark(*c)).collect();
    let small: String = line(&bare).chars().flat_map(char::to_lowercase).map(fold_final_sigma).collect();
    small.nfc().collect()
}

/// The form in which texts are searched: folded, and without accents, so that "jose" finds "José". The database function
/// `searchable` does the same to stored text.
#[must_use]
pub fn searchable(text: &str) -> String {
    // The marks that letters are written with. Those of other scripts, which make another letter, are none of them.
    let bare: String = folded(text).nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc().collect();
    let mut plain = String::with_capacity(bare.len());
    for letter in bare.chars() {
        match letter {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ħ' => plain.push('h'),
            'ŧ' => plain.push('t'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            other => plain.push(other),
        }
    }
    plain
}

/// The name in addresses that fits a name: "Café Müller & Co." becomes `cafe-muller-co`. Empty if no letter is left.
#[must_use]
pub fn url_name(name: &str) -> String {
    crate::agency::url_name(&line(name).nfkd().collect::<String>())
}

/// Whether a person sees two texts as the same.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other)
}

/// A digit of any script as a plain digit. Any other character is returned unchanged.
#[must_use]
pub fn plain_digit(letter: char) -> char {
    // The zero of each script whose digits people type; the ten digits are consecutive.
    const ZEROES: [u32; 20] = [
        0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0,
        0x0F20, 0x1040, 0x17E0, 0x1810, 0xA9D0, 0xFF10,
    ];
    let digit = ZEROES.iter().find_map(|zero| u32::from(letter).checked_sub(*zero).filter(|digit| *digit < 10));
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(letter)
}

/// A full-width letter, digit or sign of ASCII as the plain one. Any other character is returned unchanged.
#[must_use]
pub fn plain_width(letter: char) -> char {
    match u32::from(letter) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

/// Cleans until nothing changes. Removing a mark may bring together two letters that compose, and composing may
/// leave a mark without its place. In practice the second pass finds nothing more.
fn clean_until_stable(typed: &str, clean: impl Fn(&str) -> String) -> String {
    let mut text = clean(typed);
    loop {
        let next = clean(&text);
        if next == text {
            return text;
        }
        text = next;
    }
}

/// Composes the text and removes what cannot be seen. White space of any kind becomes plain, and line breaks
/// become `\n`.
fn visible(typed: &str) -> String {
    let letters: Vec<char> = typed.replace("\r\n", "\n").nfc().collect();
    let right_to_left = letters.iter().any(|letter| is_right_to_left(*letter));
    let mut kept = String::with_capacity(typed.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at).copied() {
        let before = kept.chars().next_back();
        let flag = flag_tags(before, &letters[at..]);
        if flag > 0 {
            kept.extend(&letters[at..at + flag]);
            at += flag;
            continue;
        }
        at += 1;
        let after = letters.get(at).copied();
        match letter {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            '\t' => kept.push('\t'),
            // The blank Braille pattern looks like a space, but Unicode does not classify it as white space.
            '\u{2800}' => kept.push(' '),
            _ if letter.is_whitespace() => kept.push(' '),
            _ if is_ignorable(letter) => {
                if keeps(letter, before, after, right_to_left) {
                    kept.push(letter);
                }
            }
            _ => kept.push(letter),
        }
    }
    kept.nfc().collect()
}

/// Whether an invisible mark changes what is seen at its position.
fn keeps(mark: char, before: Option<char>, after: Option<char>, right_to_left: bool) -> bool {
    let Some(before) = before else { return false };
    match mark {
        // Joiners act between letters of scripts that join, and between emoji.
        '\u{200C}' => after.is_some_and(|after| joins(before) && joins(after)),
        '\u{200D}' => {
            after.is_some_and(|after| (joins(before) && joins(after)) || (is_pictured(before) && is_pictured(after)))
        }
        // These choose between text and emoji.
        '\u{FE0E}' | '\u{FE0F}' => is_pictured(before) && !is_ignorable(before),
        // These choose the variant of an ideograph that people use in their names.
        '\u{E0100}'..='\u{E01EF}' => is_ideograph(before),
        '\u{180B}'..='\u{180F}' => matches!(before, '\u{1820}'..='\u{18AA}'),
        // These order neutral characters beside right-to-left letters; elsewhere they have no effect.
        '\u{200E}' | '\u{200F}' | '\u{61C}' => {
            right_to_left && !is_mark(before) && after.is_some_and(|after| !is_ignorable(after))
        }
        _ => false,
    }
}

/// How many of these characters are the invisible tail of a flag such as Scotland's: the tags up to the closing
/// one, after a black flag.
fn flag_tags(before: Option<char>, rest: &[char]) -> usize {
    if before != Some('\u{1F3F4}') {
        return 0;
    }
    // A longer tail is none, however long it is.
    let tags = rest
        .iter()
        .take(7)
        .take_while(|letter| matches!(letter, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}'))
        .count();
    if (3..=6).contains(&tags) && rest.get(tags) == Some(&'\u{E007F}') { tags + 1 } else { 0 }
}

/// Characters without a shape of their own: controls, Unicode's default ignorable code points and noncharacters.
fn is_ignorable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(letter) & 0xFFFE == 0xFFFE
}

/// The invisible marks that may be kept. They are ignored when texts are compared.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{61C}' | '\u{200C}'..='\u{200F}' | '\u{FE0E}' | '\u{FE0F}' | '\u{180B}'..='\u{180F}' | '\u{E0100}'..='\u{E01EF}')
}

/// A letter or sign of a script in which joiners choose a shape: not Latin, Greek or Cyrillic, and not an
/// ideograph.
fn joins(letter: char) -> bool {
    matches!(letter, '\u{600}'..='\u{10FF}' | '\u{1780}'..='\u{1CFF}' | '\u{A800}'..='\u{ABFF}' | '\u{FB50}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}' | '\u{10A00}'..='\u{11FFF}' | '\u{1E900}'..='\u{1EEFF}')
        && !is_ignorable(letter)
}

/// A symbol that may be shown as a picture, or a character that follows one inside a sequence.
fn is_pictured(letter: char) -> bool {
    matches!(letter, '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// A letter of Hebrew, Arabic or a related script.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{60F}' | '\u{61B}' | '\u{61D}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Replaces a small letter that shares its capital with another small letter by that other one.
fn fold_final_sigma(letter: char) -> char {
    match letter {
        'ς' => 'σ',
        _ => letter,
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
