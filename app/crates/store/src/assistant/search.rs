//! Which passages answer a question? Those with most of its words, whatever the language; if few are found, those with words
//! that are spelled almost like them.

use domain::KnowledgeId;
use domain::assistant::terms::{Term, terms};

use crate::messaging::outgoing::business;
use crate::{Result, TenantTx};

/// A passage that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Its source.
    pub knowledge: KnowledgeId,
    /// The title of its source; empty for a question.
    pub title: String,
    /// The question that it answers, if its source is one.
    pub question: Option<String>,
    /// The passage, or the answer.
    pub content: String,
    /// How well it fits, from 0 to 1: the share of the question's telling words that it has.
    pub rank: f32,
}

/// A best passage with less than this is not what was asked for, unless somebody misspelled it.
const WEAK: f32 = 0.5;
/// The most passages that a search returns.
const MOST: i64 = 50;

/// The passages that fit a question, the best first. Empty for a question without a telling word.
pub async fn search(tx: &mut TenantTx, question: &str, most: i64) -> Result<Vec<Passage>> {
    let terms = terms(question);
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let exact = find(tx, &terms, false, most).await?;
    match exact.first() {
        Some(best) if best.rank >= WEAK => Ok(exact),
        _ => find(tx, &terms, true, most).await,
    }
}

/// A word that stands in a passage counts 1; with `similar`, one that is spelled almost like one of its heading or
/// beginning counts 0.7.
async fn find(tx: &mut TenantTx, terms: &[Term], similar: bool, most: i64) -> Result<Vec<Passage>> {
    let business = business(tx)?;
    let words: Vec<String> = terms.iter().map(|term| term.word.clone()).collect();
    let beginnings: Vec<String> = terms.iter().map(|term| term.beginning.clone()).collect();
    let passages = sqlx::query_as!(
        Passage,
        r#"with word as (select w.whole, ('''' || w.beginning || ''':*')::tsquery as q from unnest($2::text[], $3::text[]) as w (whole, beginning)),
             scored as (select p.id, sum(case when p.tsv @@ word.q then 1.0
                 when $4 and char_length(word.whole) >= 5 and word_similarity(word.whole, searchable(p.heading || ' ' || left(p.content, 200))) >= 0.5 then 0.7 else 0 end) as score
               from knowledge_passages p cross join word where p.sub_account_id = $1 group by p.id)
           select p.knowledge_id as "knowledge: KnowledgeId", k.title, nullif(k.question, '') as question, p.content,
                  (s.score / (select count(*) from word))::real as "rank!"
           from scored s join knowledge_passages p on p.sub_account_id = $1 and p.id = s.id join knowledge k on k.sub_account_id = $1 and k.id = p.knowledge_id
           where s.score > 0
           order by s.score desc, ts_rank(p.tsv, (select string_agg(q::text, ' | ')::tsquery from word)) desc, p.knowledge_id, p.position limit $5"#,
        business.0,
        &words,
        &beginnings,
        similar,
        most.clamp(1, MOST)
    );
    Ok(passages.fetch_all(tx.conn()).await?)
}
