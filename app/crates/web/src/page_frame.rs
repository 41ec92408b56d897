//! Builds the frame of a page (sidebar, switcher, crumbs) from the request context. Every signed-in page uses it, so
//! the switcher and the navigation are the same everywhere.

use domain::identity::{AgencyRole, Caller, Membership};
use domain::language::Language;
use domain::permission::allows;
use kit::Notice;
use kit::frame::{Area, Bell, Crumb, FindAt, Frame, Person, PlaceLink, create_page, nav, translated};

use crate::error::Error;
use crate::guard::ServerContext;
use crate::request_context::CurrentTenant;
use crate::translate::translate;

/// The frame of the page being shown; `crumbs` ends with the page itself.
#[must_use]
pub fn frame(context: &ServerContext, crumbs: Vec<Crumb>) -> Frame {
    let caller = context.request.caller.as_deref();
    let (area, place, root) = area_of(context.request.frame_tenant());
    // A person's own pages belong to no tenant, so they show the person's name.
    let place = caller.filter(|_| area == Area::Own).map_or(place, name_of);
    let may = |right| match context.request.frame_tenant() {
        CurrentTenant::NoTenant => false,
        CurrentTenant::Platform => caller.and_then(|caller| caller.platform).is_some_and(|role| allows(role, right)),
        CurrentTenant::Agency(place) => place.allows(right),
        CurrentTenant::Business(place) => place.allows(right),
    };
    let person = caller.map(|caller| Person { name: name_of(caller), email: caller.email.clone() }).unwrap_or_default();
    // The refresh of an open page leaves the dialog out, so that it does not touch what the person types there.
    let find = find_at(context.request.frame_tenant()).filter(|_| !context.request.refresh);
    let live = (area != Area::Own).then(|| format!("{root}/live"));
    Frame {
        area,
        place,
        places: caller.map(|caller| places(caller, &root, context.request.page_language())).unwrap_or_default(),
        nav: translated(nav(area, &root, &context.request.address, may), context.request.page_language()),
        create: create_page(area, &root, may),
        crumbs,
        person,
        theme: context.request.theme.clone(),
        address: context.request.address.clone(),
        steps: context.request.steps.clone().map(|steps| (steps, root.clone())),
        live,
        version: context.request.version.clone(),
        find,
        bell: bell(context),
        notice: notice(context),
    }
}

/// Where the search of a place is sent. A person's own pages have none.
fn find_at(tenant: &CurrentTenant) -> Option<FindAt> {
    let (area, _, root) = area_of(tenant);
    let (operation, tenant) = match tenant {
        CurrentTenant::NoTenant => return None,
        CurrentTenant::Platform => ("/do/find_platform", None),
        CurrentTenant::Agency(place) => ("/do/find", Some(("agency", place.slug.clone()))),
        CurrentTenant::Business(place) => ("/do/find_in_business", Some(("business", place.id.to_string()))),
    };
    Some(FindAt { area, page: format!("{root}/find"), operation, tenant })
}

/// What the bell shows in an agency, or in a business to whoever may approve there.
fn bell(context: &ServerContext) -> Option<Bell> {
    let tenant = context.request.frame_tenant();
    let (unread, (_, _, root)) = (context.request.unread?, area_of(tenant));
    let page = |path: &str| format!("{root}/{path}");
    let (urgent, approvals) = (unread.urgent > 0, matches!(tenant, CurrentTenant::Business(_)));
    if approvals {
        let (href, topics) = (page("ai-tools/approvals"), "tool_approval.changed:*".to_owned());
        return Some(Bell { href, topics, approvals, unread: unread.count, urgent, ..Bell::default() });
    }
    let topics = format!("notifications.changed:{}", context.request.caller.as_ref()?.user);
    let jobs = (page("provisioning"), unread.jobs);
    Some(Bell { href: page("notifications"), topics, approvals, unread: unread.count, urgent, jobs })
}

/// Area, name and root address of the tenant whose page is shown.
fn area_of(tenant: &CurrentTenant) -> (Area, String, String) {
    match tenant {
        CurrentTenant::NoTenant => (Area::Own, "Account".to_owned(), "/me".to_owned()),
        CurrentTenant::Platform => (Area::Platform, "Slipway".to_owned(), "/admin".to_owned()),
        CurrentTenant::Agency(place) => (Area::Agency, place.name.clone(), format!("/a/{}", place.slug)),
        CurrentTenant::Business(place) => (Area::Business, place.name.clone(), format!("/b/{}", place.id)),
    }
}

fn name_of(caller: &Caller) -> String {
    if caller.name.is_empty() { caller.email.clone() } else { caller.name.clone() }
}

/// Every place that the person may open.
fn places(caller: &Caller, root: &str, language: Language) -> Vec<PlaceLink> {
    let link = |name: &str, area, role: &str, href: String| PlaceLink {
        name: name.to_owned(),
        area,
        role: role.to_owned(),
        current: href == root,
        href,
    };
    let platform =
        caller.platform.map(|role| link("Slipway", Area::Platform, language.role(role), "/admin".to_owned()));
    let own = caller.memberships.iter().map(|place| match place {
        Membership::Agency { slug, name, role, .. } => {
            let role = match role {
                AgencyRole::BuiltIn(role) => language.role(*role),
                AgencyRole::Custom(own) => &own.name,
            };
            link(name, Area::Agency, role, format!("/a/{slug}"))
        }
        Membership::Business { id, name, role, .. } => {
            link(name, Area::Business, language.role(*role), format!("/b/{id}"))
        }
    });
    platform.into_iter().chain(own).collect()
}

/// Why an operation failed. Of fields it says what is wrong with the first one; a page with the form itself marks them all
/// and hides this notice.
fn reason(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => fields.first().map_or_else(|| error.to_string(), |field| field.detail.clone()),
        other => other.to_string(),
    }
}

/// What the last operation reports: its success message or its error.
fn notice(context: &ServerContext) -> Option<Notice> {
    let flash = context.request.flash.as_ref()?;
    match (&flash.notice, &flash.error) {
        (Some(text), _) => {
            let text = translate(context.request.page_language(), text);
            Some(Notice { text, bad: false, undo: flash.undo.clone() })
        }
        (None, Some(error)) => {
            let text = translate(context.request.page_language(), &reason(error));
            Some(Notice { text, bad: true, undo: None })
        }
        (None, None) => None,
    }
}
