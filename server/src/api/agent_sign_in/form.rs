//! What did a program send as a form? Its parameters, each at most once (RFC 6749 section 3.2).

use super::error::Refused;

/// The parameters of a form.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    /// `invalid_request` if it is no form, or one with a parameter twice.
    pub fn read(body: &[u8]) -> Result<Self, Refused> {
        let wrong = Refused::new("invalid_request", "Send a form (application/x-www-form-urlencoded).");
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(|_| wrong)?;
        let is_twice = |(at, pair): (usize, &(String, String))| pairs[..at].iter().any(|before| before.0 == pair.0);
        if pairs.len() > 64 || pairs.iter().enumerate().any(is_twice) {
            return Err(Refused::new("invalid_request", "Send each parameter once."));
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_counts_once_or_the_form_is_refused() {
        let form = Form::read(b"grant_type=authorization_code&code=a%20b").map(|form| form.get("code").to_owned());
        assert_eq!(form, Ok("a b".to_owned()));
        assert_eq!(Form::read(b"").map(|form| form.get("code").to_owned()), Ok(String::new()));
        assert!(Form::read(b"code=a&code=b").is_err() && Form::read(b"code=a&x=1&code=a").is_err());
    }
}
