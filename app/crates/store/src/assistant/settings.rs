//! How did a business set up its assistant? The settings as they are edited, the published ones that apply, and each
//! published version as it was; of these the newest hundred are kept.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::UserId;
use domain::assistant::settings::Settings;
use domain::assistant::view::{SettingsView, VersionLine};
use serde_json::{Value, json};
use sqlx::types::Json;

use crate::messaging::outgoing::business;
use crate::removal::{Rule, by_worker};
use crate::{Error, Result, TenantTx, outbox};

/// Removes versions behind which a hundred newer ones were published.
pub(crate) const OLD: Rule = Rule {
    name: "assistant-versions",
    title: "Remove settings of the assistant that a hundred newer ones followed",
    tables: &["ai_agent_versions"],
    time: "created_at",
    age: Duration::ZERO,
    every: Duration::from_secs(24 * 3600),
    // The versions of a business are numbered one after the other.
    piece: by_worker!(
        "delete from ai_agent_versions where ctid = any(array(select v.ctid from ai_agent_versions v where v.created_at < now() - make_interval(secs => $1)
           and exists (select from ai_agent_versions n where n.sub_account_id = v.sub_account_id and n.version >= v.version + 100) limit $2))"
    ),
};

/// The settings of a business. One that never changed them has the default ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsRow {
    /// As they are edited.
    pub settings: Settings,
    /// As they were last published.
    pub published: Option<Settings>,
    /// The number of the published version; 0 if there is none.
    pub version: i32,
}

impl SettingsRow {
    /// The settings that apply: the published ones, or the default ones.
    #[must_use]
    pub fn in_force(&self) -> Settings {
        self.published.clone().unwrap_or_default()
    }
}

fn read(stored: Value) -> Result<Settings> {
    serde_json::from_value(stored).map_err(|error| Error::Unreadable(format!("settings of an assistant: {error}")))
}

/// The settings.
pub async fn get(tx: &mut TenantTx) -> Result<SettingsRow> {
    let view = view(tx).await?;
    Ok(SettingsRow { settings: view.draft, published: view.published, version: view.version })
}

/// The settings as their page shows them.
pub async fn view(tx: &mut TenantTx) -> Result<SettingsView> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select a.settings, a.published, a.version, a.published_at, coalesce(nullif(u.name, ''), u.email) as "published_by?"
           from ai_agents a left join users u on u.id = a.published_by where a.sub_account_id = $1"#,
        business.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else {
        let draft = Settings::default();
        return Ok(SettingsView { draft, published: None, version: 0, published_at: None, published_by: None });
    };
    Ok(SettingsView {
        draft: read(row.settings)?,
        published: row.published.map(read).transpose()?,
        version: row.version,
        published_at: row.published_at,
        published_by: row.published_by,
    })
}

/// Stores the settings as they are edited. They do not apply before they are published.
pub async fn save(tx: &mut TenantTx, settings: &Settings) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "insert into ai_agents (sub_account_id, settings) values ($1, $2) on conflict (sub_account_id) do update set settings = excluded.settings",
        business.0,
        Json(settings) as _
    )
    .execute(tx.conn())
    .await?;
    changed(tx).await
}

/// Publishes the settings as they are edited: from now on they apply. Returns the number of the version.
pub async fn publish(tx: &mut TenantTx, by: UserId) -> Result<i32> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"insert into ai_agents (sub_account_id, settings, published, version, published_at, published_by) values ($1, $2, $2, 1, now(), $3)
           on conflict (sub_account_id) do update set published = ai_agents.settings, version = ai_agents.version + 1, published_at = now(), published_by = excluded.published_by
           returning version, published as "published!""#,
        business.0,
        Json(Settings::default()) as _,
        by.0
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "insert into ai_agent_versions (sub_account_id, version, body, published_by) values ($1, $2, $3, $4)",
        business.0,
        row.version,
        row.published,
        by.0
    )
    .execute(tx.conn())
    .await?;
    changed(tx).await?;
    Ok(row.version)
}

/// The published versions, the newest first.
pub async fn versions(tx: &mut TenantTx) -> Result<Vec<VersionLine>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select v.version, v.created_at, coalesce(nullif(u.name, ''), u.email) as "published_by?"
           from ai_agent_versions v left join users u on u.id = v.published_by where v.sub_account_id = $1 order by v.version desc limit 100"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(VersionLine::from).collect())
}

struct Row {
    version: i32,
    created_at: DateTime<Utc>,
    published_by: Option<String>,
}

impl From<Row> for VersionLine {
    fn from(row: Row) -> Self {
        let Row { version, created_at, published_by } = row;
        Self { version, created_at, published_by }
    }
}

/// The settings of a published version. `None` if there is none of this number.
pub async fn version(tx: &mut TenantTx, number: i32) -> Result<Option<Settings>> {
    let business = business(tx)?;
    let body = sqlx::query_scalar!(
        "select body from ai_agent_versions where sub_account_id = $1 and version = $2",
        business.0,
        number
    );
    body.fetch_optional(tx.conn()).await?.map(read).transpose()
}

async fn changed(tx: &mut TenantTx) -> Result<()> {
    let business = business(tx)?;
    outbox::add(tx, "assistant.changed", Some(business.0), &json!({})).await
}
