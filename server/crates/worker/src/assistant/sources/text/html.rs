//! What does a page say to a reader? Its words without scripts, styles and navigation, a line for each line, an empty line
//! between parts, and the cells of a row behind each other. The page is read as a stream of tags: no tree is built, so that
//! no page costs more than its length.

use std::cell::RefCell;

use domain::assistant::sources::Problem;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::out::Out;

/// How many characters are read before the clock is looked at.
const PIECE: usize = 4096;

/// Elements whose content nobody reads.
const UNREAD: [&str; 12] =
    ["script", "style", "noscript", "template", "svg", "nav", "iframe", "select", "button", "object", "dialog", "math"];
/// Elements that begin something new.
const PARTS: [&str; 28] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
    "figure",
    "form",
    "fieldset",
    "address",
    "details",
    "hr",
    "body",
    "title",
];
/// Elements that begin a line.
const LINES: [&str; 8] = ["br", "li", "tr", "dt", "dd", "caption", "figcaption", "summary"];

/// Elements in a cell that only begin a word there.
const IN_CELLS: [&str; 3] = ["p", "div", "br"];

/// Writes the text of a page and returns its title.
pub(super) fn read(page: &str, out: &mut Out) -> Result<Option<String>, Problem> {
    let title = walk(page, out, true)?;
    // A page that never ends its navigation says something all the same.
    if out.is_blank() {
        walk(page, out, false)?;
    }
    Ok(title)
}

fn walk(page: &str, out: &mut Out, skips_navigation: bool) -> Result<Option<String>, Problem> {
    let state = State { out, skips_navigation, skipped: Vec::new(), cells: 0, is_in_cell: false, title: Title::None };
    let tokenizer = Tokenizer::new(Reader(RefCell::new(state)), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = page;
    while !rest.is_empty() {
        let end = (1..=rest.len().min(PIECE)).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (piece, left) = rest.split_at(end);
        rest = left;
        queue.push_back(StrTendril::from_slice(piece));
        let _ = tokenizer.feed(&queue);
        if !tokenizer.sink.0.borrow().out.goes_on()? {
            break;
        }
    }
    tokenizer.end();
    let title = match &tokenizer.sink.0.borrow().title {
        Title::None => None,
        Title::Open(text) | Title::Whole(text) => Some(text.clone()),
    };
    Ok(title)
}

/// The title of a page.
enum Title {
    None,
    /// It is being read.
    Open(String),
    Whole(String),
}

/// What the page said so far.
struct State<'a> {
    out: &'a mut Out,
    skips_navigation: bool,
    /// The elements around this place whose content nobody reads.
    skipped: Vec<&'static str>,
    /// Number of cells of the row so far.
    cells: usize,
    is_in_cell: bool,
    title: Title,
}

struct Reader<'a>(RefCell<State<'a>>);

impl TokenSink for Reader<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.say(&text),
            Token::TagToken(tag) => {
                let is_start = tag.kind == TagKind::StartTag;
                if is_start {
                    state.begin(&tag);
                } else {
                    state.end(&tag.name);
                }
                return if is_start { raw(&tag) } else { TokenSinkResult::Continue };
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// How the tokens behind a tag are read: what stands in a script is no markup.
fn raw(tag: &Tag) -> TokenSinkResult<()> {
    match &*tag.name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "iframe" | "xmp" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}

impl State<'_> {
    fn say(&mut self, text: &str) {
        match &mut self.title {
            Title::Open(title) if title.len() < PIECE => title.push_str(text),
            Title::Open(_) => {}
            Title::None | Title::Whole(_) if self.skipped.is_empty() => self.out.words(text),
            Title::None | Title::Whole(_) => {}
        }
    }

    fn begin(&mut self, tag: &Tag) {
        let name = &*tag.name;
        let skipped = UNREAD.into_iter().find(|unread| *unread == name);
        if let Some(name) = skipped.filter(|name| !tag.self_closing && (self.skips_navigation || *name != "nav")) {
            self.skipped.push(name);
        }
        if !self.skipped.is_empty() {
            return;
        }
        match name {
            "title" if matches!(self.title, Title::None) => self.title = Title::Open(String::new()),
            "td" | "th" => self.cell(),
            "tr" => self.row(),
            _ => self.breaks(name),
        }
    }

    fn end(&mut self, name: &str) {
        if let Title::Open(text) = &mut self.title
            && name == "title"
        {
            self.title = Title::Whole(std::mem::take(text));
            return;
        }
        if let Some(at) = self.skipped.iter().rposition(|skipped| *skipped == name) {
            self.skipped.truncate(at);
            return;
        }
        match name {
            _ if !self.skipped.is_empty() => {}
            "td" | "th" => self.is_in_cell = false,
            "tr" => self.row(),
            "br" => {}
            _ => self.breaks(name),
        }
    }

    /// Begins a line or something new where this element begins or ends.
    fn breaks(&mut self, name: &str) {
        if self.is_in_cell && IN_CELLS.contains(&name) {
            self.out.space();
        } else if PARTS.contains(&name) {
            self.is_in_cell = false;
            self.out.paragraph();
        } else if LINES.contains(&name) {
            self.out.line();
        }
    }

    fn row(&mut self) {
        (self.cells, self.is_in_cell) = (0, false);
        self.out.line();
    }

    /// Puts a cell behind the one before it: the first one names what the others say.
    fn cell(&mut self) {
        if !self.out.is_at_line() {
            self.out.behind(if self.cells == 1 { ": " } else { ", " });
        }
        self.cells += 1;
        self.is_in_cell = true;
    }
}
