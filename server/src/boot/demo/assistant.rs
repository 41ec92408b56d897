//! What does the assistant of the demo's client know? Ten questions and a text of a dental practice, and published settings.
//! What it makes of the messages of the demo's customers is written by a worker, as for any other message.

use domain::ConversationId;
use domain::assistant::settings::{Service, Settings};
use domain::business::Business;
use domain::page::ListQuery;
use domain::work::Kind;
use operations::assistant::Typed;
use store::queue::{self, Work};

use super::conversations::{OWNER, actor};
use super::whatsapp::begin;
use crate::boot::compose::Core;

/// Questions with their answers.
const QUESTIONS: [(&str, &str); 10] = [
    (
        "When are you open?",
        "We are open Monday to Friday from 8 AM to 5 PM, with a lunch break from noon to 1 PM. On weekends we are closed.",
    ),
    (
        "My tooth hurts. Do you have a free appointment this week?",
        "We are sorry that your tooth hurts. We keep two appointments free every day of the week for people in pain, and there is room \
         this week. Does a morning or an afternoon suit you better?",
    ),
    (
        "Are you open on Saturdays or Sundays?",
        "We are closed on weekends. On Saturday mornings our friends at Oak Park Smiles take urgent cases.",
    ),
    (
        "Can I move or cancel my appointment?",
        "Of course. Tell us your name and which days suit you, and somebody from the front desk confirms a new time. Please tell us a day \
         ahead.",
    ),
    ("How much does a cleaning cost?", "A cleaning costs $120 and takes about 45 minutes."),
    ("How much does whitening cost?", "Whitening costs $280. It takes an hour, and most people need one visit."),
    (
        "Which insurance do you accept?",
        "We accept most dental insurance plans. Bring your card, and we tell you before each treatment what is left to pay.",
    ),
    (
        "Where can I park?",
        "You can park behind the house, free for patients. The entrance is on the left side of the building.",
    ),
    (
        "Do you treat children?",
        "Yes, from the first tooth on. A first visit with a child takes 20 minutes, and parents stay in the room.",
    ),
    (
        "What should I bring to my first visit?",
        "Please bring an identity card, your insurance card and a list of the medicines that you take. Come ten minutes early.",
    ),
];

/// A text, with its title.
const AFTER: (&str, &str) = (
    "After a tooth was pulled",
    "Bite on the gauze for half an hour. Cool the cheek from outside during the first day.\n\n\
     Do not rinse, smoke or drink through a straw for 24 hours. Eat soft food, and chew on the other side.\n\n\
     Some bleeding on the first day is normal. If it does not stop, or if fever comes, write to us, and a dentist calls back.",
);

/// How the owner set the assistant up.
fn chosen() -> Settings {
    let service = |name: &str, description: &str, price: &str| Service {
        name: name.to_owned(),
        description: description.to_owned(),
        price: price.to_owned(),
    };
    Settings {
        name: "Sol".to_owned(),
        personality: "Warm, brief and precise, as the people at our front desk are.".to_owned(),
        greeting: "Hello! This is Bright Dental. How can we help?".to_owned(),
        instructions: "Help people with appointments, prices and the way to us. Never judge what hurts: offer an appointment instead."
            .to_owned(),
        services: vec![
            service("Cleaning", "45 minutes, with a check of all teeth", "$120"),
            service("Whitening", "One hour", "$280"),
            service("First visit", "A check and a plan", "free"),
        ],
        never: vec!["Diagnoses".to_owned(), "Prescriptions".to_owned()],
        ..Settings::default()
    }
}

/// Sets the assistant up in the owner's name, unless somebody published it before, and tells it what it does not know yet.
///
/// # Errors
/// When the database fails, or the owner is not there.
pub async fn add(core: &Core, client: &Business) -> anyhow::Result<()> {
    let owner = actor(core, client, OWNER).await?;
    let mut tx = begin(core, client).await?;
    let version = store::assistant::settings::get(&mut tx).await?.version;
    let known = store::assistant::knowledge::list(&mut tx, &ListQuery::default()).await?;
    tx.commit().await?;
    if version == 0 {
        operations::assistant::save(&owner, &chosen()).await?;
        operations::assistant::publish(&owner).await?;
    }
    for typed in texts() {
        let (Typed::Question { question: title, .. } | Typed::Text { title, .. }) = &typed;
        if !known.rows.iter().any(|line| line.title == *title) {
            operations::assistant::add(&owner, typed).await?;
        }
    }
    Ok(())
}

/// Everything that it knows. What is listed first is added last, because the newest stands on top.
fn texts() -> Vec<Typed> {
    let text = Typed::Text { title: AFTER.0.to_owned(), content: AFTER.1.to_owned() };
    let questions = QUESTIONS
        .iter()
        .rev()
        .map(|(question, answer)| Typed::Question { question: (*question).to_owned(), answer: (*answer).to_owned() });
    std::iter::once(text).chain(questions).collect()
}

/// Lets the assistant look at what a customer wrote, as soon as a worker runs. What it did about a message stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn ask(core: &Core, client: &Business, conversation: ConversationId) -> anyhow::Result<()> {
    let mut tx = begin(core, client).await?;
    let work = Work::new(Kind::AnswerConversation).subject(conversation.0).once(format!("answer:{conversation}"));
    queue::add(&mut tx, &work).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use domain::assistant::{LONGEST_PASSAGE, LONGEST_TITLE};

    use super::*;

    #[test]
    fn what_the_demo_stores_may_be_stored() {
        assert_eq!(chosen().check(), []);
        for (question, answer) in QUESTIONS.into_iter().chain([AFTER]) {
            assert!(
                question.chars().count() <= LONGEST_TITLE && answer.chars().count() <= LONGEST_PASSAGE,
                "{question}"
            );
        }
        assert_eq!(texts().len(), QUESTIONS.len() + 1);
    }
}
