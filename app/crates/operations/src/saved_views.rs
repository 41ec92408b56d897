//! Operations on saved views of lists: save the present one under a name, rename, delete.

use domain::SavedViewId;
use domain::permission::Right;
use domain::saved_view::{LONGEST_NAME, MOST};
use domain::text;
use store::saved_views::{self, FULL, NAME_TAKEN, UNREADABLE};

use crate::actor::Allowed;
use crate::{Actor, Refusal};

/// A view to save: the list, and the query of its address.
#[derive(Clone, Copy, Debug)]
pub struct NewView<'a> {
    /// The key of the list.
    pub list: &'a str,
    /// The query of the list's address.
    pub query: &'a str,
    /// Its name.
    pub name: &'a str,
    /// True if everybody in the agency sees it.
    pub shared: bool,
}

/// Saves a view of a list. One of the same person and name is replaced. Returns the cleaned name.
///
/// # Errors
/// `Forbidden` if it is to be shared and the actor may not share; `NotFound` if there is no such list; `State` if the
/// name or the query cannot be saved, or if the person has as many views as they can save.
pub async fn save(actor: &Actor, new: NewView<'_>) -> Result<String, Refusal> {
    let allowed = sharer(actor, new.shared)?;
    let list = saved_views::list_of(new.list).ok_or(Refusal::NotFound)?;
    let name = name(new.name)?;
    let mut tx = allowed.begin().await?;
    saved_views::save(&mut tx, list, &name, new.query, new.shared).await.map_err(refused)?;
    tx.commit().await?;
    Ok(name)
}

/// Renames a view and sets who sees it. Returns the cleaned name.
///
/// # Errors
/// As `save`; `NotFound` if the view is another person's, unless it is shared and the actor may share.
pub async fn rename(actor: &Actor, view: SavedViewId, new: &str, shared: bool) -> Result<String, Refusal> {
    let allowed = sharer(actor, shared)?;
    let name = name(new)?;
    let may_share = actor.require(Right::ViewsShare).is_ok();
    let mut tx = allowed.begin().await?;
    saved_views::rename(&mut tx, view, &name, shared, may_share).await.map_err(refused)?;
    tx.commit().await?;
    Ok(name)
}

/// Deletes a view and returns its name.
///
/// # Errors
/// `NotFound` if the view is another person's, unless it is shared and the actor may share.
pub async fn remove(actor: &Actor, view: SavedViewId) -> Result<String, Refusal> {
    let may_share = actor.require(Right::ViewsShare).is_ok();
    let mut tx = actor.require(Right::AgencyRead)?.begin().await?;
    let name = saved_views::remove(&mut tx, view, may_share).await?;
    tx.commit().await?;
    Ok(name)
}

fn sharer(actor: &Actor, shared: bool) -> Result<Allowed<'_>, Refusal> {
    actor.require(if shared { Right::ViewsShare } else { Right::AgencyRead })
}

fn name(typed: &str) -> Result<String, Refusal> {
    text::name(typed, LONGEST_NAME)
        .map_err(|_| Refusal::State(format!("Name the view in 1 to {LONGEST_NAME} characters.")))
}

fn refused(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(why) if why == FULL => {
            Refusal::State(format!("You have {MOST} views of this list. Delete one to save another."))
        }
        store::Error::Refused(why) if why == UNREADABLE => {
            Refusal::State("These filters can't be saved: they are too long, or the list doesn't have them.".to_owned())
        }
        store::Error::Taken(key) if key == NAME_TAKEN => {
            Refusal::State("A view of this list has that name already. Choose another one.".to_owned())
        }
        other => other.into(),
    }
}
