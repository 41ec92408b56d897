//! Which tools read, correct and erase the contacts of a business?

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::messaging::view::ContactView;
use domain::permission::Right;
use domain::{ContactId, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::messaging::contact_list::{self, ContactLine};
use store::messaging::contacts;

use super::arguments::{flat, reads, told, typed, usual};
use super::preview::{changed, going};
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};
use crate::inbox::{self, ContactForm};

/// What an argument of personal data is called.
const PERSONAL: &[&str] = &["name", "email", "phone", "company_name", "note"];

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "inbox_list_contacts",
        title: "List contacts",
        description: "Lists the contacts of the inbox, the newest first, page by page. Contacts are people who wrote to the business.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<ListContacts>,
        output: of_output::<ContactPage>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, list),
        preview: reads,
    },
    Tool {
        name: "inbox_search_contacts",
        title: "Search contacts",
        description: "Finds contacts of the inbox by a part of their name, company, mail address or phone number, the newest first.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<SearchContacts>,
        output: of_output::<ContactPage>,
        masked: &["query"],
        run: |context, arguments| typed(context, arguments, search),
        preview: reads,
    },
    Tool {
        name: "inbox_get_contact",
        title: "Get a contact",
        description: "Reads one contact of the inbox with its note and the accounts that it writes from.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<GetContact>,
        output: of_output::<Contact>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, get),
        preview: reads,
    },
    Tool {
        name: "inbox_update_contact",
        title: "Update a contact",
        description: "Corrects the name, mail address, phone number, company or note of a contact of the inbox. What is left out stays as it is.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<UpdateContact>,
        output: of_output::<Contact>,
        masked: PERSONAL,
        run: |context, arguments| typed(context, arguments, update),
        preview: |context, arguments| told(context, arguments, told_of_update),
    },
    Tool {
        name: "inbox_erase_contacts",
        title: "Erase contacts",
        description: "Erases contacts of the inbox with everything that was said with them, all of them or none. They cannot be brought back.",
        effect: Effect::Destructive,
        needs: Right::ContactsErase,
        input: of_input::<EraseContacts>,
        output: of_output::<Erased>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, erase),
        preview: |context, arguments| told(context, arguments, told_of_erase),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListContacts {
    /// The value of `next` of the page before. Leave it out to begin with the first page.
    cursor: Option<ContactId>,
    /// How many contacts, at most.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 100))]
    limit: u16,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SearchContacts {
    /// A part of a name, company, mail address or phone number.
    #[schemars(length(min = 1, max = 200))]
    query: String,
    /// The value of `next` of the page before. Leave it out to begin with the first page.
    cursor: Option<ContactId>,
    /// How many contacts, at most.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 100))]
    limit: u16,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GetContact {
    /// The contact.
    contact: ContactId,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateContact {
    /// The contact.
    contact: ContactId,
    /// The name. An empty text removes it.
    #[schemars(length(max = 500))]
    name: Option<String>,
    /// The mail address. An empty text removes it.
    #[schemars(length(max = 320))]
    email: Option<String>,
    /// The phone number, such as +13055550100. An empty text removes it.
    #[schemars(length(max = 60))]
    phone: Option<String>,
    /// The company. An empty text removes it.
    #[schemars(length(max = 500))]
    company_name: Option<String>,
    /// What the business notes about the contact. An empty text removes it.
    #[schemars(length(max = 4000))]
    note: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EraseContacts {
    /// The contacts.
    #[schemars(length(min = 1, max = 20))]
    contacts: Vec<ContactId>,
}

#[derive(Serialize, JsonSchema)]
struct Erased {
    /// How many contacts were erased.
    erased: usize,
}

#[derive(Serialize, JsonSchema)]
struct ContactPage {
    /// The contacts.
    contacts: Vec<ListedContact>,
    /// The cursor of the next page, if there is one.
    next: Option<ContactId>,
}

#[derive(Serialize, JsonSchema)]
struct ListedContact {
    /// Its id.
    id: ContactId,
    /// The name; may be empty.
    name: String,
    /// The mail address.
    email: Option<String>,
    /// The phone number in international form.
    phone: Option<String>,
    /// The company; may be empty.
    company_name: String,
    /// When the contact was added.
    created_at: DateTime<Utc>,
    /// When the person last wrote.
    last_activity_at: Option<DateTime<Utc>>,
    /// Whether the person asked for no automatic messages.
    opted_out: bool,
}

#[derive(Serialize, JsonSchema)]
struct Contact {
    /// Its id.
    id: ContactId,
    /// The name; may be empty.
    name: String,
    /// The mail address.
    email: Option<String>,
    /// The phone number in international form.
    phone: Option<String>,
    /// The company; may be empty.
    company_name: String,
    /// What the business noted; may be empty.
    note: String,
    /// The accounts that the person writes from.
    accounts: Vec<Account>,
    /// When the contact was added.
    created_at: DateTime<Utc>,
    /// Whether the person asked for no automatic messages.
    opted_out: bool,
}

#[derive(Serialize, JsonSchema)]
struct Account {
    /// `wa_id`, `bsuid`, `psid`, `igsid` or `webchat`.
    kind: String,
    /// The user name there.
    username: Option<String>,
}

impl From<ContactLine> for ListedContact {
    fn from(line: ContactLine) -> Self {
        Self {
            id: line.id,
            name: line.name,
            email: line.email,
            phone: line.phone,
            company_name: line.company,
            created_at: line.created_at,
            last_activity_at: line.last_activity_at,
            opted_out: line.opted_out_at.is_some(),
        }
    }
}

impl From<ContactView> for Contact {
    fn from(view: ContactView) -> Self {
        let accounts = view.identities.into_iter();
        Self {
            id: view.id,
            name: view.name,
            email: view.email,
            phone: view.phone,
            company_name: view.company,
            note: view.note,
            accounts: accounts.map(|one| Account { kind: one.kind, username: one.username }).collect(),
            created_at: view.created_at,
            opted_out: view.opted_out_at.is_some(),
        }
    }
}

impl UpdateContact {
    /// The whole contact as it will be.
    fn onto(self, known: &ContactView) -> ContactForm {
        let kept = |known: &Option<String>| known.clone().unwrap_or_default();
        ContactForm {
            name: self.name.unwrap_or_else(|| known.name.clone()),
            email: self.email.unwrap_or_else(|| kept(&known.email)),
            phone: self.phone.unwrap_or_else(|| kept(&known.phone)),
            company: self.company_name.unwrap_or_else(|| known.company.clone()),
            note: self.note.unwrap_or_else(|| known.note.clone()),
        }
    }
}

async fn list(context: ToolContext, input: ListContacts) -> Result<ContactPage, ToolError> {
    page(&context, "", input.cursor, input.limit).await
}

async fn search(context: ToolContext, input: SearchContacts) -> Result<ContactPage, ToolError> {
    page(&context, &input.query, input.cursor, input.limit).await
}

async fn page(
    context: &ToolContext,
    words: &str,
    after: Option<ContactId>,
    limit: u16,
) -> Result<ContactPage, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    let (lines, next) = contact_list::list(&mut tx, words, after, i64::from(limit)).await?;
    Ok(ContactPage { contacts: lines.into_iter().map(ListedContact::from).collect(), next })
}

async fn get(context: ToolContext, input: GetContact) -> Result<Contact, ToolError> {
    Ok(known(&context, input.contact).await?.into())
}

/// A contact as it is now.
async fn known(context: &ToolContext, id: ContactId) -> Result<ContactView, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    Ok(contacts::get(&mut tx, id).await?)
}

async fn update(context: ToolContext, input: UpdateContact) -> Result<Contact, ToolError> {
    let id = input.contact;
    inbox::change_contact_by(&context.actor, id, |known| input.onto(known)).await?;
    Ok(known(&context, id).await?.into())
}

async fn told_of_update(context: ToolContext, input: UpdateContact) -> Result<String, ToolError> {
    let before = known(&context, input.contact).await?;
    let after = input.onto(&before);
    let kept = |known: &Option<String>| known.clone().unwrap_or_default();
    let fields = [
        ("name", before.name.clone(), after.name),
        ("email", kept(&before.email), after.email),
        ("phone", kept(&before.phone), after.phone),
        ("company", before.company.clone(), after.company),
        ("note", before.note.clone(), after.note),
    ];
    let changes: Vec<String> = fields
        .iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| changed(field, before, &text::lines(after)))
        .collect();
    let name = flat(&before.name);
    if changes.is_empty() {
        return Ok(format!("Changes nothing of the contact \"{name}\"."));
    }
    Ok(format!("Changes the contact \"{name}\":\n{}", changes.join("\n")))
}

async fn erase(context: ToolContext, input: EraseContacts) -> Result<Erased, ToolError> {
    let erased = inbox::erase_contacts(&context.actor, &input.contacts).await?;
    Ok(Erased { erased })
}

async fn told_of_erase(context: ToolContext, input: EraseContacts) -> Result<String, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    let mut lines = Vec::new();
    for id in input.contacts.into_iter().collect::<BTreeSet<_>>() {
        lines.push(going(&told_apart(contacts::get(&mut tx, id).await?)));
    }
    let noun = if lines.len() == 1 { "contact" } else { "contacts" };
    Ok(format!("Erases {} {noun} with everything that was said, for good:\n{}", lines.len(), lines.join("\n")))
}

/// What people tell a contact from others by. If nothing has a name, that is the id on its platform.
fn told_apart(known: ContactView) -> String {
    let ContactView { id, name, email, phone, company, identities, .. } = known;
    let usernames = identities.iter().filter_map(|one| Some(format!("@{}", one.username.as_ref()?)));
    let facts = [Some(name), email, phone, Some(company)].into_iter().flatten().chain(usernames);
    let facts: Vec<String> = facts.map(|fact| flat(&fact)).filter(|fact| !fact.is_empty()).collect();
    if !facts.is_empty() {
        return facts.join(", ");
    }
    let account = identities.first().map_or_else(|| id.to_string(), |one| format!("{} {}", one.kind, one.id));
    format!("without a name, {}", flat(&account))
}
