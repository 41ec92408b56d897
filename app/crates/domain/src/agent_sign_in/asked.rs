//! What does a program ask a person for? Its request is checked when the browser arrives with it, and again when the person
//! allows it.

use url::Url;

use super::program::{self, Program};

/// The most bytes of a state, which is the program's own and handed back as it is.
const LONGEST_STATE: usize = 1024;
/// The length of a challenge: SHA-256 in base64url without padding (RFC 7636).
const CHALLENGE: usize = 43;

/// The parameters of a request, as they were sent. What was not sent is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parameters<'a> {
    /// `client_id`.
    pub client: &'a str,
    /// `redirect_uri`.
    pub redirect: &'a str,
    /// `code_challenge`.
    pub challenge: &'a str,
    /// `state`.
    pub state: &'a str,
    /// `resource`.
    pub resource: &'a str,
}

/// A request that may be shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The program.
    pub program: Program,
    /// The id that it shows when it asks for tokens: the address of its document, if it has one.
    pub client: String,
    /// Where the person is led back to.
    pub redirect: String,
    /// What the program has to prove when it redeems the code.
    pub challenge: String,
    /// What the program gets back as it is.
    pub state: String,
    /// The business that the address names, by id or slug. `None` leaves the choice to the person.
    pub business: Option<String>,
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The program is not known.
    Program,
    /// The program did not register the address.
    Redirect,
    /// There is no challenge of the kind S256.
    Challenge,
    /// The state is too long, or no printable text.
    State,
    /// Another resource is asked for than the tools of this installation.
    Resource,
}

impl Asked {
    /// Checks a request. `origin` is our own public address.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn check(sent: &Parameters<'_>, origin: &str) -> Result<Self, Fault> {
        let program = Program::parse(sent.client).ok_or(Fault::Program)?;
        if !program.leads_to(sent.redirect) {
            return Err(Fault::Redirect);
        }
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if sent.challenge.len() != CHALLENGE || !sent.challenge.bytes().all(is_letter) {
            return Err(Fault::Challenge);
        }
        if sent.state.len() > LONGEST_STATE || !sent.state.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Fault::State);
        }
        let business = resource(sent.resource, origin)?;
        let client = program.document.as_deref().unwrap_or(sent.client).to_owned();
        Ok(Self {
            program,
            client,
            redirect: sent.redirect.to_owned(),
            challenge: sent.challenge.to_owned(),
            state: sent.state.to_owned(),
            business,
        })
    }

    /// The host that the person is led back to.
    #[must_use]
    pub fn host(&self) -> String {
        program::host(&self.redirect)
    }

    /// The host of the document that describes the program, if one does.
    #[must_use]
    pub fn described_at(&self) -> Option<String> {
        self.program.document.as_deref().map(program::host)
    }

    /// Whether the person is led back to a program on their own machine.
    #[must_use]
    pub fn is_on_own_machine(&self) -> bool {
        program::is_local(&self.redirect)
    }

    /// The address with which the person brings the program its answer: a code or an error, its state, and who answers
    /// (RFC 9207).
    #[must_use]
    pub fn lead_back(&self, origin: &str, (name, value): (&str, &str)) -> String {
        let Ok(mut url) = Url::parse(&self.redirect) else { return origin.to_owned() };
        let state = (!self.state.is_empty()).then_some(("state", self.state.as_str()));
        url.query_pairs_mut().append_pair(name, value).extend_pairs(state).append_pair("iss", origin);
        url.into()
    }
}

