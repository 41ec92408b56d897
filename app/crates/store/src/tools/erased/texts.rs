//! Where does a text have a word, an id, an address or a number as a whole, and which words name nobody?

/// The fewest digits of a phone number.
const FEWEST: usize = 5;
/// The most digits of a phone number.
const MOST: usize = 15;
/// What stands between the digits of a phone number.
pub(super) const SEPARATORS: &str = " ().-/+\u{a0}\u{202f}\u{2011}\u{2013}";

/// Words that name nobody: those of everyday, and those that tools and what people read of them are made of. What is a usual
/// name as well is none of them.
const COMMON: [&str; 3] = [
    "a about agent ai all also and answer answers appointment appointments are as assistant assigns at available \
     be becomes been begins booking books business by call calls can cancels changes channel clients client \
     closes company contact contacts content conversation conversations corrects could creates customer customers \
     date deletes delete description do email entry erases field first for from full have hello help her here hi \
     him his how if in is it knowledge mail me message messages monday more morning my name need new no not note \
     nothing number of okay on open opens opportunity or our out party payment person phone please prices \
     question reads removes reopens reply reservation schedule schedules sends send server service she should \
     snoozes some status subject task template test text thank thanks that the their them there these they third \
     this ticks time to today tomorrow tool tuesday unknown update updates user value was we week welcome what \
     whatsapp when where which who with write writes yes yesterday you your",
    "ahora buenas buenos cita citas como con cuando de del d\u{ed}as el en es esta este gracias hoy hola la las \
     lo los ma\u{f1}ana me mensaje muchas muy nada no nombre nota para pero por precio que qu\u{e9} se servicio \
     si s\u{ed} tarde tardes todo tu un una usted y ya",
    "becomes removed with contact other added company highlevel instagram facebook messenger webchat web chat",
];

/// Whether a word in small letters names nobody.
pub(super) fn is_common(word: &str) -> bool {
    COMMON.iter().any(|words| words.split_whitespace().any(|one| one == word))
}

/// A word of a text, and where it stands.
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub begin: usize,
    pub end: usize,
}

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    runs(text, char::is_alphanumeric)
}

/// The longest pieces of a text that have only such characters.
pub(super) fn runs(text: &str, is_part: impl Fn(char) -> bool) -> Vec<Word<'_>> {
    let (mut found, mut begin) = (Vec::new(), None);
    for (at, one) in text.char_indices().chain([(text.len(), ' ')]) {
        match begin {
            None if is_part(one) => begin = Some(at),
            Some(from) if !is_part(one) => {
                found.extend(text.get(from..at).map(|text| Word { text, begin: from, end: at }));
                begin = None;
            }
            _ => {}
        }
    }
    found
}

/// The digits of a text that is a phone number. `None` if it is something else.
pub(super) fn phone(text: &str) -> Option<String> {
    let is_number = text.chars().all(|one| one.is_ascii_digit() || SEPARATORS.contains(one));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let bare = digits.trim_start_matches('0');
    (is_number && (FEWEST..=MOST).contains(&bare.len())).then(|| bare.to_owned())
}

/// Whether a script writes no blanks between words: that of Thai, Lao, Burmese, Khmer, Chinese or Japanese.
pub(super) fn is_unspaced(one: char) -> bool {
    matches!(one, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What stands before and behind each place at which a text has another one.
fn places<'a>(text: &'a str, sought: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.match_indices(sought)
        .map(move |(at, found)| (text.get(..at).unwrap_or_default(), text.get(at + found.len()..).unwrap_or_default()))
}

/// Whether a text has another one that is no part of a longer word.
pub(super) fn has_whole(text: &str, sought: &str) -> bool {
    let mut places = places(text, sought);
    places
        .any(|(before, behind)| !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric))
}

/// Whether a text has this address, and not a longer one that ends or begins like it.
pub(super) fn has_email(text: &str, email: &str) -> bool {
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '.' | '_' | '%' | '+' | '-');
    let goes_on = |behind: &str| {
        let rest = behind.strip_prefix(['.', '-']).unwrap_or(behind);
        rest.starts_with(char::is_alphanumeric)
    };
    places(text, email).any(|(before, behind)| !before.ends_with(is_part) && !goes_on(behind))
}

/// Whether a text has another one that goes on with nothing which a user name may have, and begins no other way.
pub(super) fn ends_whole(text: &str, sought: &str) -> bool {
    let goes_on = |behind: &str| {
        let rest = behind.strip_prefix('.').unwrap_or(behind);
        rest.starts_with(|one: char| one.is_alphanumeric() || one == '_')
    };
    places(text, sought).any(|(before, behind)| !before.ends_with(char::is_alphanumeric) && !goes_on(behind))
}

/// The longest piece of this that JSON writes as it is.
pub(super) fn verbatim(text: &str) -> String {
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '@' | '.' | '-' | '_' | '+');
    let longest = runs(text, is_plain).into_iter().max_by_key(|run| run.text.len());
    longest.map_or_else(String::new, |run| run.text.to_owned())
}

/// The pattern that finds this in a text.
pub(super) fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// The pattern that finds these digits in a text in this order, whatever stands between them.
pub(super) fn scattered(digits: &str) -> String {
    std::iter::once('%').chain(digits.chars().flat_map(|digit| [digit, '%'])).collect()
}
