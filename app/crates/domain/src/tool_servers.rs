//! Which third-party tool servers may an agency run, what are their tools called, and which of them cannot be used? The
//! platform allows whole command lines; an agency chooses among them and types no word that a program is started with.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::FieldError;
use crate::{BusinessId, ToolCommandId, ToolServerId, text};

/// The most characters of the name of a command.
pub const NAME: usize = 40;
/// The most characters of the path of a program.
pub const PROGRAM: usize = 255;
/// The most arguments of a command.
pub const MOST_ARGUMENTS: usize = 32;
/// The most bytes of one argument.
pub const ARGUMENT: usize = 500;
/// The most characters of a prefix.
pub const PREFIX: usize = 16;
/// The most tool servers of an agency.
pub const MOST_SERVERS: i64 = 20;
/// The most tools of one server that are used.
pub const MOST_TOOLS: usize = 200;
/// The most characters of the full name of a tool.
pub const TOOL_NAME: usize = 64;
/// The most characters that a tool may say of itself.
pub const DESCRIPTION: usize = 2_000;
/// The most bytes of the schemas of one tool.
pub const SCHEMA: usize = 16 * 1024;
/// The most bytes of all tools of one server. Each list of tools that a program asks for holds them.
pub const LISTED: usize = 128 * 1024;

/// A command line that agencies may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCommand {
    /// Its id.
    pub id: ToolCommandId,
    /// Its name, by which agencies choose it.
    pub name: String,
    /// The absolute path of the program.
    pub program: String,
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// Whether servers that use it are started.
    pub active: bool,
    /// How many servers use it.
    pub servers: i64,
}

/// A command line to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToolCommand {
    /// Its name.
    pub name: String,
    /// The absolute path of the program.
    pub program: String,
    /// The arguments of the program.
    pub arguments: Vec<String>,
}

impl NewToolCommand {
    /// Reads a command line as it stands in a form: one argument a line. Empty lines say nothing.
    #[must_use]
    pub fn typed(name: &str, program: &str, arguments: &str) -> Self {
        let arguments = arguments.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        Self { name: text::line(name), program: program.trim().to_owned(), arguments: arguments.collect() }
    }

    /// What has to be mended.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !is_word(&self.name, NAME, |letter| letter == '-') {
            errors.push(FieldError::new("name", "Use lowercase letters, digits and dashes, at most 40."));
        }
        let climbs = self.program.split('/').any(|part| part == "..");
        let is_path = self.program.starts_with('/') && self.program.chars().count() <= PROGRAM && !climbs;
        if !is_path || text::line(&self.program) != self.program {
            errors.push(FieldError::new("program", "Enter the whole path of the program, such as /usr/bin/node."));
        }
        let unusable = |argument: &String| argument.len() > ARGUMENT || text::line(argument) != *argument;
        if self.arguments.len() > MOST_ARGUMENTS || self.arguments.iter().any(unusable) {
            errors.push(FieldError::new("arguments", "Enter at most 32 arguments of at most 500 characters."));
        }
        errors
    }
}

/// A tool server to set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToolServer {
    /// What the names of its tools begin with.
    pub prefix: String,
    /// The command line that it is run by.
    pub command: ToolCommandId,
    /// The one client that it is for. `None` for every client of the agency.
    pub business: Option<BusinessId>,
}

/// True if this can be a prefix: names of tools are told apart by it, so it has no underscore.
#[must_use]
pub fn is_prefix(prefix: &str) -> bool {
    is_word(prefix, PREFIX, |_| false)
}

fn is_word(word: &str, most: usize, also: impl Fn(char) -> bool) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || also(letter);
    word.starts_with(|letter: char| letter.is_ascii_lowercase()) && word.len() <= most && word.chars().all(fits)
}

/// A tool as its server describes it. All of it is foreign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundTool {
    /// Its name there.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// The schema of its arguments.
    pub input: Value,
    /// The schema of its result, if it has one.
    pub output: Option<Value>,
}

/// A tool that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Its name at its server, cut to what can be shown.
    pub name: String,
    /// Why it cannot be used.
    pub reason: String,
}

