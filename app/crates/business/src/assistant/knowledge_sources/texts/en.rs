//! The texts of the pages and files of the knowledge in English.

use domain::assistant::sources::{Problem, SourceState};

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    add_page: "Add a web page",
    add_file: "Add a file",
    a_page: "Web page",
    a_file: "File",
    address: "Address",
    address_help: "The URL of one page, such as https://example.com/prices. It's read now and once a week, without the pages it links to.",
    file: "File",
    file_help: "PDF, Word, CSV, Markdown or plain text, up to 10 MB. Only the text is kept.",
    state,
    problem,
    kept: "The assistant keeps answering from the last version it read.",
    cut: "This is too long. The assistant knows the first 100,000 characters.",
    read_at: "Last read",
    read_again: "Read again",
    passages: "Searchable passages",
    told_page: "Added. Reading the page.",
    told_file: "Added. Reading the file.",
    told_again: "Reading the page again.",
};

const fn state(state: SourceState) -> &'static str {
    match state {
        SourceState::Waiting => "Reading",
        SourceState::Ready => "Read",
        SourceState::Failed => "Couldn't read",
    }
}

const fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::NotFound => "There's no page at this address. Check the address.",
        Problem::Refused => "This website blocks automated reading. Copy the page's text into your knowledge instead.",
        Problem::Unreachable => "The website isn't responding. Try again later.",
        Problem::NotPublic => "This address isn't on the public internet.",
        Problem::Redirected => "This page redirects too many times. Add the final page instead.",
        Problem::TooLarge => "It's too large. Add a smaller part.",
        Problem::WrongKind => "This file type can't be read. Use a web page, PDF, Word (.docx), CSV or plain text.",
        Problem::Empty => "There's no text in it. A scanned page is an image: add its text by hand.",
        Problem::Protected => "It's password-protected. Add a copy without a password.",
        Problem::Unreadable => "It's damaged or unreadable. Save it again, or add its text by hand.",
        Problem::Full => "Your knowledge is full. Remove what's outdated, then add this again.",
    }
}
