//! Explains why a sub-command failed, in one sentence that names the setting or the remedy. In a chain of causes, each
//! cause appears once.

use store::trouble::Trouble;

/// The setting through which the failing database was reached. Put around an error where that is known.
#[derive(Debug)]
pub struct DatabaseSetting(pub &'static str);

impl std::fmt::Display for DatabaseSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database of {}", self.0)
    }
}

/// Returns the sentence for an error.
#[must_use]
pub fn sentence(error: &anyhow::Error) -> String {
    let store = error.chain().find_map(|cause| cause.downcast_ref::<store::Error>());
    let setting = error.downcast_ref::<DatabaseSetting>().map_or("DATABASE_URL", |named| named.0);
    if let Some(trouble) = store.and_then(store::Error::trouble) {
        return database(&trouble, setting);
    }
    if let Some(store::Error::Refused(why)) = store
        && let Some(why) = why.strip_prefix("start-up: ")
    {
        return capital(why);
    }
    join_causes(error)
}

fn database(trouble: &Trouble, setting: &str) -> String {
    match trouble {
        Trouble::Password => format!(
            "The database does not take the user or password in {setting}: put in the ones it was made with (a volume keeps \
             those of its first start), or set them anew there with `alter role`."
        ),
        Trouble::NoDatabase => {
            format!("There is no database of the name in {setting}: create it, or correct the end of the address.")
        }
        Trouble::Unreachable(cause) => format!(
            "The database of {setting} does not answer ({cause}): start it, or correct host and port in the address."
        ),
        Trouble::Full => format!(
            "The database of {setting} takes no more connections: raise its max_connections, or run fewer processes."
        ),
        Trouble::NotReady => {
            format!("The database of {setting} is starting or stopping: try again when it is ready.")
        }
        Trouble::Disk => format!("The disk of the database of {setting} is full: free some space and start again."),
        Trouble::Tls(cause) => format!(
            "The way to the database of {setting} could not be made safe ({cause}): correct sslmode or sslrootcert in the address."
        ),
    }
}

/// Joins the chain of causes, outermost first. Omits a cause whose text an earlier one contains.
fn join_causes(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string().replace('\n', " ");
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
    }
    capital(&said.join(": "))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) || text.contains('\n') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_causes_is_joined_without_repeats() {
        let inner = anyhow::anyhow!("no room");
        let error = inner.context("writing: no room").context("keeping the key");
        assert_eq!(sentence(&error), "Keeping the key: writing: no room.");
    }

    #[test]
    fn a_schema_that_does_not_fit_is_one_sentence() {
        let refused =
            store::Error::Refused("start-up: the database is older than this program; run `slipway migrate`".into());
        let error = anyhow::Error::from(refused).context("opening the database");
        assert_eq!(sentence(&error), "The database is older than this program; run `slipway migrate`.");
    }
}
