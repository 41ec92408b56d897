//! A tool server for tests that misbehaves on demand: each tool is a fault. It speaks MCP over standard input and output.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, Write};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Value, json};

/// Each fault, by the name of its tool.
const TOOLS: [&str; 10] =
    ["echo", "environment", "facts", "silent", "junk", "die", "fork", "flood", "big", "cancelled"];

fn main() -> ExitCode {
    // Said before anything else, so that a test sees what the process was given.
    let _ = writeln!(io::stderr(), "variables: {}", variables().join(" "));
    let mut cancelled = BTreeSet::new();
    for line in io::stdin().lock().lines() {
        let Ok(message) = line.map_err(|_| ()).and_then(|line| serde_json::from_str::<Value>(&line).map_err(|_| ()))
        else {
            continue;
        };
        let method = message["method"].as_str().unwrap_or_default();
        match method {
            "notifications/cancelled" => {
                cancelled.insert(message["params"]["requestId"].as_u64().unwrap_or_default());
            }
            "initialize" => answer(&message, &initialized()),
            "tools/list" => answer(&message, &tools()),
            "tools/call" => {
                if let Some(result) = call(&message["params"], &cancelled) {
                    answer(&message, &result);
                }
            }
            _ => {}
        }
    }
    ExitCode::SUCCESS
}

fn initialized() -> Value {
    let server = json!({ "name": "stub", "version": "1" });
    json!({ "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": server })
}

fn tools() -> Value {
    let tool = |name: &&str| json!({ "name": name, "description": name, "inputSchema": { "type": "object" } });
    json!({ "tools": TOOLS.iter().map(tool).collect::<Vec<_>>() })
}

fn answer(to: &Value, result: &Value) {
    say(&json!({ "result": result, "jsonrpc": "2.0", "id": to["id"] }).to_string());
}

fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
}

/// What a tool answers. `None` if it never does.
fn call(params: &Value, cancelled: &BTreeSet<u64>) -> Option<Value> {
    let arguments = &params["arguments"];
    let said = match params["name"].as_str().unwrap_or_default() {
        "echo" => arguments.clone(),
        "environment" => json!(variables()),
        "facts" => facts(),
        "silent" => return None,
        "junk" => {
            say("Debugger attached.");
            say("{\"half\": ");
            say("{\"jsonrpc\":\"2.0\",\"id\":99999,\"result\":{}}");
            json!("after junk")
        }
        "die" => std::process::exit(7),
        "fork" => json!(forked()),
        "flood" => {
            let line = format!("{}\n", "f".repeat(999));
            let mut err = io::stderr().lock();
            (0..20_000).for_each(|_| drop(err.write_all(line.as_bytes())));
            json!("after the flood")
        }
        "big" => json!("b".repeat(usize::try_from(arguments["bytes"].as_u64().unwrap_or_default()).unwrap_or(0))),
        "cancelled" => json!(cancelled),
        _ => Value::Null,
    };
    Some(json!({ "content": [], "structuredContent": { "said": said } }))
}

fn variables() -> Vec<String> {
    let mut names: Vec<String> = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Starts a process that outlives a careless end, and names it.
fn forked() -> u32 {
    let sleeping = Command::new("/bin/sleep").arg("600").stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    sleeping.map_or(0, |child| child.id())
}

/// What the process is allowed to, as the kernel says it.
fn facts() -> Value {
    let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    let mut files: Vec<String> = fs::read_dir("/proc/self/fd")
        .map(|found| found.flatten().map(|one| one.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    files.sort();
    let folder = std::env::current_dir().unwrap_or_default();
    json!({
        "status": read("status"),
        "limits": read("limits"),
        "stat": read("stat"),
        "files": files,
        "folder": folder,
        "listens": std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
    })
}
