//! Writes a call of the API in the languages that people copy from: curl, TypeScript and Python.

use leptos::prelude::*;

/// A call of the API to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleCall {
    /// The method.
    pub method: &'static str,
    /// The complete address.
    pub url: String,
    /// The token, or how a program names it; see `TOKEN`.
    pub token: String,
    /// The body as JSON, if there is one.
    pub body: Option<String>,
    /// Whether an idempotency key makes the call safe to repeat.
    pub once: bool,
}

/// Stands for a token that the page does not know: each language reads it from the environment.
pub const TOKEN: &str = "SLIPWAY_TOKEN";

/// The first call with a new token.
pub fn first_call(base: &str, secret: &str) -> ExampleCall {
    let url = format!("{base}/api/v1/snapshots");
    ExampleCall { method: "GET", url, token: secret.to_owned(), body: None, once: false }
}

impl ExampleCall {
    fn knows_token(&self) -> bool {
        self.token != TOKEN
    }

    /// As a command of a shell. What stands between single quotes is taken literally.
    fn curl(&self) -> String {
        let token = if self.knows_token() { self.token.clone() } else { format!("${TOKEN}") };
        let mut lines = vec![format!("curl {} {}", method_option(self.method), shell(&self.url))];
        lines.push(format!("  -H \"Authorization: Bearer {token}\""));
        if self.once {
            lines.push("  -H \"Idempotency-Key: $(uuidgen)\"".to_owned());
        }
        if let Some(body) = &self.body {
            lines.push("  -H \"Content-Type: application/json\"".to_owned());
            lines.push(format!("  -d {}", shell(body)));
        }
        lines.join(" \\\n")
    }

    fn typescript(&self) -> String {
        let token = if self.knows_token() { self.token.clone() } else { format!("${{process.env.{TOKEN}}}") };
        let mut headers = vec![format!("    Authorization: `Bearer {token}`,")];
        if self.once {
            headers.push("    \"Idempotency-Key\": crypto.randomUUID(),".to_owned());
        }
        let mut body = String::new();
        if let Some(json) = &self.body {
            headers.push("    \"Content-Type\": \"application/json\",".to_owned());
            body = format!("  body: JSON.stringify({}),\n", indented(json, "  "));
        }
        let (method, url, headers) = (self.method, quoted(&self.url), headers.join("\n"));
        format!(
            "const response = await fetch({url}, {{\n  method: \"{method}\",\n  headers: {{\n{headers}\n  }},\n{body}}});\n\
             if (!response.ok) throw new Error((await response.json()).detail);\n{}",
            if method == "DELETE" { "" } else { "console.log(await response.json());\n" }
        )
    }

    fn python(&self) -> String {
        let token = if self.knows_token() { quoted(&self.token) } else { format!("os.environ[\"{TOKEN}\"]") };
        let mut imports = vec!["import requests"];
        if !self.knows_token() {
            imports.insert(0, "import os");
        }
        let mut headers = vec![format!("\"Authorization\": \"Bearer \" + {token}")];
        if self.once {
            imports.insert(imports.len() - 1, "import uuid");
            headers.push("\"Idempotency-Key\": str(uuid.uuid4())".to_owned());
        }
        let mut body = String::new();
        if let Some(json) = &self.body {
            imports.insert(0, "import json");
            body = format!("    json=json.loads(r\"\"\"{}\"\"\"),\n", indented(json, "    "));
        }
        let (method, url) = (self.method.to_ascii_lowercase(), quoted(&self.url));
        format!(
            "{}\n\nresponse = requests.{method}(\n    {url},\n    headers={{{}}},\n{body}    timeout=30,\n)\nresponse.raise_for_status()\n{}",
            imports.join("\n"),
            headers.join(", "),
            if self.method == "DELETE" { "" } else { "print(response.json())\n" }
        )
    }
}

/// The option that names the method, as far as curl needs one.
fn method_option(method: &str) -> String {
    format!("-X {method}")
}

/// A text as one word of a shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text between double quotes, as JSON, TypeScript and Python read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// All lines but the first one moved to the right.
fn indented(text: &str, by: &str) -> String {
    text.replace('\n', &format!("\n{by}"))
}

/// The call in each language, each with a button that copies it.
#[component]
pub fn Examples(call: ExampleCall) -> impl IntoView {
    let languages = [("curl", call.curl()), ("TypeScript", call.typescript()), ("Python", call.python())];
    let blocks = languages.into_iter().enumerate().map(|(at, (name, code))| {
        let copied = code.clone();
        view! {
            <details open={at == 0} class="border-t border-line first:border-0">
                <summary class="fold flex items-center gap-2 py-2 text-sm text-fg-2">{name}</summary>
                <div class="flex items-start gap-2 pb-3">
                    <pre class="min-w-0 grow overflow-x-auto rounded-control bg-raised p-3 font-mono text-xs" tabindex="0"><code>{code}</code></pre>
                    <CopyButton text=copied/>
                </div>
            </details>
        }
    });
    view! { <div>{blocks.collect_view()}</div> }
}

/// A button that copies a text which stands beside it.
#[component]
pub fn CopyButton(text: String) -> impl IntoView {
    view! { <button type="button" class="scripted copy" data-copy=text aria-label="Copy"><kit::Icon of=kit::Glyph::Copy/></button> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> ExampleCall {
        ExampleCall {
            method: "POST",
            url: "https://slipway.example/api/v1/provisioning/jobs".to_owned(),
            token: TOKEN.to_owned(),
            body: Some("{\n  \"name\": \"O'Hara\"\n}".to_owned()),
            once: true,
        }
    }

    #[test]
    fn a_call_is_written_in_each_language() {
        let curl = order().curl();
        assert!(curl.starts_with("curl -X POST 'https://slipway.example/api/v1/provisioning/jobs' \\\n"), "{curl}");
        assert!(curl.contains("Bearer $SLIPWAY_TOKEN") && curl.contains("Idempotency-Key"));
        assert!(curl.ends_with("-d '{\n  \"name\": \"O'\\''Hara\"\n}'"), "a quote does not end the word: {curl}");
        let typescript = order().typescript();
        assert!(
            typescript.contains("`Bearer ${process.env.SLIPWAY_TOKEN}`") && typescript.contains("JSON.stringify({")
        );
        let python = order().python();
        for code in [&curl, &typescript, &python] {
            assert!(
                code.contains("Idempotency-Key") && !code.contains("idempotency-key"),
                "as the reference spells it"
            );
        }
        assert!(python.starts_with("import json\nimport os\nimport uuid\nimport requests\n"), "{python}");
        assert!(python.contains("requests.post(\n") && python.contains("os.environ[\"SLIPWAY_TOKEN\"]"));
    }

    #[test]
    fn a_known_token_is_filled_in() {
        let call = first_call("https://slipway.example", "slw_abc");
        for text in [call.curl(), call.typescript(), call.python()] {
            assert!(text.contains("slw_abc") && !text.contains(TOKEN) && text.contains("/api/v1/snapshots"), "{text}");
        }
    }
}
