//! The language of the business, and the form that chooses it.

use domain::BusinessId;
use domain::language::Language;
use kit::{Button, Card, Choice, Filled, Form, Select};
use leptos::prelude::*;
use operations::own_business;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

use crate::messages::language_texts;

/// Chooses the language of the business. An empty one leaves it to the country.
#[server(prefix = "/do", endpoint = "set_business_language")]
pub async fn set_business_language(#[server(default)] language: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let texts = language_texts(context.request.language);
    let chosen = match language.trim() {
        "" => None,
        tag => Some(Language::parse(tag).ok_or_else(|| Error::field("language", texts.choose))?),
    };
    own_business::choose_language(&actor, chosen).await?;
    flash_notice(&context, "set_business_language", texts.saved).await
}

/// The card "Language of the business": the form for those who may change it, for others its name.
#[component]
pub(super) fn ChosenLanguage(
    language: Language,
    id: BusinessId,
    /// What was chosen.
    chosen: Option<Language>,
    /// The language of the country.
    usual: Language,
    filled: Filled,
    may: bool,
) -> impl IntoView {
    let texts = language_texts(language);
    let shown = if may {
        let choices = Language::ALL.map(|one| Choice::new(one.key(), one.name())).to_vec();
        let (value, empty) = (chosen.map(Language::key).unwrap_or_default(), (texts.of_country)(usual.name()));
        view! {
            <Form action="/do/set_business_language" filled=filled hidden=vec![("business", id.to_string())]>
                <Select name="language" label=texts.label choices value empty help=texts.help/>
                <div><Button>{texts.save}</Button></div>
            </Form>
        }
        .into_any()
    } else {
        view! { <p>{chosen.unwrap_or(usual).name()}</p> }.into_any()
    };
    view! { <Card title=texts.title>{shown}</Card> }
}
