//! How does a call of a tool come to run? Every surface calls through here: is there such a tool, do the arguments fit, are tools
//! stopped, what does the policy say, is something left of the day, does a person have to be asked? Then it runs, and the log
//! says how it ended.

use domain::field::FieldError;
use domain::permission::Right;
use domain::tools::{Outcome, Policy};
use serde_json::{Value, json};
use store::tenant::TenantTx;
use store::tools::approvals::{self, Claimed};
use store::tools::budgets::{self, Amount};
use store::tools::judging::{self, Known};
use tokio::sync::Semaphore;

use super::running::{self, Call, Preview, Run, Subject};
use super::schema::is_tenant;
use super::{
    Called, Caller, Compiled, Effect, Running, TOOLS, Tool, ToolContext, ToolError, budget, check, find, foreign, log,
    policy, reading,
};
use crate::Refusal;

/// The most bytes of the arguments of a call. The database writes them with blanks and without exponents, in at most twice as
/// many.
const MOST_ARGUMENTS: usize = 128 * 1024;
/// The absolute values of numbers that are no whole ones of 64 bits: others have many digits once they are stored.
const SIZES: std::ops::Range<f64> = 1e-6..1e15;
/// How many schemas of third parties are read at once.
static CHECKS: Semaphore = Semaphore::const_new(2);
/// What a program reads while tools are stopped.
pub(super) const STOPPED: &str =
    "AI tools are stopped for this business. Someone who runs the business needs to turn them back on.";

/// The tools that this caller may see.
#[must_use]
pub fn listed(context: &ToolContext) -> Vec<&'static Tool> {
    TOOLS.iter().copied().flatten().filter(|tool| context.actor.access().allows(tool.needs)).collect()
}

/// Calls a tool of ours.
///
/// # Errors
/// Why it gave no result; `Waiting` with what to poll if a person is asked.
pub async fn call(context: &ToolContext, caller: &Caller, name: &str, arguments: Value) -> Result<Called, ToolError> {
    let tool = find(name).filter(|tool| context.actor.access().allows(tool.needs)).ok_or(ToolError::Unknown)?;
    storable(&arguments)?;
    check(tool, &arguments).map_err(ToolError::Invalid)?;
    if reading::is_own(tool)
        && let Some(called) = reading::call(context, caller, tool, &arguments).await?
    {
        return Ok(called);
    }
    through(context, caller, Subject::of(tool), arguments, preview_of(context, tool), run_of(context, tool)).await
}

/// A tool of a third-party server.
#[derive(Clone, Copy, Debug)]
pub struct Remote<'a> {
    /// Its name with the prefix of its server.
    pub name: &'a str,
    /// The schema of its arguments.
    pub input: &'a Value,
    /// It waited for an approval, and runs under that one or not at all.
    pub only_approved: bool,
}

/// Calls a tool of a third-party server. Nobody knows what it changes, so it counts as a write. `run` is given the arguments
/// and asks the server.
///
/// # Errors
/// Why it gave no result; `Waiting` with what to poll if a person is asked.
pub async fn call_remote<F>(
    context: &ToolContext,
    caller: &Caller,
    Remote { name, input, only_approved }: Remote<'_>,
    arguments: Value,
    run: impl FnOnce(Value) -> F + Send + 'static,
) -> Result<Called, ToolError>
where
    F: Future<Output = Result<Value, ToolError>> + Send + 'static,
{
    let subject = Subject { name, effect: Effect::Write, needs: Right::ToolsManage, masked: None, only_approved };
    if !context.actor.access().allows(subject.needs) {
        return Err(ToolError::Unknown);
    }
    storable(&arguments)?;
    fits(input, &arguments).await?;
    let shown = shown_of_remote(name, &arguments);
    let preview: Preview = Box::new(move |_| Box::pin(async move { Ok(shown) }));
    let run: Run = Box::new(move |arguments| -> Running<Value> { Box::pin(run(arguments)) });
    through(context, caller, subject, arguments, preview, run).await
}

/// What is to be done with a call.
enum Verdict {
    /// It runs, under an approval if there is one.
    Run(Option<Claimed>),
    /// A person is asked.
    Ask,
    /// It says what it would do.
    DryRun,
    /// It does not run.
    Refuse(ToolError),
}

/// Judges a call whose arguments fit, and does what was judged.
async fn through(
    context: &ToolContext,
    caller: &Caller,
    subject: Subject<'_>,
    arguments: Value,
    preview: Preview,
    run: Run,
) -> Result<Called, ToolError> {
    at_home(context, caller)?;
    let mut tx = context.actor.require(subject.needs)?.begin_for_program().await?;
    let hash = log::hash_of(subject.name, &arguments);
    let known = judging::of_call(&mut tx, caller.token, subject.name, &hash, context.now).await?;
    let holding = known.policy.unwrap_or(policy::default_of(subject.effect));
    let call = Call::new(context, caller, subject, holding);
    match judged(&mut tx, &call, &known, &hash).await? {
        Verdict::Run(claimed) => running::run(tx, &call, claimed, arguments, (preview, run)).await,
        Verdict::Refuse(error) => {
            running::refused(&mut tx, &call, &hash, &error).await?;
            tx.commit().await?;
            Err(error)
        }
        Verdict::Ask => {
            tx.commit().await?;
            running::ask(&call, arguments, preview).await
        }
        Verdict::DryRun => {
            tx.commit().await?;
            dry(&call, arguments, preview).await
        }
    }
}

