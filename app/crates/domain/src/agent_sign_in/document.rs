//! Which program is it whose id is an address? The document there says so (OAuth Client ID Metadata Documents, draft 02, which
//! MCP asks for). So the name of a program is at least what the owner of that address says.

use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

use super::program::{LONGEST_REDIRECT, Program, on_own_machine};

/// What a document says, as far as it counts.
#[derive(Deserialize)]
struct Document {
    client_id: String,
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    client_secret: Option<IgnoredAny>,
}

impl Program {
    /// The program that the document at this address describes. `None` if it describes another one, or one that cannot sign
    /// in here: all programs are public ones, which have no secret.
    #[must_use]
    pub fn described(address: &str, document: &[u8]) -> Option<Self> {
        let told: Document = serde_json::from_slice(document).ok()?;
        let is_public = told.token_endpoint_auth_method.is_none_or(|method| method == "none");
        let is_own = told.client_id == address && is_address(address);
        if !is_own || !is_public || told.client_secret.is_some() {
            return None;
        }
        let program = Self::new(&told.client_name.unwrap_or_default(), &told.redirect_uris).ok()?;
        Some(Self { document: Some(address.to_owned()), ..program })
    }
}

/// Whether the id of a program is an address where its document can lie: https (or http on the person's own machine, where
/// simulators are) with a path and without a user or a fragment, written in the one way in which it is compared.
#[must_use]
pub fn is_address(id: &str) -> bool {
    let Some(url) = Url::parse(id).ok().filter(|_| id.len() <= LONGEST_REDIRECT) else { return false };
    let is_web = url.scheme() == "https" || (url.scheme() == "http" && on_own_machine(&url));
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    is_web && is_plain && url.path() != "/" && url.as_str() == id
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ADDRESS: &str = "https://claude.ai/oauth/client.json";

    fn described(document: &Value) -> Option<Program> {
        Program::described(ADDRESS, document.to_string().as_bytes())
    }

    #[test]
    fn a_document_describes_the_program_at_its_own_address() {
        let good = json!({
            "client_id": ADDRESS, "client_name": "Claude", "redirect_uris": ["http://localhost/callback", "ftp://x/"],
            "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"], "logo_uri": 7,
        });
        let program = described(&good).unwrap();
        assert_eq!((program.name.as_str(), program.document.as_deref()), ("Claude", Some(ADDRESS)));
        assert!(program.leads_to("http://localhost:4711/callback") && !program.leads_to("ftp://x/"));
        assert_eq!(Program::parse(&program.id()), Some(program));
        for (field, value) in [
            ("client_id", json!("https://claude.ai/oauth/client.json/")),
            ("client_id", json!("https://CLAUDE.ai/oauth/client.json")),
            ("client_id", json!(null)),
            ("client_name", json!("x".repeat(81))),
            ("redirect_uris", json!([])),
            ("redirect_uris", json!(["javascript:alert(1)"])),
            ("redirect_uris", json!("https://claude.ai/cb")),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("token_endpoint_auth_method", json!("private_key_jwt")),
            ("client_secret", json!("x")),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            assert_eq!(described(&bad), None, "{bad}");
        }
        for bad in [json!([]), json!("x"), json!({})] {
            assert_eq!(described(&bad), None, "{bad}");
        }
        assert_eq!(Program::described(ADDRESS, b"<html>"), None);
    }

    #[test]
    fn an_address_is_written_in_one_way() {
        for good in [ADDRESS, "https://a.example:8443/x?y=1", "http://127.0.0.1:4700/agent.json"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "https://claude.ai/",
            "https://claude.ai",
            "http://claude.ai/client.json",
            "https://claude.ai/client.json#x",
            "https://claude.ai/client.json#",
            "https://user@claude.ai/client.json",
            "https://:secret@claude.ai/client.json",
            "https://claude.ai/a/../client.json",
            "https://claude.ai/a/%2e%2e/client.json",
            "https://claude.ai:443/client.json",
            "https://CLAUDE.ai/client.json",
            "https://2130706433/client.json",
            " https://claude.ai/client.json",
            "https://claude.ai/\u{e9}",
            "ftp://claude.ai/client.json",
            "slc-7b",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("https://a.example/{}", "x".repeat(300))));
    }
}