/// The business that the address of a resource names (RFC 8707), by id or slug. `None` means the tools of whichever business
/// the person chooses, and so does no address.
///
/// # Errors
/// [`Fault::Resource`] if it is no address of the tools of this installation.
pub fn resource(sent: &str, origin: &str) -> Result<Option<String>, Fault> {
    if sent.is_empty() {
        return Ok(None);
    }
    let parsed = |text: &str| Url::parse(text).map_err(|_| Fault::Resource);
    let (url, own) = (parsed(sent)?, parsed(origin)?);
    let is_ours = url.origin() == own.origin() && url.query().is_none() && url.fragment().is_none();
    let rest = url.path().strip_prefix("/mcp").filter(|_| is_ours).ok_or(Fault::Resource)?.trim_end_matches('/');
    if rest.is_empty() {
        return Ok(None);
    }
    let is_name =
        |named: &&str| named.len() <= 120 && named.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    rest.strip_prefix('/').filter(is_name).map(|named| Some(named.to_owned())).ok_or(Fault::Resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://slipway.example";
    const CALLBACK: &str = "https://claude.ai/cb?keep=1";

    fn client() -> String {
        Program::new("Claude", &[CALLBACK.to_owned()]).unwrap().id()
    }

    #[test]
    fn a_request_that_lacks_something_is_refused() {
        let (client, challenge, long) = (client(), "a".repeat(43), "x".repeat(1025));
        let good = Parameters { client: &client, redirect: CALLBACK, challenge: &challenge, ..Parameters::default() };
        assert!(Asked::check(&good, ORIGIN).is_ok());
        for (sent, fault) in [
            (Parameters { client: "slc-00", ..good }, Fault::Program),
            (Parameters { redirect: "https://evil.example/", ..good }, Fault::Redirect),
            (Parameters { redirect: "", ..good }, Fault::Redirect),
            (Parameters { challenge: "", ..good }, Fault::Challenge),
            (Parameters { challenge: &challenge[1..], ..good }, Fault::Challenge),
            (Parameters { state: &long, ..good }, Fault::State),
            (Parameters { state: "a\0b", ..good }, Fault::State),
            (Parameters { resource: "https://evil.example/mcp", ..good }, Fault::Resource),
        ] {
            assert_eq!(Asked::check(&sent, ORIGIN), Err(fault), "{sent:?}");
        }
    }

    #[test]
    fn a_program_with_a_document_goes_by_its_address() {
        let address = "https://claude.ai/oauth/client.json";
        let registered = Program::parse(&client()).unwrap();
        let described = Program { document: Some(address.to_owned()), ..registered };
        let challenge = "a".repeat(43);
        for (id, shown, host) in
            [(client(), client(), None), (described.id(), address.to_owned(), Some("claude.ai".to_owned()))]
        {
            let sent = Parameters { client: &id, redirect: CALLBACK, challenge: &challenge, ..Parameters::default() };
            let asked = Asked::check(&sent, ORIGIN).unwrap();
            assert_eq!((asked.described_at(), &asked.client), (host, &shown));
        }
    }

    #[test]
    fn the_answer_keeps_the_address_and_says_who_gives_it() {
        let (client, challenge) = (client(), "a".repeat(43));
        let sent =
            Parameters { client: &client, redirect: CALLBACK, challenge: &challenge, state: "a&b=c", resource: "" };
        let asked = Asked::check(&sent, ORIGIN).unwrap();
        let back = asked.lead_back(ORIGIN, ("code", "slc_1"));
        assert_eq!(back, "https://claude.ai/cb?keep=1&code=slc_1&state=a%26b%3Dc&iss=https%3A%2F%2Fslipway.example");
        let app = Asked { redirect: "cursor://anysphere.cursor-mcp/oauth/callback".to_owned(), ..asked.clone() };
        let back = app.lead_back(ORIGIN, ("code", "slc_1"));
        assert!(back.starts_with("cursor://anysphere.cursor-mcp/oauth/callback?code=slc_1&state="), "{back}");
        assert!(app.is_on_own_machine() && !asked.is_on_own_machine());
        let stateless = Asked { state: String::new(), ..asked };
        assert!(!stateless.lead_back(ORIGIN, ("error", "access_denied")).contains("state="));
    }

    #[test]
    fn a_resource_is_the_tools_of_this_installation() {
        for (sent, business) in [
            ("", Ok(None)),
            ("https://slipway.example/mcp", Ok(None)),
            ("HTTPS://SLIPWAY.example:443/mcp/", Ok(None)),
            ("https://slipway.example/mcp/bright-dental", Ok(Some("bright-dental".to_owned()))),
            ("https://slipway.example/mcpx", Err(Fault::Resource)),
            ("https://slipway.example/mcp/a/b", Err(Fault::Resource)),
            ("https://slipway.example/mcp?x=1", Err(Fault::Resource)),
            ("https://slipway.example/mcp#x", Err(Fault::Resource)),
            ("https://slipway.example/", Err(Fault::Resource)),
            ("http://slipway.example/mcp", Err(Fault::Resource)),
            ("https://slipway.example:444/mcp", Err(Fault::Resource)),
            ("https://slipway.example.evil.example/mcp", Err(Fault::Resource)),
            ("mcp", Err(Fault::Resource)),
        ] {
            assert_eq!(resource(sent, ORIGIN), business, "{sent}");
        }
    }
}
