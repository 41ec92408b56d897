//! Sub-accounts that the agency already has in HighLevel, to be imported as clients: the server functions of the page.

mod page;
mod parts;

use std::collections::BTreeMap;

use domain::imports::NewImport;
use kit::counted;
use leptos::prelude::*;
use operations::{Refusal, imports};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::page::ImportClients;

/// Queues a background job that reads the list of sub-accounts from HighLevel.
#[server(prefix = "/do", endpoint = "read_locations")]
pub async fn read_locations() -> Result<()> {
    let context = server_context()?;
    imports::read(&context.actor()?).await?;
    flash_notice(&context, "read_locations", "Reading your sub-accounts from HighLevel. They appear here in a moment.")
        .await
}

/// Imports the ticked sub-accounts, or all of them, in the background. `email` holds an address for each.
#[server(prefix = "/do", endpoint = "import_locations")]
pub async fn import_locations(
    #[server(default)] id: Vec<String>,
    #[server(default)] invite: Vec<String>,
    #[server(default)] email: BTreeMap<String, String>,
    #[server(default)] all: bool,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let new = chosen(id, invite, email, all);
    let progress = imports::start(&actor, &new).await.map_err(in_words)?;
    let waiting = i64::from(progress.total) - i64::from(progress.imported) - i64::from(progress.failed);
    let what = counted(waiting, "sub-account", "sub-accounts");
    let said = format!("Importing {what}. You can leave this page; each appears under Clients when it's done.");
    flash_notice(&context, "import_locations", said).await
}

/// What the form asks for. Addresses and invitations of rows that are not ticked mean nothing.
fn chosen(id: Vec<String>, invite: Vec<String>, email: BTreeMap<String, String>, all: bool) -> NewImport {
    let is_ticked = |one: &String| id.contains(one);
    let invite = invite.into_iter().filter(is_ticked).collect();
    let of_location = |field: String| match field.strip_prefix(parts::OF) {
        Some(location) => location.to_owned(),
        None => field,
    };
    let emails = email.into_iter().map(|(field, email)| (of_location(field), email));
    let emails = emails.filter(|(one, _)| is_ticked(one)).collect();
    NewImport { invite, emails, all, locations: id }
}

/// The form has no place for an error beside a field, so the first one is said above the list.
fn in_words(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Invalid(errors) => {
            let detail = errors.into_iter().next().map(|error| error.detail).unwrap_or_default();
            Error::Conflict(format!("{detail} Nothing was imported."))
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ticked_rows_are_imported_and_invited() {
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let email = [("of-A".to_owned(), "a@x.example".to_owned()), ("B".to_owned(), "b@x.example".to_owned())].into();
        let new = chosen(texts(&["A"]), texts(&["A", "B"]), email, false);
        assert_eq!((new.locations, new.invite), (texts(&["A"]), texts(&["A"])));
        assert_eq!(new.emails.into_keys().collect::<Vec<_>>(), ["A"]);
    }
}