/// A tool server of an agency.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolServer {
    /// Its id.
    pub id: ToolServerId,
    /// What the names of its tools begin with.
    pub prefix: String,
    /// The name of the command line that it is run by.
    pub command: String,
    /// Whether the platform still allows that command line.
    pub allowed: bool,
    /// The one client that it is for. `None` for every client of the agency.
    pub business: Option<BusinessId>,
    /// The name of that client.
    pub business_name: Option<String>,
    /// Whether it is on.
    pub active: bool,
    /// Its tools, as it listed them last.
    pub tools: Vec<FoundTool>,
    /// The tools that cannot be used.
    pub set_aside: Vec<SetAside>,
    /// When it was asked last.
    pub probed_at: Option<DateTime<Utc>>,
    /// Why it could not be asked then.
    pub trouble: Option<String>,
}

/// The full name of a tool of a third-party server.
#[must_use]
pub fn full_name(prefix: &str, name: &str) -> String {
    format!("{prefix}_{name}")
}

/// What a server listed: what can be used, and what cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sorted {
    /// The tools that can be used.
    pub tools: Vec<FoundTool>,
    /// The others.
    pub set_aside: Vec<SetAside>,
}

/// Sorts what a server listed. One tool that is broken sets only itself aside. `is_taken` says whether a tool of ours has
/// this full name; `fault` says what is wrong with a schema.
#[must_use]
pub fn sorted(
    prefix: &str,
    found: Vec<FoundTool>,
    is_taken: impl Fn(&str) -> bool,
    fault: impl Fn(&Value) -> Option<String>,
) -> Sorted {
    let (mut sorted, mut names, mut listed) = (Sorted::default(), BTreeSet::new(), 0);
    for mut tool in found {
        let full = full_name(prefix, &tool.name);
        tool.description = tool.description.chars().filter(|letter| *letter != '\0').take(DESCRIPTION).collect();
        let bytes = full.len() + tool.description.len() + schemas(&tool);
        let reason = if !is_tool_name(&full) {
            Some("Its name has other characters than letters, digits, - and _, or is too long.".to_owned())
        } else if is_taken(&full) {
            Some("A tool of ours has this name.".to_owned())
        } else if names.contains(&full) {
            Some("The server lists two tools of this name.".to_owned())
        } else if sorted.tools.len() >= MOST_TOOLS {
            Some(format!("The server lists more than {MOST_TOOLS} tools."))
        } else {
            let too_many = || format!("The tools of the server have more than {LISTED} bytes.");
            unusable(&tool, &fault).or_else(|| (listed + bytes > LISTED).then(too_many))
        };
        if let Some(reason) = reason {
            let shown = |said: &str, most| text::line(said).chars().take(most).collect::<String>();
            if sorted.set_aside.len() < MOST_TOOLS {
                sorted.set_aside.push(SetAside { name: shown(&tool.name, TOOL_NAME), reason: shown(&reason, 300) });
            }
            continue;
        }
        names.insert(full);
        listed += bytes;
        sorted.tools.push(tool);
    }
    sorted
}

