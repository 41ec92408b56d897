//! How does a client of the demo world get its WhatsApp number? By a consent at the simulator's Meta, whose code is
//! exchanged as any other, and by the setup that the worker does. Without an app at Meta nothing is connected.

use anyhow::{Context, bail};
use domain::IntegrationId;
use domain::business::Business;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::messaging::Channel;
use meta::auth::{Returned, Way, consent_url};
use operations::channels::{self, Consent, Found};
use simulator::meta_demo::{ANA, NUMBER};
use store::DbRole;
use store::messaging::channels::ChannelRow;
use store::tenant::{Scope, TenantTx};
use url::{Url, form_urlencoded};

use super::conversations;
use crate::boot::compose::{self, Core};
use crate::boot::config::Config;
use crate::oauth::{meta as consents, meta_accounts};

/// Connects the client's number and lets customers write to it. A failure leaves the demo world without conversations and
/// harms nothing else.
pub async fn add(config: &Config, core: &Core, client: &Business) {
    if !config.meta.is_ready() {
        return;
    }
    if let Err(error) = connected(config, core, client).await {
        let error = format!("{error:#}");
        tracing::warn!(event = "demo.messaging_left_out", error, "the demo world has no conversations");
    }
}

async fn connected(config: &Config, core: &Core, client: &Business) -> anyhow::Result<()> {
    let channel = match channel(core, client).await? {
        Some(known) => known,
        None => {
            let integration = connect(config, core, client).await.context("connecting WhatsApp")?;
            set_up(config, core, client, integration).await?;
            channel(core, client).await?.context("WhatsApp's setup needs a person")?
        }
    };
    conversations::add(config, core, client, &channel).await.context("letting customers write")
}

/// A transaction of the client as background work has it.
pub async fn begin(core: &Core, client: &Business) -> anyhow::Result<TenantTx> {
    let scope = Scope::AgencyBusiness {
        user: None,
        agency: client.agency,
        business: client.id,
        reach: Reach::All,
        listed: Vec::new(),
    };
    Ok(TenantTx::begin(&core.db.acting_as(DbRole::Worker), scope).await?)
}

async fn channel(core: &Core, client: &Business) -> anyhow::Result<Option<ChannelRow>> {
    let mut tx = begin(core, client).await?;
    let known = store::messaging::channels::find(&mut tx, Channel::Whatsapp, NUMBER).await?;
    tx.commit().await?;
    Ok(known)
}

/// Gives the consent, exchanges its code and stores the number that it brought.
async fn connect(config: &Config, core: &Core, client: &Business) -> anyhow::Result<IntegrationId> {
    let owner = conversations::user(core, conversations::OWNER).await?;
    let redirect = consents::redirect_uri(&config.origin()).map_err(|error| anyhow::anyhow!("{error}"))?;
    let code = code(core, &redirect).await.context("asking the simulator's Meta for consent")?;
    let consent = Consent::of_demo(client.agency, client.id, owner, Kind::Whatsapp);
    let (mut accounts, tokens) = meta_accounts::of_code(&core.meta, Way::Whatsapp, &consent, &code, &redirect)
        .await
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    accounts.retain(|account| account.id == NUMBER);
    match channels::found(&core.db, &core.vault, &consent, accounts, tokens).await? {
        Found::Connecting { integration, .. } => Ok(integration),
        Found::Choose(_) => bail!("the number is there more than once"),
    }
}

/// Allows everything in the dialog, as a person would, and returns the code that leads back.
async fn code(core: &Core, redirect: &Url) -> anyhow::Result<String> {
    let mut address = consent_url(&core.meta, Way::Whatsapp, redirect, "demo", false);
    let asked: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    address.set_query(None);
    let granted = asked.iter().filter(|(name, _)| name == "scope").flat_map(|(_, scopes)| scopes.split(','));
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&asked)
        .extend_pairs(granted.map(|scope| ("grant", scope)))
        .extend_pairs([("person", ANA), ("decision", "allow")])
        .extend_pairs(simulator::meta_demo::ACCOUNTS)
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = simulator::request("POST", address.as_str(), &headers, form.as_bytes())
        .await
        .map_err(|error| anyhow::anyhow!(error))?;
    let back = Url::parse(reply.header("location").context("the dialog leads nowhere")?)?;
    let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    match Returned::read(query.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        Returned::Code(code) => Ok(code),
        other => bail!("the dialog gave no code: {other:?}"),
    }
}

/// Does at once what a worker does as soon as it runs.
async fn set_up(config: &Config, core: &Core, client: &Business, integration: IntegrationId) -> anyhow::Result<()> {
    let db = core.db.acting_as(DbRole::Worker);
    let worker = compose::worker_over(config, core, db.clone(), db);
    let done = worker::set_up_channel(&worker, client.agency, client.id, integration).await;
    done.map_err(|failed| anyhow::anyhow!("setting WhatsApp up: {}", failed.cause))
}
