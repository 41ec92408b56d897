//! Who consents at Meta, for which business and which kind of channel?

use std::time::Duration;

use domain::access::BusinessAccess;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::permission::Right;
use domain::{AgencyId, BusinessId, UserId};
use store::Db;
use store::oauth_states::{self, NewState};
use store::tenant::Scope;

use crate::{BusinessActor, Refusal};

/// How long a person may take to give consent.
pub(super) const PATIENCE: Duration = Duration::from_secs(600);

/// The kinds that can be connected by a consent, and what their consents are called.
const PURPOSES: [(Kind, &str); 3] =
    [(Kind::Whatsapp, "whatsapp"), (Kind::Instagram, "instagram"), (Kind::Facebook, "facebook")];

/// Remembers that a person begins a consent for a channel of this kind. `state` is the hash of what Meta sends back,
/// `session` the hash of a secret of the session that may answer.
///
/// # Errors
/// `Forbidden` if the actor may not connect channels; `State` if this kind is connected in another way.
pub async fn begin(
    actor: &BusinessActor,
    kind: Kind,
    instagram_login: bool,
    state: [u8; 32],
    session: [u8; 32],
) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ChannelsConnect)?.begin().await?;
    let purpose = purpose_of(kind).ok_or_else(|| Refusal::State("This connects a different way.".to_owned()))?;
    let provider = if instagram_login { "instagram" } else { "meta" };
    oauth_states::add(&mut tx, &NewState { hash: state, provider, purpose, session, valid: PATIENCE }).await?;
    Ok(tx.commit().await?)
}

/// What a consent for a channel of this kind is called; `None` if it is connected in another way.
pub(super) fn purpose_of(kind: Kind) -> Option<&'static str> {
    PURPOSES.iter().find(|(of, _)| *of == kind).map(|(_, purpose)| *purpose)
}

/// The kind of channel that a consent with this name is for.
pub(super) fn kind_of(purpose: &str) -> Option<Kind> {
    PURPOSES.iter().find(|(_, named)| *named == purpose).map(|(kind, _)| *kind)
}

/// A consent that was answered in time, in the session that began it. Nothing can be connected with it before the right
/// of its person is checked.
pub struct Answered {
    user: UserId,
    agency: AgencyId,
    business: BusinessId,
    kind: Kind,
    instagram_login: bool,
}

/// Takes the answer to a consent; this works once. `None` if no consent with this state was begun in this session, it
/// has expired, or it was answered before.
///
/// # Errors
/// `Store` if the database fails.
pub async fn answer(db: &Db, state: [u8; 32], session: [u8; 32]) -> Result<Option<Answered>, Refusal> {
    let Some(state) = oauth_states::consume(db, state, session).await? else { return Ok(None) };
    let kind = kind_of(&state.purpose);
    Ok(kind.zip(state.business).map(|(kind, business)| Answered {
        user: state.user,
        agency: state.agency,
        business,
        kind,
        instagram_login: state.provider == "instagram",
    }))
}

impl Answered {
    /// The person who began the consent.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The business that the consent is for.
    #[must_use]
    pub const fn business(&self) -> BusinessId {
        self.business
    }

    /// The kind of channel that the consent is for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the person signed in with Instagram itself.
    #[must_use]
    pub const fn instagram_login(&self) -> bool {
        self.instagram_login
    }

    /// Checks that the person, whose present access this is, may still connect channels of the business.
    ///
    /// # Errors
    /// `NotFound` if the access is to another business; `Forbidden` if it lacks the right.
    pub fn allowed(&self, access: &BusinessAccess) -> Result<Consent, Refusal> {
        if access.id != self.business || access.agency != self.agency {
            return Err(Refusal::NotFound);
        }
        if !access.allows(Right::ChannelsConnect) {
            return Err(Refusal::Forbidden(Right::ChannelsConnect));
        }
        Ok(Consent::of(self.user, access, self.kind))
    }
}

/// The consent of a person to connect a channel of a business. It is the proof that storing tokens asks for.
pub struct Consent {
    /// `None` for the holder of a link.
    user: Option<UserId>,
    agency: AgencyId,
    business: BusinessId,
    kind: Kind,
}

impl Consent {
    /// The consent that the program itself gives at the simulator for a business of the demo data, in the name of a person
    /// who works there.
    #[must_use]
    pub const fn of_demo(agency: AgencyId, business: BusinessId, user: UserId, kind: Kind) -> Self {
        Self { user: Some(user), agency, business, kind }
    }

    /// The consent of whoever holds a link to reconnect a channel.
    pub(super) const fn of_link(agency: AgencyId, business: BusinessId, kind: Kind) -> Self {
        Self { user: None, agency, business, kind }
    }

    /// The consent of a person whose right was checked.
    pub(super) const fn of(user: UserId, access: &BusinessAccess, kind: Kind) -> Self {
        Self { user: Some(user), agency: access.agency, business: access.id, kind }
    }

    /// The agency of the business.
    #[must_use]
    pub const fn agency(&self) -> AgencyId {
        self.agency
    }

    /// The business.
    #[must_use]
    pub const fn business(&self) -> BusinessId {
        self.business
    }

    /// The kind of channel.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Secrets are sealed with the key of the agency, so the transaction acts in both: it reaches this business alone.
    pub(super) fn scope(&self) -> Scope {
        Scope::AgencyBusiness {
            user: self.user,
            agency: self.agency,
            business: self.business,
            reach: Reach::Listed,
            listed: vec![self.business],
        }
    }
}
