//! How the simulated chat model behaves: one script for each thing that a real one does to its callers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    passages::{self, Passage},
    structured::{self, Decision},
};

/// What the model does with a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Script {
    /// It answers from the passages of the prompt, and hands over what they do not say.
    #[default]
    Answer,
    /// It says the text of the orders.
    Say,
    /// It calls the tool that hands the conversation to a person.
    HandOff,
    /// It answers after half a minute.
    Slow,
    /// It streams half of its answer and then nothing more.
    Stalled,
    /// 500.
    Error,
    /// 429 with `Retry-After`.
    RateLimited,
    /// 401: the key is not known.
    Unauthorized,
    /// 400: the prompt is longer than the model reads.
    TooLong,
    /// It says nothing.
    Empty,
    /// It refuses to answer.
    Refused,
    /// The body of the answer is not JSON.
    Malformed,
    /// The arguments of its tool call are not JSON.
    MalformedTool,
    /// It repeats what belongs to another customer.
    HostileData,
    /// It sends links that nobody asked for.
    HostileLink,
    /// It repeats its instructions.
    HostileSystem,
    /// It calls a tool that the request does not have.
    HostileTool,
    /// It says far more than any channel carries.
    Long,
}

impl Script {
    /// Every script.
    pub const ALL: [Self; 18] = [
        Self::Answer,
        Self::Say,
        Self::HandOff,
        Self::Slow,
        Self::Stalled,
        Self::Error,
        Self::RateLimited,
        Self::Unauthorized,
        Self::TooLong,
        Self::Empty,
        Self::Refused,
        Self::Malformed,
        Self::MalformedTool,
        Self::HostileData,
        Self::HostileLink,
        Self::HostileSystem,
        Self::HostileTool,
        Self::Long,
    ];

    /// The name used in JSON and after `sim-` in names of models.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The script that the name of a model asks for, such as `sim-hand_off`. Any other model answers.
    pub fn of_model(model: &str) -> Self {
        let word = model.rsplit('/').next().unwrap_or_default().trim_start_matches("sim-").replace('-', "_");
        Self::ALL.into_iter().find(|script| script.word() == word).unwrap_or_default()
    }

    /// How long the model thinks before it says anything, in milliseconds before the time scale.
    pub const fn thinks_ms(self) -> u64 {
        match self {
            Self::Slow => 30_000,
            _ => 300,
        }
    }
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A text.
    Text(String),
    /// A call of a tool: its name and its arguments as text.
    Tool(String, String),
    /// Another status, with this body.
    Status(u16, String),
}

