//! Serves opportunities and pipelines. A stage belongs to one pipeline (HighLevel API §5.3).

use serde_json::{Map, Value, json};

use crate::{
    crm::{CrmKind, CrmRecord},
    ids::new_id,
    world::Transaction,
};

use super::super::{
    call::Call,
    reply::{Answer, Outcome, bad, created, forbidden, ok},
    shape::{Field, Kind, may, need},
};
use super::{CUSTOM_FIELDS, PLACE, all, known, limit, own};

const STATUS: Kind = Kind::OneOf(&["open", "won", "lost", "abandoned", "all"]);

/// Body of a create.
pub const NEW: &[Field] = &[
    PLACE,
    need("pipelineId", Kind::Filled),
    need("name", Kind::Filled),
    need("status", STATUS),
    need("contactId", Kind::Filled),
    may("pipelineStageId", Kind::Text),
    may("monetaryValue", Kind::Number),
    may("assignedTo", Kind::Text),
    CUSTOM_FIELDS,
];

/// Body of a change.
pub const CHANGED: &[Field] = &[
    may("pipelineId", Kind::Filled),
    may("name", Kind::Filled),
    may("status", STATUS),
    may("pipelineStageId", Kind::Text),
    may("monetaryValue", Kind::Number),
    may("assignedTo", Kind::Text),
    CUSTOM_FIELDS,
];

/// `GET /opportunities/search`. It names its parameters in snake case.
pub fn search(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    if call.query_param("location_id") != Some(own(call)) {
        return Err(forbidden("location"));
    }
    let fits = |one: &&CrmRecord| {
        let is = |param: &str, field: &str| call.query_param(param).is_none_or(|text| one.text(field) == text);
        let words = call.query_param("q").unwrap_or_default().to_lowercase();
        is("pipeline_id", "pipelineId")
            && is("pipeline_stage_id", "pipelineStageId")
            && is("contact_id", "contactId")
            && (call.query_param("status") == Some("all") || is("status", "status"))
            && one.text("name").to_lowercase().contains(&words)
    };
    let found: Vec<&CrmRecord> = all(call, tx, CrmKind::Opportunity).into_iter().filter(fits).collect();
    let page: usize = call.query_param("page").and_then(|text| text.parse().ok()).unwrap_or(1).max(1);
    let first = (page - 1).saturating_mul(limit(call));
    let rows: Vec<Value> = found.iter().skip(first).take(limit(call)).map(|one| one.json()).collect();
    let mut meta = json!({"total": found.len(), "currentPage": page});
    if first + rows.len() < found.len() {
        meta["nextPage"] = json!(page + 1);
    }
    ok(json!({"opportunities": rows, "meta": meta, "aggregations": {}}))
}

/// `GET /opportunities/pipelines`.
pub fn pipelines(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"pipelines": all(call, tx, CrmKind::Pipeline).into_iter().map(CrmRecord::json).collect::<Vec<_>>()}))
}

/// `GET /opportunities/{id}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"opportunity": named(call, tx)?.json()}))
}

/// `POST /opportunities/`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let contact = known(call, tx, CrmKind::Contact, call.text("contactId").unwrap_or_default())?;
    let mut opportunity = CrmRecord {
        id: new_id(20),
        location_id: own(call).into(),
        kind: CrmKind::Opportunity,
        parent: contact.id.clone(),
        since: tx.now,
        fields: Map::new(),
    };
    let person = json!({"id": contact.id, "name": contact.text("name"), "email": contact.text("email"), "phone": contact.text("phone")});
    opportunity.fields.insert("contact".into(), person);
    opportunity.fields.insert("createdAt".into(), json!(tx.now));
    fill(call, tx, &mut opportunity)?;
    tx.put(&opportunity);
    created(json!({"opportunity": opportunity.json()}))
}

/// `PUT /opportunities/{id}`: changes only the given properties.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut opportunity = named(call, tx)?;
    fill(call, tx, &mut opportunity)?;
    tx.put(&opportunity);
    ok(json!({"opportunity": opportunity.json()}))
}

/// Sets what a body gives. Without a stage, an opportunity begins in the first stage of its pipeline.
fn fill(call: &Call<'_>, tx: &Transaction<'_>, opportunity: &mut CrmRecord) -> Result<(), Answer> {
    opportunity.fill(&call.body);
    opportunity.fields.remove("customFields");
    let pipeline = known(call, tx, CrmKind::Pipeline, opportunity.text("pipelineId"))?;
    let stages = pipeline.fields["stages"].as_array().cloned().unwrap_or_default();
    let stage = opportunity.text("pipelineStageId");
    if stage.is_empty() {
        let first = stages.first().map_or(Value::Null, |stage| stage["id"].clone());
        opportunity.fields.insert("pipelineStageId".into(), first);
    } else if stages.iter().all(|known| known["id"] != stage) {
        return Err(bad("The pipeline stage id does not belong to the pipeline."));
    }
    Ok(())
}

fn named(call: &Call<'_>, tx: &Transaction<'_>) -> Result<CrmRecord, Answer> {
    known(call, tx, CrmKind::Opportunity, call.param("id"))
}
