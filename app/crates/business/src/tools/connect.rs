//! What does a person paste into a program to give it hands on a business? The lines for each program, with the token that
//! is shown once or with a word that stands for it.

use domain::BusinessId;
use serde_json::{Value, json};

/// Stands for a token that the page does not know.
pub(super) const TOKEN: &str = "YOUR_TOKEN";

/// How a program is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its name.
    pub name: &'static str,
    /// The file that the lines belong to; empty for a command.
    pub file: &'static str,
    /// The lines.
    pub lines: String,
}

/// The address that MCP clients are given. It names the business, so that a token of another one is refused.
pub(super) fn address(base: &str, business: BusinessId) -> String {
    format!("{base}/mcp/{business}")
}

/// Every program that the page has lines for. `name` is what the program will call the business.
pub(super) fn programs(base: &str, business: BusinessId, name: &str, token: &str) -> Vec<Program> {
    let (url, name, bearer) = (address(base, business), server_name(name), format!("Bearer {token}"));
    vec![
        Program {
            name: "Claude Desktop",
            file: "claude_desktop_config.json",
            lines: pretty(&json!({ "mcpServers": { &name: bridge(&url, &bearer) } })),
        },
        Program {
            name: "Cursor",
            file: "~/.cursor/mcp.json",
            lines: pretty(
                &json!({ "mcpServers": { &name: { "url": &url, "headers": { "Authorization": &bearer } } } }),
            ),
        },
        Program {
            name: "VS Code",
            file: ".vscode/mcp.json",
            lines: pretty(
                &json!({ "servers": { &name: { "type": "http", "url": &url, "headers": { "Authorization": &bearer } } } }),
            ),
        },
        Program { name: "curl", file: "", lines: format!("curl '{base}/tools' \\\n  -H 'authorization: {bearer}'") },
    ]
}

/// A program that speaks MCP over its standard input alone reaches the address by the bridge `mcp-remote`. The header
/// stands in a variable, because some programs break arguments at blanks.
fn bridge(url: &str, bearer: &str) -> Value {
    let mut arguments = vec!["-y", "mcp-remote", url, "--header", "Authorization:${AUTH_HEADER}"];
    if url.starts_with("http://") {
        arguments.push("--allow-http");
    }
    json!({ "command": "npx", "args": arguments, "env": { "AUTH_HEADER": bearer } })
}

/// The name of a business as the name of a server: small letters, digits and hyphens.
fn server_name(name: &str) -> String {
    let letters =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
    let letters = letters.collect::<String>();
    let words = letters.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if words.is_empty() { "slipway".to_owned() } else { words.chars().take(40).collect() }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(base: &str) -> Vec<Program> {
        programs(base, BusinessId(uuid::Uuid::nil()), "Bright Dental & Söhne", "slw_abc")
    }

    #[test]
    fn every_program_gets_the_token_and_valid_json() {
        for program in lines("https://slipway.example") {
            assert!(program.lines.contains("Bearer slw_abc"), "{}", program.name);
            if program.file.is_empty() {
                assert!(program.lines.starts_with("curl 'https://slipway.example/tools'"));
                continue;
            }
            let value: Value = serde_json::from_str(&program.lines).unwrap();
            let servers = value.get("mcpServers").or_else(|| value.get("servers")).unwrap();
            assert!(servers.get("bright-dental-s-hne").is_some(), "{}", program.lines);
            assert!(program.lines.contains("https://slipway.example/mcp/00000000-0000-0000-0000-000000000000"));
            assert!(!program.lines.contains("--allow-http"), "it is not needed here");
        }
    }

    #[test]
    fn the_bridge_is_told_of_an_address_without_encryption() {
        assert!(lines("http://127.0.0.1:3000")[0].lines.contains("--allow-http"));
    }

    #[test]
    fn a_name_without_letters_of_ours_still_names_a_server() {
        assert_eq!(server_name("日本"), "slipway");
        assert_eq!(server_name("  A  b "), "a-b");
        assert_eq!(server_name(&"x".repeat(200)).len(), 40);
    }
}