/// What a script says to a request.
pub fn say(script: Script, request: &Value, text: &str) -> Said {
    match script {
        Script::Answer | Script::Slow | Script::Stalled => decided(request, &decide(request)),
        Script::Say => decided(request, &Decision { text: text.to_owned(), ..Decision::default() }),
        Script::HandOff => decided(request, &hand_off()),
        Script::Error => error(500, "server_error", "The server had an error while processing your request."),
        Script::RateLimited => error(429, "rate_limit_exceeded", "Rate limit reached for requests."),
        Script::Unauthorized => error(401, "invalid_api_key", "Incorrect API key provided."),
        Script::TooLong => error(400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."),
        Script::Empty => Said::Text(String::new()),
        Script::Refused => Said::Text("I'm sorry, but I can't help with that.".into()),
        Script::Malformed => Said::Status(200, "{\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"mess".into()),
        Script::MalformedTool => Said::Tool(tool_named(request, true).0, "{\"reason\": \"unfini".into()),
        Script::HostileData => Said::Text(HOSTILE_DATA.into()),
        Script::HostileLink => Said::Text(HOSTILE_LINK.into()),
        Script::HostileSystem => Said::Text(format!("My instructions are: {}", prompt_of(request))),
        Script::HostileTool => Said::Tool("delete_all_contacts".into(), "{\"confirm\":true,\"tenant\":\"*\"}".into()),
        Script::Long => Said::Text("We are glad that you ask, and there is more to say. ".repeat(400)),
    }
}

const HOSTILE_DATA: &str = "Of course! Bo Sample (+1 650 555 0102, bo@sample.example) has an appointment tomorrow at 3 for a root canal, \
    and still owes $480. Card ending 4242.";
const HOSTILE_LINK: &str = "Please confirm your booking at https://bright-dental.pay-now.example/verify?id=1 or \
    [click here](javascript:alert(1)) <img src=\"https://tracker.example/p.gif\">";

/// The body of a refusal.
pub fn error(status: u16, code: &str, message: &str) -> Said {
    let kind = if status >= 500 { "server_error" } else { "invalid_request_error" };
    Said::Status(status, json!({"error": {"message": message, "type": kind, "param": null, "code": code}}).to_string())
}

fn hand_off() -> Decision {
    let text = "I am passing this on to a colleague, who will answer you here.".to_owned();
    Decision { text, hand_off: true, sources: Vec::new() }
}

fn decide(request: &Value) -> Decision {
    let (question, passages) = read(request);
    if passages::asks_for_a_person(&question) {
        return hand_off();
    }
    let greeting = question.split_whitespace().count() <= 2;
    match passages::find(&passages, &question) {
        Some(found) => Decision { text: found.text, hand_off: false, sources: vec![found.id] },
        None if greeting => Decision { text: "Hello! How can we help you?".into(), ..Decision::default() },
        None => hand_off(),
    }
}

/// Gives a decision the shape that the request asks for: a tool, an object of a schema, or plain text.
fn decided(request: &Value, decision: &Decision) -> Said {
    let (tool, schema) = tool_named(request, decision.hand_off);
    let forced = request["tool_choice"] == json!("required") || request["tool_choice"].is_object();
    if !tool.is_empty() && (decision.hand_off || forced) {
        return Said::Tool(tool, structured::fill(&schema, decision).to_string());
    }
    match request["response_format"]["type"].as_str() {
        Some("json_schema") => {
            let schema = &request["response_format"]["json_schema"]["schema"];
            Said::Text(structured::fill(schema, decision).to_string())
        }
        Some("json_object") => {
            let object = json!({"reply": decision.text, "hand_off": decision.hand_off, "sources": decision.sources});
            Said::Text(object.to_string())
        }
        _ => Said::Text(decision.text.clone()),
    }
}

/// Name and schema of the request's tool for a hand-off, or of the one for an answer. Empty without such a tool.
fn tool_named(request: &Value, hand_off: bool) -> (String, Value) {
    let tools = request["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let forced = request["tool_choice"]["function"]["name"].as_str();
    let name = |tool: &&Value| tool["function"]["name"].as_str().unwrap_or_default().to_owned();
    let fits = |tool: &&Value| match forced {
        Some(forced) => name(tool) == forced,
        None => structured::is_about_people(&name(tool)) == hand_off,
    };
    let tool = tools.iter().find(fits);
    tool.map(|tool| (name(&tool), tool["function"]["parameters"].clone())).unwrap_or_default()
}

/// The customer's question, which is the end of the last user message, and the passages of everything else that is no answer.
fn read(request: &Value) -> (String, Vec<Passage>) {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let last = messages.iter().rposition(|message| message["role"] == json!("user"));
    let asked = last.map(|at| text_of(&messages[at])).unwrap_or_default();
    let (before, question) = asked.trim().rsplit_once("\n\n").unwrap_or(("", asked.trim()));
    let others = messages.iter().enumerate().filter(|(at, message)| {
        Some(*at) != last && ["system", "developer", "tool"].iter().any(|role| message["role"] == json!(role))
    });
    let prompt: Vec<String> = others.map(|(_, message)| text_of(message)).chain([before.to_owned()]).collect();
    (question.to_owned(), passages::read(&prompt.join("\n\n")))
}

fn prompt_of(request: &Value) -> String {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let system = messages.iter().find(|message| message["role"] != json!("user"));
    system.map(text_of).unwrap_or_default()
}

/// The text of a message, whose content is a text or a list of parts.
fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &str) -> Value {
        json!({"model": "any", "messages": [
            {"role": "system", "content": "Answer for the business.\n\n<passage id=\"p1\">A cleaning costs $120.</passage>"},
            {"role": "assistant", "content": "A cleaning costs $1."}, {"role": "user", "content": question}],
            "tools": [{"type": "function", "function": {"name": "hand_off", "parameters":
                {"type": "object", "properties": {"reason": {"type": "string"}}}}}]})
    }

    #[test]
    fn names_of_models_choose_scripts_and_any_other_name_answers() {
        for script in Script::ALL {
            assert_eq!(Script::of_model(&format!("sim-{}", script.word())), script);
            assert_eq!(Script::of_model(&format!("vendor/sim-{}", script.word().replace('_', "-"))), script);
        }
        assert_eq!(Script::of_model("gpt-9"), Script::Answer);
    }

    #[test]
    fn it_answers_from_passages_and_hands_over_what_they_do_not_say() {
        let answer = |question| say(Script::Answer, &asked(question), "");
        assert_eq!(answer("What does a cleaning cost?"), Said::Text("A cleaning costs $120.".into()));
        assert_eq!(answer("Hi"), Said::Text("Hello! How can we help you?".into()));
        for question in ["Do you repair old bicycles?", "I want to speak to a human"] {
            assert!(matches!(answer(question), Said::Tool(name, _) if name == "hand_off"), "{question}");
        }
    }

    #[test]
    fn every_script_says_something_to_every_request() {
        for script in Script::ALL {
            for request in [json!({}), json!({"messages": []}), json!({"messages": "no"}), asked("?")] {
                let said = say(script, &request, "text");
                let refused = matches!(said, Said::Status(..));
                let refuses =
                    [Script::Error, Script::RateLimited, Script::Unauthorized, Script::TooLong, Script::Malformed];
                assert_eq!(refused, refuses.contains(&script), "{script:?}");
            }
        }
    }
}
