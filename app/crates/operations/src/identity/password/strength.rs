//! Which passwords are accepted: neither too short, nor longer than 1024 bytes, nor easily guessed.

use std::collections::BTreeSet;

use domain::text::length;

use crate::Refusal;

/// Words that make a password easy to guess, whatever surrounds them.
const COMMON: [&str; 24] = [
    "password",
    "passw0rd",
    "123456",
    "qwerty",
    "letmein",
    "iloveyou",
    "welcome",
    "abc123",
    "111111",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "trustno1",
    "starwars",
    "whatever",
    "slipway",
    "highlevel",
    "gohighlevel",
    "changeme",
    "adminadmin",
];

/// Refuses a weak password. Characters are counted as a person counts them: a letter with its accent is one, and so is
/// an emoji of a family.
///
/// # Errors
/// `Invalid` for the field `password`, with advice for a better password.
pub fn acceptable(password: &str, email: &str) -> Result<(), Refusal> {
    let refused = |advice: &str| Err(Refusal::field("password", advice));
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    if length(password) < 12 {
        return refused("Use at least 12 characters. A short sentence works well.");
    }
    if password.len() > 1024 {
        return refused("Use at most 1024 characters, or 250 where they are not plain letters.");
    }
    let rest = COMMON.iter().fold(lower.clone(), |text, word| text.replace(word, ""));
    let letters: BTreeSet<char> = lower.chars().collect();
    if length(&rest) < 6 || letters.len() < 5 || (name.len() >= 4 && length(&lower.replace(&name, "")) < 6) {
        return refused("This is easy to guess. Add a few words that only you would choose.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::acceptable;

    #[test]
    fn guessable_passwords_are_refused() {
        let decomposed = "e\u{301}a\u{300}o\u{308}u\u{302}i\u{303}n\u{303}";
        let families = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}".repeat(3);
        let few = ["äöüßéà", "日本語東京", decomposed, families.as_str()];
        let known = ["short", "password1234", "aaaaaaaaaaaaaaaa", "slipwayslipway", "maya.harbor12"];
        for bad in few.into_iter().chain(known) {
            assert!(acceptable(bad, "maya.harbor@x.test").is_err(), "{bad}");
        }
        for good in ["four tall ships at noon", "四艘高大的船在中午离开港", "größere schiffe"] {
            assert!(acceptable(good, "maya@harbor.test").is_ok(), "{good}");
        }
        assert!(acceptable(&"long and good ".repeat(100), "a@b.c").is_err());
    }
}
