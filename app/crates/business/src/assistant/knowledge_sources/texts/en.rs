//! The texts of the pages and files of the knowledge in English.

use domain::assistant::sources::{Problem, SourceState};

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    add_page: "Add a web page",
    add_file: "Add a file",
    a_page: "Web page",
    a_file: "File",
    address: "Address",
    address_help: "Of one page, such as https://example.com/prices. It is read now and once a week, without the pages behind it.",
    file: "File",
    file_help: "PDF, Word, CSV, Markdown or plain text, at most 10 MB. Only its text is kept.",
    state,
    problem,
    kept: "The assistant goes on answering from what was read before.",
    cut: "It is longer than what is kept: the assistant knows the first 100,000 characters.",
    read_at: "Last read",
    read_again: "Read again",
    passages: "Passages that are searched",
    told_page: "Added. The page is being read.",
    told_file: "Added. The file is being read.",
    told_again: "The page is being read again.",
};

const fn state(state: SourceState) -> &'static str {
    match state {
        SourceState::Waiting => "Being read",
        SourceState::Ready => "Read",
        SourceState::Failed => "Not read",
    }
}

const fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::NotFound => "The web site has no page at this address. Check the address.",
        Problem::Refused => {
            "The web site does not show this page to programs. Copy its text into a text of the knowledge."
        }
        Problem::Unreachable => "The web site does not answer. Read it again later.",
        Problem::NotPublic => "The address leads to a place that is not of the public internet.",
        Problem::Redirected => "The page leads on to other pages again and again. Add the page where it ends.",
        Problem::TooLarge => "There is too much in it. Add a smaller part of it.",
        Problem::WrongKind => "This kind cannot be read. Use a web page, PDF, Word (.docx), CSV or a plain text.",
        Problem::Empty => "There is no text in it. A scanned page is a picture: add its text by hand.",
        Problem::Protected => "It opens with a password alone. Add a copy without one.",
        Problem::Unreadable => "It is damaged or cannot be read. Save it anew, or add its text by hand.",
        Problem::Full => "The knowledge is full. Remove what is out of date, then add it again.",
    }
}
