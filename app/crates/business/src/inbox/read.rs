//! What do the pages of the inbox show? The list with its numbers, and the conversation that is opened with all that its
//! forms need.

use chrono_tz::Tz;
use domain::assistant::view::DraftView;
use domain::brand::Brand;
use domain::messaging::Channel;
use domain::messaging::template::Template;
use domain::messaging::view::{ChannelView, ConversationLine, Thread};
use domain::page::Page;
use domain::permission::Right;
use domain::{BusinessId, ConversationId, UserId};
use kit::{Address, Choice};
use store::assistant::answers;
use store::memberships;
use store::messaging::list::InboxCounts;
use store::messaging::snippets::{self, Snippet};
use store::messaging::{channels, list, templates, thread};
use store::tenant::TenantTx;
use web::error::{Error, Result};
use web::guard::ServerContext;

use super::day;

/// How many messages a thread shows at once.
const MESSAGES: i64 = 50;

/// What the address asks for.
pub(super) struct Asked {
    /// The address of the page.
    pub at: Address,
    /// The conversation that it names, as it stands there.
    pub conversation: Option<String>,
    /// Whether the list is to be rendered. A refresh of another part leaves it out.
    pub list: bool,
    /// Whether somebody looks at the page. Only a tab that is visible refreshes itself; a navigation may fill one in the
    /// background.
    pub is_looked_at: bool,
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
}

impl Place {
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
    /// The numbers of the views.
    pub counts: InboxCounts,
    /// Whether the business has a channel.
    pub has_channel: bool,
}

/// The conversation that is opened.
pub(super) struct Open {
    /// The conversation with its messages.
    pub thread: Thread,
    /// Its channel.
    pub channel: Option<ChannelView>,
    /// Whom it can be given to.
    pub people: Vec<Choice>,
    /// The templates that may be sent.
    pub templates: Vec<Template>,
    /// The texts that may be put into an answer.
    pub snippets: Vec<Snippet>,
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
        self.thread.line.unread > 0 && !self.looks_back && place.replies
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
    /// The opened conversation, if the address names one.
    pub open: Option<Open>,
}

/// Reads a page of the inbox.
///
/// # Errors
/// `NotFound` if the conversation does not exist or belongs to somebody else.
pub(super) async fn shown(context: &ServerContext, asked: &Asked) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place {
        business: access.id,
        user: context.caller()?.user,
        replies: access.allows(Right::InboxReply),
        connects: access.allows(Right::ChannelsConnect),
    };
    let brand = store::agencies::brand(&mut tx).await?;
    let known = channels::list(&mut tx).await?;
    let list = if asked.list { Some(listed(&mut tx, asked, &place, &known).await?) } else { None };
    let open = match asked.conversation.as_deref() {
        Some(id) => Some(opened(&mut tx, id, asked, &place, &known).await?),
        None => None,
    };
    tx.commit().await?;
    Ok(Shown { brand, place, list, open })
}

async fn listed(tx: &mut TenantTx, asked: &Asked, place: &Place, known: &[ChannelView]) -> Result<Listed> {
    let me = Some(place.user);
    let page = list::list(tx, &asked.at.query(), me).await?;
    Ok(Listed { page, counts: list::counts(tx, me).await?, has_channel: !known.is_empty() })
}

async fn opened(tx: &mut TenantTx, id: &str, asked: &Asked, place: &Place, known: &[ChannelView]) -> Result<Open> {
    let id: ConversationId = id.parse().map_err(|_| Error::NotFound)?;
    let before = Some(asked.at.get("before")).filter(|cursor| !cursor.is_empty());
    let thread = thread::thread(tx, id, before, MESSAGES).await?;
    let business = store::businesses::get(tx, place.business).await?;
    let channel = known.iter().find(|channel| channel.id == thread.line.channel).cloned();
    let templates = match thread.line.kind {
        Channel::Whatsapp if place.replies => templates::approved(tx, thread.line.channel).await?,
        _ => Vec::new(),
    };
    let people = if place.replies { people(tx, &thread.line, place.user).await? } else { Vec::new() };
    let draft = if place.replies { answers::draft(tx, id).await? } else { None };
    let snippets = if place.replies { snippets::list(tx).await? } else { Vec::new() };
    let (zone, looks_back) = (day::zone(&business), before.is_some());
    Ok(Open { thread, channel, people, templates, snippets, draft, zone, looks_back })
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