/// True if this can be the full name of a tool.
#[must_use]
pub fn is_tool_name(full: &str) -> bool {
    full.len() <= TOOL_NAME && full.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The bytes of the schemas of a tool.
fn schemas(tool: &FoundTool) -> usize {
    tool.input.to_string().len() + tool.output.as_ref().map_or(0, |output| output.to_string().len())
}

/// Why the schemas of a tool cannot be used.
fn unusable(tool: &FoundTool, fault: impl Fn(&Value) -> Option<String>) -> Option<String> {
    if schemas(tool) > SCHEMA {
        return Some(format!("Its schemas have more than {SCHEMA} bytes."));
    }
    // Postgres keeps no such character in JSON.
    if tool.input.to_string().contains("\\u0000")
        || tool.output.as_ref().is_some_and(|one| one.to_string().contains("\\u0000"))
    {
        return Some("Its schemas contain a character that can't be stored.".to_owned());
    }
    if tool.input.get("type").and_then(Value::as_str) != Some("object") {
        return Some("Its input schema isn't an object.".to_owned());
    }
    if let Some(fault) = fault(&tool.input) {
        return Some(format!("Its input schema isn't valid: {fault}"));
    }
    let fault = tool.output.as_ref().and_then(fault)?;
    Some(format!("Its output schema isn't valid: {fault}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool(name: &str) -> FoundTool {
        let input = json!({ "type": "object", "properties": {} });
        FoundTool { name: name.to_owned(), description: "Says hello.".to_owned(), input, output: None }
    }

    fn broken(schema: &Value) -> Option<String> {
        (schema["properties"] == json!(7)).then(|| "7 is no list of properties".to_owned())
    }

    #[test]
    fn a_broken_tool_sets_only_itself_aside_and_says_why() {
        let found = vec![
            tool("echo"),
            tool("echo"),
            tool("add two"),
            tool("taken"),
            tool(&"x".repeat(64)),
            FoundTool { input: json!({ "type": "object", "properties": 7 }), ..tool("seven") },
            FoundTool { input: json!(true), ..tool("anything") },
            FoundTool { output: Some(json!({ "properties": 7 })), ..tool("answer") },
            FoundTool { input: json!({ "type": "object", "description": "x".repeat(SCHEMA) }), ..tool("long") },
            FoundTool { input: json!({ "type": "object", "title": "\0" }), ..tool("zero") },
            tool("add"),
        ];
        let sorted = sorted("demo", found, |full| full == "demo_taken", broken);
        let names: Vec<&str> = sorted.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, ["echo", "add"]);
        let aside: Vec<&str> = sorted.set_aside.iter().map(|one| one.name.as_str()).collect();
        let long = "x".repeat(64);
        assert_eq!(aside, ["echo", "add two", "taken", &long, "seven", "anything", "answer", "long", "zero"]);
        assert!(sorted.set_aside.iter().all(|one| one.reason.len() > 20 && one.reason.len() <= 300));
    }

    #[test]
    fn a_server_that_lists_without_end_is_cut() {
        let found = (0..3 * MOST_TOOLS).map(|at| tool(&format!("t{at}"))).collect();
        let sorted = sorted("demo", found, |_| false, |_| None);
        assert_eq!((sorted.tools.len(), sorted.set_aside.len()), (MOST_TOOLS, MOST_TOOLS));
    }

    #[test]
    fn the_tools_of_one_server_fit_into_a_list() {
        let long = |at: usize| FoundTool {
            input: json!({ "type": "object", "description": "x".repeat(SCHEMA - 100) }),
            ..tool(&format!("t{at}"))
        };
        let sorted = sorted("demo", (0..MOST_TOOLS).map(long).collect(), |_| false, |_| None);
        let bytes: usize = sorted.tools.iter().map(schemas).sum();
        assert!(bytes <= LISTED && bytes > LISTED - SCHEMA, "{bytes}");
        assert!(sorted.set_aside.iter().all(|one| one.reason.contains("more than")));
    }

    #[test]
    fn tools_of_two_servers_never_have_one_name() {
        for (prefix, fits) in
            [("everything", true), ("a1", true), ("", false), ("1a", false), ("a_b", false), ("A", false)]
        {
            assert_eq!(is_prefix(prefix), fits, "{prefix}");
        }
        assert!(!is_prefix(&"a".repeat(PREFIX + 1)));
    }

    #[test]
    fn only_a_whole_command_line_is_allowed() {
        let fits =
            |name: &str, program: &str, arguments: &str| NewToolCommand::typed(name, program, arguments).errors();
        assert!(fits("everything", "/usr/bin/node", "/srv/tools/index.js\n\n stdio ").is_empty());
        assert_eq!(NewToolCommand::typed("a", "/b", "c\n\n d ").arguments, ["c", "d"]);
        assert_eq!(NewToolCommand::typed(" a\u{200b} ", "/b", "").name, "a", "what nobody sees is not refused");
        for (name, program, arguments, wrong) in [
            ("", "/usr/bin/node", String::new(), "name"),
            ("Every Thing", "/usr/bin/node", String::new(), "name"),
            ("a", "node", String::new(), "program"),
            ("a", "/usr/../bin/sh", String::new(), "program"),
            ("a", "/usr/bin/no\0de", String::new(), "program"),
            ("a", "/b", "x\n".repeat(33), "arguments"),
            ("a", "/b", "x".repeat(501), "arguments"),
        ] {
            let errors = fits(name, program, &arguments);
            assert_eq!(
                errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(),
                [wrong],
                "{name} {program}"
            );
        }
    }
}
