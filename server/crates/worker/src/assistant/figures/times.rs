//! Which time of day does a text name? "5 pm", "17:00" and "17 h" are the same one.

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Letters of the longest mark.
const LONGEST: usize = 20;
/// Blanks before a mark, at most.
const GAP: usize = 2;

/// Which half of the day a number of hours is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// Before noon.
    Morning,
    /// After noon.
    Afternoon,
    /// Nothing says it.
    Either,
    /// The hours are those of the whole day.
    Whole,
}

/// What people write behind a time, small and without accents. A longer mark stands before its own beginning.
const MARKS: [(&str, Half); 19] = [
    ("a.m.", Half::Morning),
    ("a. m.", Half::Morning),
    ("a.m", Half::Morning),
    ("am", Half::Morning),
    ("in the morning", Half::Morning),
    ("de la manana", Half::Morning),
    ("p.m.", Half::Afternoon),
    ("p. m.", Half::Afternoon),
    ("p.m", Half::Afternoon),
    ("pm", Half::Afternoon),
    ("in the afternoon", Half::Afternoon),
    ("in the evening", Half::Afternoon),
    ("at night", Half::Afternoon),
    ("de la tarde", Half::Afternoon),
    ("de la noche", Half::Afternoon),
    ("hrs", Half::Whole),
    ("hs", Half::Whole),
    ("hr", Half::Whole),
    ("h", Half::Whole),
];

/// Times that have a name, small and without accents, in minutes since midnight.
const NAMED: [(&str, u16); 5] =
    [("noon", DAY / 2), ("midday", DAY / 2), ("mediodia", DAY / 2), ("midnight", 0), ("medianoche", 0)];

/// A time that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// Minutes since midnight that it may mean: one, or two if nothing says which half of the day it is in.
    pub meant: Vec<u16>,
    pub hour: u16,
    pub minute: u16,
    /// Where it ends in the text.
    pub end: usize,
}

/// The time that begins at a digit of a text; `None` for a number that is not written as a time.
pub(super) fn at(letters: &[char], from: usize) -> Option<Time> {
    let (hour, after) = number(letters, from)?;
    let is_inside = from >= 2 && matches!(letters[from - 1], ':' | '.' | ',') && letters[from - 2].is_ascii_digit();
    if is_inside || hour > 24 {
        return None;
    }
    let sign = letters.get(after).map(|letter| small(*letter)).filter(|sign| matches!(sign, ':' | '.' | 'h'));
    let minutes = sign.and_then(|_| number(letters, after + 1));
    let minutes = minutes.filter(|(minute, end)| *minute < 60 && *end == after + 3);
    let (minute, end) = minutes.unwrap_or((0, after));
    let marked = mark(letters, end);
    let half = match (minutes.and(sign), marked) {
        // With a dot it may as well be an amount.
        (Some('.'), None | Some((Half::Whole, _))) | (None, None) => return None,
        (_, Some((half, _))) => half,
        (Some('h'), None) => Half::Whole,
        (Some(_), None) if is_number(letters, end) => return None,
        (Some(_), None) if hour == 0 || letters[from] == '0' => Half::Whole,
        (Some(_), None) => Half::Either,
    };
    let end = marked.map_or(end, |(_, end)| end);
    Some(Time { meant: meant(hour, minute, half), hour, minute, end })
}

/// The minutes since midnight that hours and minutes may mean.
pub(super) fn meant(hour: u16, minute: u16, half: Half) -> Vec<u16> {
    let clock = |hour: u16| (hour * 60 + minute) % DAY;
    let (morning, afternoon) = (clock(hour % 12), clock(hour % 12 + 12));
    match half {
        Half::Morning if hour <= 12 => vec![morning],
        Half::Afternoon if hour <= 12 => vec![afternoon],
        Half::Either if hour <= 12 => vec![morning, afternoon],
        _ => vec![clock(hour)],
    }
}

/// The times that a text names by words.
pub(super) fn named(letters: &[char]) -> Vec<u16> {
    let text: String = letters.iter().map(|letter| small(*letter)).collect();
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    NAMED.iter().filter(|(word, _)| words.contains(word)).map(|(_, at)| *at).collect()
}

/// A letter in the form in which marks are written.
pub(super) fn small(letter: char) -> char {
    match letter.to_lowercase().next().unwrap_or(letter) {
        'ñ' => 'n',
        'í' => 'i',
        blank if blank.is_whitespace() => ' ',
        other => other,
    }
}

/// A number of one or two digits, and where it ends.
fn number(letters: &[char], from: usize) -> Option<(u16, usize)> {
    let digits = letters.get(from..)?.iter().take_while(|letter| letter.is_ascii_digit()).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    let written: String = letters[from..from + digits].iter().collect();
    Some((written.parse().ok()?, from + digits))
}

/// Whether further digits follow behind a sign, as the seconds of a time do.
fn is_number(letters: &[char], from: usize) -> bool {
    matches!(letters.get(from), Some(':' | '.' | ',')) && letters.get(from + 1).is_some_and(char::is_ascii_digit)
}

/// The mark that follows a time, and where it ends.
fn mark(letters: &[char], from: usize) -> Option<(Half, usize)> {
    let gap = letters[from..].iter().take_while(|letter| letter.is_whitespace()).count();
    if gap > GAP {
        return None;
    }
    let rest: String = letters[from + gap..].iter().take(LONGEST).map(|letter| small(*letter)).collect();
    MARKS.iter().find_map(|(phrase, half)| {
        let end = from + gap + phrase.chars().count();
        let is_whole = letters.get(end).is_none_or(|next| !next.is_alphanumeric());
        (is_whole && rest.starts_with(phrase)).then_some((*half, end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Vec<u16>, usize)> {
        let letters: Vec<char> = text.chars().collect();
        at(&letters, 0).map(|time| (time.meant, time.end))
    }

    #[test]
    fn every_way_to_write_a_time_means_the_same() {
        for text in [
            "5 pm",
            "5PM",
            "5 p.m.",
            "5:00 p. m.",
            "17:00",
            "17h",
            "17 hs",
            "17h00",
            "5.00 pm",
            "5 de la tarde",
            "05:00 PM",
        ] {
            let (meant, end) = read(text).expect(text);
            assert_eq!((meant, end), (vec![17 * 60], text.chars().count()), "{text}");
        }
        for (text, meant) in [
            ("12 am", vec![0]),
            ("12 pm", vec![720]),
            ("12:30 a.m.", vec![30]),
            ("24:00", vec![0]),
            ("9:15", vec![555, 1275]),
            ("09:15", vec![555]),
            ("9 de la mañana", vec![540]),
            ("17:30 pm", vec![1050]),
        ] {
            assert_eq!(read(text).map(|time| time.0), Some(meant), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_times() {
        for text in [
            "5", "5 people", "5.50", "1.5 h", "25:00", "5:7", "5:60", "10:20:30", "120 pm", "5 amigos", "5 hours",
            "5 a 6", "x", "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let seconds: Vec<char> = "10:20:30".chars().collect();
        assert_eq!(at(&seconds, 3), None);
    }

    #[test]
    fn names_of_times_are_known() {
        let letters: Vec<char> = "Hasta el Mediodía o midnight".chars().collect();
        assert_eq!(named(&letters), [720, 0]);
        assert!(named(&[]).is_empty());
    }
}
