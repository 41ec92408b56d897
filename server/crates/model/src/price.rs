//! What does a call cost? The prices are those that the operator of the installation states; no provider tells them.

/// Millionths of a dollar in a dollar, and tokens in a million.
const MILLION: u64 = 1_000_000;
/// Digits behind the point of a price, at most: those of millionths.
const DECIMALS: usize = 6;
/// US dollars for a million tokens, at most.
const MOST: u64 = 10_000;

/// What a model costs, in millionths of a US dollar for each million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// For what it reads.
    pub input: u64,
    /// For what it writes.
    pub output: u64,
}

impl Prices {
    /// A price as people write it, in US dollars for a million tokens: `3` or `0.15`. Returns millionths of a dollar; `None`
    /// for what is no price.
    #[must_use]
    pub fn read(dollars: &str) -> Option<u64> {
        let (whole, rest) = dollars.split_once('.').unwrap_or((dollars, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.chars().all(|sign| sign.is_ascii_digit());
        if !is_number(whole) || !is_number(rest) || rest.len() > DECIMALS {
            return None;
        }
        let whole = whole.parse::<u64>().ok().filter(|whole| *whole < MOST)?;
        let rest = format!("{rest:0<DECIMALS$}").parse::<u64>().ok()?;
        Some(whole * MILLION + rest)
    }

    /// What so many tokens cost, in millionths of a US dollar, rounded to the nearest.
    #[must_use]
    pub fn cost(self, prompt_tokens: u32, completion_tokens: u32) -> i64 {
        let of = |tokens: u32, price: u64| u64::from(tokens).saturating_mul(price);
        let all = of(prompt_tokens, self.input).saturating_add(of(completion_tokens, self.output));
        i64::try_from(all.saturating_add(MILLION / 2) / MILLION).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_people_write_it_and_nonsense_is_none() {
        for (typed, micros) in [
            ("3", 3_000_000),
            ("0.15", 150_000),
            ("15.00", 15_000_000),
            ("0", 0),
            ("0.000001", 1),
            ("9999.999999", 9_999_999_999),
        ] {
            assert_eq!(Prices::read(typed), Some(micros), "{typed}");
        }
        for typed in [
            "",
            ".",
            "3.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "3,5",
            "$3",
            "three",
            "10000",
            "0.0000001",
            "1.2.3",
            "99999999999999999999",
            " 3",
        ] {
            assert_eq!(Prices::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_cost_grows_with_its_tokens_and_is_right_to_the_millionth() {
        let prices = Prices { input: 3_000_000, output: 15_000_000 };
        for (prompt, completion, micros) in
            [(0, 0, 0), (1, 0, 3), (0, 1, 15), (1_000, 200, 6_000), (1_000_000, 0, 3_000_000)]
        {
            assert_eq!(prices.cost(prompt, completion), micros, "{prompt} {completion}");
        }
        let cheap = Prices { input: 150_000, output: 600_000 };
        assert_eq!((cheap.cost(3, 0), cheap.cost(4, 0), cheap.cost(10, 0)), (0, 1, 2), "rounded to the nearest");
        let dear = Prices { input: u64::MAX, output: u64::MAX };
        assert!(dear.cost(u32::MAX, u32::MAX) > 0, "nothing overflows");
        let free = Prices { input: 0, output: 0 };
        assert_eq!(free.cost(u32::MAX, u32::MAX), 0);
    }
}