/// Says what a call would do.
async fn dry(call: &Call<'_>, arguments: Value, preview: Preview) -> Result<Called, ToolError> {
    let shown = running::shown(call, &arguments, preview).await?;
    let mut tx = call.begin().await?;
    let log = running::note(&mut tx, call, &arguments, &(Outcome::DryRun, String::new())).await?;
    tx.commit().await?;
    Ok(Called { result: json!({ "dry_run": true, "would": shown }), log, dry_run: true })
}

/// Judges a call. A switch comes before the policy, and what is denied is neither counted nor asked about.
async fn judged(tx: &mut TenantTx, call: &Call<'_>, known: &Known, hash: &[u8; 32]) -> Result<Verdict, ToolError> {
    let (token, tool) = (call.caller.token, call.subject.name);
    if known.stopped.is_stopped() {
        return Ok(Verdict::Refuse(ToolError::Denied(STOPPED.to_owned())));
    }
    if call.policy == Policy::Deny {
        return Ok(Verdict::Refuse(denied()));
    }
    let changes = call.subject.effect != Effect::Read;
    let claims = call.policy == Policy::Ask || (changes && call.policy == Policy::Allow);
    let claimed = if claims { approvals::claim_same(tx, token, tool, hash, call.context.now).await? } else { None };
    if claims && claimed.is_none() && call.subject.only_approved {
        return Ok(Verdict::Refuse(ToolError::Denied(running::TAKEN.to_owned())));
    }
    if claimed.is_none() && known.same >= budget::SAME_IN_A_MINUTE {
        let after = std::time::Duration::from_secs(60);
        return Ok(Verdict::Refuse(ToolError::RateLimited { after }));
    }
    let writes = changes && (claimed.is_some() || call.policy == Policy::Allow);
    let amount = Amount { writes, paid: writes && budget::is_paid(tool) };
    if claimed.is_some() {
        // A person approved this very call, so it is counted and not held up.
        budgets::count(tx, token, amount).await?;
    } else if let Some(over) = budgets::take(tx, token, amount).await? {
        return Ok(Verdict::Refuse(ToolError::Budget(budget::sentence(over))));
    }
    Ok(match (call.policy, claimed) {
        (Policy::DryRun, _) => Verdict::DryRun,
        (Policy::Ask, None) => Verdict::Ask,
        (_, claimed) => Verdict::Run(claimed),
    })
}

/// What a program reads whose policy denies the tool.
pub(super) fn denied() -> ToolError {
    ToolError::Denied("This token's permissions deny this tool. Someone who runs the business can allow it.".to_owned())
}

