//! What does the search box of a list search? Parts of one text, whole values such as ids, and numbers by their digits,
//! whatever their case, their accents and invisible marks.

use sqlx::{Postgres, QueryBuilder};

/// Fewer letters or digits than this are no trigram, by which an index finds a part of a text.
const SHORT: usize = 3;

/// What a list searches. Where no policy stands before it (on the platform's lists), a trigram index on the same
/// expressions finds the rows; behind the policies of a tenant, a function does ([`Search::by`]).
pub struct Search {
    text: &'static str,
    function: Option<(&'static str, &'static str)>,
    whole: &'static [&'static str],
    digits: &'static [&'static str],
    /// How many rows are searched at most, and the time by which the newest are known.
    pub(super) newest: Option<(&'static str, i64)>,
}

impl Search {
    /// No search.
    pub const NONE: Self = Self::new("");

    /// A text, of which any part may match: `b.name || e'\n' || b.slug`. Line breaks stand between the fields, because
    /// no typed text has one. An index on it has the expression `searchable(…)`.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, function: None, whole: &[], digits: &[], newest: None }
    }

    /// A function that finds the ids of the rows of the tenant: `c.id`, `lookup.find_conversations`. It gets the pattern
    /// of the words, and that of their digits, which is empty if they are no number. One or two letters are in nearly every
    /// text, so theirs is the pattern of a beginning: it starts with no `%`.
    #[must_use]
    pub const fn by(id: &'static str, function: &'static str) -> Self {
        Self { function: Some((id, function)), ..Self::NONE }
    }

    /// Texts that also match, but only whole: `lower(b.ghl_location_id)`.
    #[must_use]
    pub const fn whole(mut self, whole: &'static [&'static str]) -> Self {
        self.whole = whole;
        self
    }

    /// Phone numbers that also match, by the digits in what was typed: people write a number with spaces, brackets and
    /// dashes. Words with a letter are no number.
    #[must_use]
    pub const fn digits(mut self, digits: &'static [&'static str]) -> Self {
        self.digits = digits;
        self
    }

    /// Bounds a search that no index answers: of the rows that the view and the filters leave, it looks through so many of the
    /// newest ones, by this time (`i.created_at`), which an index orders.
    #[must_use]
    pub const fn among_newest(mut self, time: &'static str, most: i64) -> Self {
        self.newest = Some((time, most));
        self
    }

    /// Writes what stands before the statement: the ids that the function finds, which it does once however often the rows are
    /// asked for.
    pub(super) fn push_found(&self, sql: &mut QueryBuilder<Postgres>, words: &str) {
        let Some((_, function)) = self.function.filter(|_| !words.is_empty()) else { return };
        let is_short = words.chars().count() < SHORT;
        let digits = Some(digits(words)).filter(|digits| digits.len() >= SHORT);
        sql.push("with found as materialized (select ").push(function).push("(");
        sql.push_bind(if is_short { beginning(words) } else { part(words) }).push(", ");
        sql.push_bind(digits.map_or_else(String::new, |digits| part(&digits))).push(") as id) ");
    }

    /// Writes the condition of the rows that match words in the form in which texts are searched.
    pub(super) fn push(&self, sql: &mut QueryBuilder<Postgres>, words: &str) {
        if let Some((id, _)) = self.function.filter(|_| !words.is_empty()) {
            sql.push(" and ").push(id).push(" = any (array(select id from found))");
        }
        if words.is_empty() || self.text.is_empty() {
            return;
        }
        sql.push(" and (searchable(").push(self.text).push(") like ").push_bind(part(words));
        for whole in self.whole {
            sql.push(" or ").push(*whole).push(" = ").push_bind(words.to_owned());
        }
        let digits = digits(words);
        for number in self.digits.iter().filter(|_| !digits.is_empty()) {
            sql.push(" or ").push(*number).push(" like ").push_bind(part(&digits));
        }
        sql.push(")");
    }
}

/// The digits of a number as people write it. Empty if the words are no number.
fn digits(words: &str) -> String {
    if words.chars().any(char::is_alphabetic) {
        return String::new();
    }
    domain::text::number(words).chars().filter(char::is_ascii_digit).collect()
}

/// The pattern of `like` for a text with these words in it.
pub(crate) fn part(words: &str) -> String {
    format!("%{}", beginning(words))
}

/// The pattern of `like` for a text that begins with these words.
pub(crate) fn beginning(words: &str) -> String {
    let mut pattern = String::with_capacity(words.len() + 1);
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use sqlx::QueryBuilder;

    use super::{Search, beginning, digits, part};

    #[test]
    fn what_is_typed_is_no_pattern() {
        assert_eq!(part("50%_off\\"), r"%50\%\_off\\%");
        assert_eq!(beginning("%"), r"\%%", "no short pattern begins with what stands for any text");
    }

    #[test]
    fn a_function_is_asked_once_whatever_is_done_with_its_rows() {
        let search = Search::by("c.id", "lookup.find");
        let mut sql = QueryBuilder::new("");
        search.push_found(&mut sql, "ada");
        sql.push("select");
        search.push(&mut sql, "ada");
        search.push(&mut sql, "ada");
        let sql = sql.into_string();
        assert_eq!(sql.matches("lookup.find").count(), 1, "{sql}");
        assert_eq!(sql.matches("select id from found").count(), 2, "{sql}");
        let mut none = QueryBuilder::new("");
        search.push_found(&mut none, "");
        search.push(&mut none, "");
        Search::new("u.name").push_found(&mut none, "ada");
        assert_eq!(none.into_string(), "");
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        assert_eq!(digits("(305) 555-0100"), "3055550100");
        assert_eq!(digits("\u{ff13}\u{660}5"), "305");
        assert_eq!(digits("suite 305"), "");
    }
}
