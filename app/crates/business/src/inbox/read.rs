//! What do the pages of the inbox show? The list with its numbers, and the conversation that is opened with all that its
//! forms need. A refresh reads what the regions show that it names.

use chrono_tz::Tz;
use domain::access::BusinessAccess;
use domain::assistant::view::DraftView;
use domain::brand::Brand;
use domain::messaging::Channel;
use domain::messaging::template::{Template, TemplateName};
use domain::messaging::view::{ChannelView, ContactView, ConversationLine, MessageView, Thread};
use domain::messaging::window::Window;
use domain::page::Page;
use domain::permission::Right;
use domain::{BusinessId, ConversationId, UserId};
use kit::region::AskedRegions;
use kit::{Address, Choice};
use store::assistant::answers;
use store::memberships;
use store::messaging::list::InboxCounts;
use store::messaging::scheduled::{self, Scheduled};
use store::messaging::snippets::{self, Snippet};
use store::messaging::{channels, contacts, list, templates, thread};
use store::tenant::TenantTx;
use uuid::Uuid;
use web::clock::now;
use web::error::{Error, Result};
use web::guard::ServerContext;
use web::page::filled;

use super::template_picker::{SEND, TEMPLATE};

/// How many messages a thread shows at once.
const MESSAGES: i64 = 50;

/// What the address asks for.
pub(super) struct Asked {
    /// The address of the page.
    pub at: Address,
    /// The conversation that it names, as it stands there.
    pub conversation: Option<String>,
    /// The regions of a refresh. A navigation names none and shows all.
    pub regions: Option<AskedRegions>,
}

impl Asked {
    /// Whether this region is to be rendered. A refresh of another one leaves it out.
    pub fn shows(&self, region: &str) -> bool {
        self.regions.as_ref().is_none_or(|asked| asked.holds(region))
    }

    /// Whether somebody looks at the page. Only a tab that is visible refreshes itself; a navigation may fill one in the
    /// background.
    pub const fn is_looked_at(&self) -> bool {
        self.regions.is_some()
    }

    /// Whether the messages are needed: they are shown, or the answer quotes one of them.
    fn needs_messages(&self) -> bool {
        self.shows("thread") || self.shows("composer") && !self.at.get("reply").is_empty()
    }
}

/// Where the page is, and what the person may do there.
#[derive(Clone)]
pub(super) struct Place {
    /// The business.
    pub business: BusinessId,
    /// The person who looks.
    pub user: UserId,
    /// Whether the person may answer.
    pub replies: bool,
    /// Whether the person may connect channels.
    pub connects: bool,
    /// Whether the person may erase a contact.
    pub erases: bool,
}

impl Place {
    /// The business of a person.
    pub fn new(access: &BusinessAccess, user: UserId) -> Self {
        Self {
            business: access.id,
            user,
            replies: access.allows(Right::InboxReply),
            connects: access.allows(Right::ChannelsConnect),
            erases: access.allows(Right::ContactsErase),
        }
    }

    /// The address of the inbox.
    pub fn root(&self) -> String {
        format!("/b/{}/inbox", self.business)
    }

    /// The hidden fields of a form about a conversation.
    pub fn hidden(&self, conversation: ConversationId) -> Vec<(&'static str, String)> {
        vec![("business", self.business.to_string()), ("conversation", conversation.to_string())]
    }
}

/// The list.
pub(super) struct Listed {
    /// The conversations of this page.
    pub page: Page<ConversationLine>,
    /// Whether the business has a channel.
    pub has_channel: bool,
}

/// The templates to choose from.
#[derive(Default)]
pub(super) struct Templates {
    /// Those that may be sent.
    pub names: Vec<TemplateName>,
    /// The one that is chosen, with what it says.
    pub chosen: Option<Template>,
}

/// The conversation that is opened. What belongs to a region that is not asked for is left out.
pub(super) struct Open {
    /// What the list says of it.
    pub line: ConversationLine,
    /// Who it is with.
    pub contact: Option<ContactView>,
    /// The messages, oldest first.
    pub messages: Vec<MessageView>,
    /// The cursor of older ones, if there are any.
    pub older: Option<String>,
    /// Its channel.
    pub channel: Option<ChannelView>,
    /// Whom it can be given to.
    pub people: Vec<Choice>,
    /// The templates, where nothing else may be sent.
    pub templates: Templates,
    /// The texts that may be put into an answer.
    pub snippets: Vec<Snippet>,
    /// What waits for its time, for whoever may answer.
    pub scheduled: Vec<Scheduled>,
    /// What the assistant would answer, for whoever may send it.
    pub draft: Option<DraftView>,
    /// The time zone of the business.
    pub zone: Tz,
    /// Whether these are older messages, and not the newest.
    pub looks_back: bool,
}

impl Open {
    /// Whether looking at it marks it as read.
    pub fn is_to_be_read(&self, place: &Place) -> bool {
        self.line.unread > 0 && !self.looks_back && place.replies
    }
}

