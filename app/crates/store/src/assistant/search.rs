//! Which passages answer a question? Those with most of its words, whatever the language; if few are found, those with words
//! that are spelled almost like them.

use std::cmp::Reverse;

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
    /// The address of the page that says it, if its source is one.
    pub origin: Option<String>,
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
/// Number of words that are also looked for in almost their spelling, each of which is compared with every passage; and the
/// least letters of such a word.
const SIMILAR: usize = 4;
const SHORTEST_SIMILAR: usize = 5;

/// The passages that fit a question, the best first. Empty for a question without a telling word.
pub async fn search(tx: &mut TenantTx, question: &str, most: i64) -> Result<Vec<Passage>> {
    let terms = terms(question);
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let exact = find(tx, &terms, &vec![false; terms.len()], most).await?;
    match exact.first() {
        Some(best) if best.rank >= WEAK => Ok(exact),
        _ => find(tx, &terms, &similar(&terms), most).await,
    }
}

/// Which words may be spelled almost right: the longest ones, which say most.
fn similar(terms: &[Term]) -> Vec<bool> {
    let letters = |at: &usize| terms[*at].word.chars().count();
    let mut longest: Vec<usize> = (0..terms.len()).filter(|at| letters(at) >= SHORTEST_SIMILAR).collect();
    longest.sort_by_key(|at| Reverse(letters(at)));
    longest.truncate(SIMILAR);
    (0..terms.len()).map(|at| longest.contains(&at)).collect()
}

/// A word that stands in a passage counts 1; one that is `similar`, and spelled almost like one of its heading or beginning,
/// counts 0.7.
async fn find(tx: &mut TenantTx, terms: &[Term], similar: &[bool], most: i64) -> Result<Vec<Passage>> {
    let business = business(tx)?;
    let words: Vec<String> = terms.iter().map(|term| term.word.clone()).collect();
    let beginnings: Vec<String> = terms.iter().map(|term| term.beginning.clone()).collect();
    let passages = sqlx::query_as!(
        Passage,
        r#"with word as (select w.whole, ('''' || w.beginning || ''':*')::tsquery as q, w.is_similar from unnest($2::text[], $3::text[], $4::bool[]) as w (whole, beginning, is_similar)),
             opening as materialized (select p.id, p.tsv, case when true = any ($4) then searchable(left(p.heading, 120) || ' ' || left(p.content, 80)) end as words
               from knowledge_passages p where p.sub_account_id = $1),
             scored as (select opening.id, sum(case when opening.tsv @@ word.q then 1.0 when word.is_similar and word_similarity(word.whole, opening.words) >= 0.5 then 0.7 else 0 end) as score
               from opening cross join word group by opening.id)
           select p.knowledge_id as "knowledge: KnowledgeId", k.title, case when k.kind = 'page' then k.origin end as origin, nullif(k.question, '') as question, p.content,
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