/// A caller acts in the business of its own token and in no other.
pub(super) fn at_home(context: &ToolContext, caller: &Caller) -> Result<(), ToolError> {
    if context.actor.access().id == caller.business { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Whether arguments can be kept until a person decides.
fn storable(arguments: &Value) -> Result<(), ToolError> {
    let text = arguments.to_string();
    let refused = |detail: &str| Err(ToolError::Invalid(vec![FieldError::new("", detail)]));
    if text.len() > MOST_ARGUMENTS {
        return refused("Send at most 128 kB of arguments.");
    }
    if text.contains("\\u0000") {
        return refused("Leave out characters with the code zero.");
    }
    if has_unusual_number(arguments) {
        return refused("Send very large and very small numbers as texts.");
    }
    Ok(())
}

fn has_unusual_number(value: &Value) -> bool {
    match value {
        Value::Number(number) if number.is_f64() => {
            let size = number.as_f64().unwrap_or_default().abs();
            size != 0.0 && !SIZES.contains(&size)
        }
        Value::Array(values) => values.iter().any(has_unusual_number),
        Value::Object(fields) => fields.values().any(has_unusual_number),
        _ => false,
    }
}

/// Whether arguments fit the schema that a third-party server declares, and name no tenant. What somebody else wrote is read
/// beside what serves requests, and only some of it at once.
async fn fits(schema: &Value, arguments: &Value) -> Result<(), ToolError> {
    let names = arguments.as_object().map(|fields| fields.keys().collect::<Vec<_>>()).unwrap_or_default();
    if let Some(name) = names.into_iter().find(|name| is_tenant(name)) {
        let error = FieldError::new(format!("/{name}"), "The token fixes the business. Leave this out.");
        return Err(ToolError::Invalid(vec![error]));
    }
    let (schema, arguments) = (schema.clone(), arguments.clone());
    let permit = CHECKS.acquire().await.map_err(|error| Refusal::Fault(error.to_string()))?;
    let checked = tokio::task::spawn_blocking(move || {
        // Held until the check ends, also if nobody waits for it any more.
        let _permit = permit;
        let compiled = Compiled::of_foreign(&schema).map_err(ToolError::Upstream)?;
        if !foreign::is_bounded(&schema, &arguments) {
            let much = "This is more than can be checked against the schema of this tool. Send less in one call.";
            return Err(ToolError::Invalid(vec![FieldError::new("", much)]));
        }
        compiled.check(&arguments).map_err(ToolError::Invalid)
    });
    checked.await.map_err(|error| Refusal::Fault(format!("a check of arguments broke: {error}")))?
}

/// What a person reads of a call of a third-party tool: its name, and each argument on a line, without secrets.
fn shown_of_remote(name: &str, arguments: &Value) -> String {
    let fields = arguments.as_object().into_iter().flatten();
    // A name is as foreign as a value, so it stands as JSON, too.
    let lines = fields.map(|(field, value)| {
        let value = if log::is_secret(field) { Value::from(log::MASK) } else { log::open(value) };
        format!("+ {}: {value}", Value::from(field.as_str()))
    });
    std::iter::once(format!("Call {name} of a third-party server with:")).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Runs a tool of ours.
pub(super) fn run_of(context: &ToolContext, tool: &'static Tool) -> Run {
    let context = context.clone();
    Box::new(move |arguments| (tool.run)(context, arguments))
}

/// Says what a tool of ours would do.
pub(super) fn preview_of(context: &ToolContext, tool: &'static Tool) -> Preview {
    let context = context.clone();
    Box::new(move |arguments| (tool.preview)(context, arguments))
}

#[cfg(test)]
mod tests {
    use domain::tools::{Change, changes};

    use super::*;

    #[test]
    fn no_argument_of_a_foreign_tool_passes_for_another_line() {
        let shown = shown_of_remote("demo_pay", &json!({ "x\n- \"amount": "1\n+ y: 2", "amount": 900 }));
        let lines = changes(&shown);
        assert_eq!(lines.len(), 3, "{shown}");
        assert!(lines[1..].iter().all(|(change, text)| *change == Change::Come && text.starts_with('"')), "{shown}");
    }

    #[test]
    fn no_number_is_much_longer_once_it_is_stored() {
        let stored = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (number, fits) in [
            ("0", true),
            ("-0.0", true),
            ("1.5", true),
            ("-1e-6", true),
            ("123456789012345.5", true),
            ("18446744073709551615", true),
            ("9e-7", false),
            ("1e15", false),
            ("-1e300", false),
            ("5e-324", false),
            ("123456789012345678901234567890", false),
        ] {
            for place in ["X", "{\"a\":X}", "{\"a\":[1,{\"b\":X}]}"] {
                let arguments = stored(&place.replace('X', number));
                assert_eq!(storable(&arguments).is_ok(), fits, "{arguments}");
            }
            // As the database writes it: every digit, and a blank behind the comma.
            let digits = stored(number).as_f64().map_or(0, |float| format!("{float}").len());
            assert!(!fits || digits + 2 <= 2 * (number.len() + 1), "{number}");
        }
        assert!(storable(&json!({ "a": "x".repeat(MOST_ARGUMENTS) })).is_err());
    }

    #[tokio::test]
    async fn a_check_against_a_foreign_schema_that_costs_too_much_is_refused() {
        let patterns = (0..400).map(|at| (format!("p{at}"), json!({ "pattern": format!("\\p{{L}}{{200}}x{at}") })));
        let patterns = json!({ "type": "object", "properties": patterns.collect::<serde_json::Map<_, _>>() });
        let failed = fits(&patterns, &json!({ "p1": "x" })).await;
        assert!(matches!(failed, Err(ToolError::Upstream(why)) if why.contains("patterns")));
        let rows = json!({ "type": "object", "properties": { "a": { "items": { "enum": vec![0; 1000] } } } });
        let failed = fits(&rows, &json!({ "a": vec![1; 1000] })).await;
        assert!(matches!(failed, Err(ToolError::Invalid(errors)) if errors[0].detail.contains("Send less")));
        let usual =
            json!({ "type": "object", "properties": { "a": { "type": "string", "pattern": "^[a-z]{1,64}$" } } });
        assert!(fits(&usual, &json!({ "a": "abc" })).await.is_ok());
        assert!(matches!(fits(&usual, &json!({ "a": "1" })).await, Err(ToolError::Invalid(_))));
    }

    #[test]
    fn no_secret_of_a_foreign_tool_is_shown_and_all_else_is_shown_whole() {
        let long = "x".repeat(3000);
        let shown = shown_of_remote(
            "demo_pay",
            &json!({ "apiKey": "canary", "card": [{ "access_token": "canary", "holder": "Ana" }], "note": long }),
        );
        assert!(!shown.contains("canary") && shown.contains("Ana") && shown.contains(&long), "{shown}");
        assert!(shown.contains("apiKey") && shown.contains("access_token"), "people see that there is one: {shown}");
    }
}