/// Everything that a page of the inbox shows.
pub(super) struct Shown {
    /// The brand of the agency.
    pub brand: Brand,
    /// Where the page is.
    pub place: Place,
    /// The list, if it is asked for.
    pub list: Option<Listed>,
    /// The numbers of the views, if they are asked for.
    pub counts: Option<InboxCounts>,
    /// The opened conversation, if the address names one.
    pub open: Option<Open>,
}

/// Reads a page of the inbox.
///
/// # Errors
/// `NotFound` if the conversation does not exist or belongs to somebody else.
pub(super) async fn shown(context: &ServerContext, asked: &Asked) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::new(&access, context.caller()?.user);
    let brand = store::agencies::brand(&mut tx).await?;
    let known = channels::list(&mut tx).await?;
    let me = Some(place.user);
    let list = if asked.shows("list") {
        Some(Listed { page: list::list(&mut tx, &asked.at.query(), me).await?, has_channel: !known.is_empty() })
    } else {
        None
    };
    let counts = if asked.shows("views") { Some(list::counts(&mut tx, me).await?) } else { None };
    let open = match asked.conversation.as_deref() {
        Some(id) => {
            let line = list::line(&mut tx, id.parse().map_err(|_| Error::NotFound)?).await?;
            let channel = known.into_iter().find(|channel| channel.id == line.channel);
            Some(opened(&mut tx, (line, channel), asked, &place, &chosen(context, &asked.at)).await?)
        }
        None => None,
    };
    tx.commit().await?;
    Ok(Shown { brand, place, list, counts, open })
}

/// The template that the address names, or the form that came back with an error; empty if neither does.
fn chosen(context: &ServerContext, at: &Address) -> String {
    match at.get(TEMPLATE) {
        "" => filled(&context.request, SEND).values.remove(TEMPLATE).unwrap_or_default(),
        id => id.to_owned(),
    }
}

async fn opened(
    tx: &mut TenantTx,
    (line, channel): (ConversationLine, Option<ChannelView>),
    asked: &Asked,
    place: &Place,
    template: &str,
) -> Result<Open> {
    let before = Some(asked.at.get("before")).filter(|cursor| !cursor.is_empty());
    let (line, contact, messages, older) = if asked.needs_messages() {
        let Thread { line, contact, messages, older } = thread::thread_of(tx, line, before, MESSAGES).await?;
        (line, Some(contact), messages, older)
    } else {
        let contact = if asked.shows("contact") { Some(contacts::get(tx, line.contact).await?) } else { None };
        (line, contact, Vec::new(), None)
    };
    let answers = place.replies && asked.shows("composer");
    let templates = if answers { templates(tx, &line, template).await? } else { Templates::default() };
    let draft = if answers { answers::draft(tx, line.id).await? } else { None };
    let snippets = if answers { snippets::list(tx).await? } else { Vec::new() };
    let scheduled = if answers { scheduled::list(tx, Some(line.id)).await? } else { Vec::new() };
    let people = if place.replies && asked.shows("head") { people(tx, &line, place.user).await? } else { Vec::new() };
    let (zone, looks_back) = (store::businesses::get(tx, place.business).await?.zone(), before.is_some());
    Ok(Open {
        line,
        contact,
        messages,
        older,
        channel,
        people,
        templates,
        snippets,
        scheduled,
        draft,
        zone,
        looks_back,
    })
}

/// The templates, where nothing else may be sent, and the one with this id. An id of none that may be sent chooses none.
async fn templates(tx: &mut TenantTx, line: &ConversationLine, id: &str) -> Result<Templates> {
    if line.kind != Channel::Whatsapp || line.window(now()) != Window::Template {
        return Ok(Templates::default());
    }
    let names = templates::approved(tx, line.channel).await?;
    let chosen = match id.parse::<Uuid>() {
        Ok(id) if names.iter().any(|name| name.id == id) => Some(templates::get(tx, line.channel, id).await?),
        _ => None,
    };
    Ok(Templates { names, chosen })
}

/// Whom a conversation can be given to: the people of the business without the one who looks, who stands first on the page.
async fn people(tx: &mut TenantTx, line: &ConversationLine, own: UserId) -> Result<Vec<Choice>> {
    let members = memberships::of_business(tx).await?;
    let others = members.into_iter().filter(|member| member.user != own && Some(member.user) != line.assigned_to);
    let choice = others.map(|member| {
        let name = if member.name.is_empty() { member.email } else { member.name };
        Choice::new(member.user.to_string(), name)
    });
    Ok(choice.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_reads_the_messages_only_if_it_shows_one() {
        for (regions, query, needs) in [
            ("", "", true),
            ("list,views", "", false),
            ("head,contact", "reply=1", false),
            ("composer", "", false),
            ("composer", "reply=1", true),
            ("thread", "", true),
        ] {
            let at = Address::new("/b/1/inbox/2", query);
            let asked = Asked { at, conversation: None, regions: AskedRegions::parse(regions) };
            assert_eq!(asked.needs_messages(), needs, "{regions:?} {query:?}");
            assert_eq!(asked.is_looked_at(), !regions.is_empty());
        }
    }
}
