//! Reads Rust source as words, marks and texts: just far enough to see which functions a file defines and what it
//! names.

use std::collections::BTreeMap;

/// The segments of a path such as `store::roles::add`.
pub type Path = Vec<String>;

/// What a piece of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A name, a keyword or a number.
    Word,
    /// A sign.
    Mark,
    /// A text with its quotes.
    Text,
}

/// A piece of source with the number of its line.
#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    text: String,
    line: usize,
}

/// One file without its tests.
pub struct Source {
    /// What `use` brings into the file: the name that it gets, and its path as written.
    pub imports: BTreeMap<String, Path>,
    /// The rest.
    tokens: Vec<Token>,
}

/// A function that belongs to no type.
pub struct Function {
    /// Its name.
    pub name: String,
    /// Every text in its body.
    pub texts: Vec<String>,
    /// Every function that its body names.
    pub named: Vec<Path>,
}

/// Reads a file.
pub fn read(text: &str) -> Source {
    let tokens = without_tests(&tokens(text));
    let (mut imports, mut rest, mut at) = (BTreeMap::new(), Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        // `use<>` in a type imports nothing.
        if token.text == "use" && !is(&tokens, at + 1, "<") {
            at = use_tree(&tokens, at + 1, &[], &mut imports);
        } else {
            rest.push(token.clone());
            at += 1;
        }
    }
    Source { imports, tokens: rest }
}

impl Source {
    /// Every path that the file names and every function that it calls by a bare name, with the line.
    pub fn named(&self) -> Vec<(Path, usize)> {
        named(&self.tokens)
    }

    /// The functions of the file, without those of types.
    pub fn functions(&self) -> Vec<Function> {
        let (mut found, mut blocks, mut in_impl, mut at) = (Vec::new(), Vec::new(), false, 0);
        while let Some(token) = self.tokens.get(at) {
            match token.text.as_str() {
                "impl" => in_impl = true,
                "{" => blocks.push(std::mem::take(&mut in_impl)),
                "}" => drop(blocks.pop()),
                ";" => in_impl = false,
                "fn" => {
                    // Without a name it is the type of a function.
                    if let Some(name) = self.tokens.get(at + 1).filter(|next| next.kind == Kind::Word) {
                        let body = self.body(at);
                        if !body.is_empty() && !blocks.contains(&true) {
                            found.push(function(&name.text, &self.tokens[body.clone()]));
                        }
                        at = body.end;
                        continue;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        found
    }

    /// The body of the function whose `fn` stands here, with its braces. It is empty if the function has none.
    fn body(&self, at: usize) -> std::ops::Range<usize> {
        let mut depth = 0_i32;
        for (here, token) in self.tokens.iter().enumerate().skip(at + 1) {
            match token.text.as_str() {
                "(" | "[" => depth += 1,
                ")" | "]" => depth -= 1,
                "{" if depth == 0 => return here..(closing(&self.tokens, here) + 1).min(self.tokens.len()),
                ";" if depth == 0 => return here + 1..here + 1,
                _ => {}
            }
        }
        self.tokens.len()..self.tokens.len()
    }
}

fn function(name: &str, body: &[Token]) -> Function {
    let texts = body.iter().filter(|token| token.kind == Kind::Text).map(|token| token.text.clone());
    let named = named(body).into_iter().map(|(path, _)| path);
    Function { name: name.to_owned(), texts: texts.collect(), named: named.collect() }
}

fn named(tokens: &[Token]) -> Vec<(Path, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        let follows = |text: &str| at > 0 && tokens[at - 1].text == text;
        if token.kind != Kind::Word || follows(".") || follows("fn") {
            at += 1;
            continue;
        }
        let (mut path, mut line) = (vec![token.text.clone()], token.line);
        at += 1;
        while is(tokens, at, "::")
            && let Some(next) = tokens.get(at + 1).filter(|next| next.kind == Kind::Word)
        {
            path.push(next.text.clone());
            line = next.line;
            at += 2;
        }
        if path.len() > 1 || is(tokens, at, "(") {
            found.push((path, line));
        }
    }
    found
}

/// Reads one tree of a `use` statement and returns where it ends.
fn use_tree(tokens: &[Token], mut at: usize, before: &[String], found: &mut BTreeMap<String, Path>) -> usize {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.text == "{" {
            while at < tokens.len() && !is(tokens, at, "}") {
                at = use_tree(tokens, at, &path, found);
                at += usize::from(is(tokens, at, ","));
            }
            return at + 1;
        }
        if token.kind != Kind::Word {
            return at;
        }
        path.push(token.text.clone());
        if is(tokens, at, "::") {
            at += 1;
            continue;
        }
        if path.len() > 1 && token.text == "self" {
            path.pop();
        }
        let renamed = tokens.get(at + 1).filter(|_| is(tokens, at, "as"));
        let name = renamed.map(|token| token.text.clone()).or_else(|| path.last().cloned());
        found.insert(name.unwrap_or_default(), path);
        return at + if renamed.is_some() { 2 } else { 0 };
    }
    at
}

/// The pieces without attributes and without modules of tests.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let (mut kept, mut at) = (Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        if token.text != "#" || !is(tokens, at + 1, "[") {
            kept.push(token.clone());
            at += 1;
            continue;
        }
        let end = closing(tokens, at + 1).min(tokens.len());
        let attribute = &tokens[at..end];
        let of_tests = attribute.iter().any(|token| token.text == "cfg") && attribute.iter().any(|t| t.text == "test");
        at = end + 1;
        if of_tests && is(tokens, at, "mod") && is(tokens, at + 2, "{") {
            at = closing(tokens, at + 2) + 1;
        }
    }
    kept
}

fn is(tokens: &[Token], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.text == text)
}

/// Position of the bracket that closes the one at `open`, or the end.
fn closing(tokens: &[Token], open: usize) -> usize {
    let (opens, closes) = match tokens[open].text.as_str() {
        "{" => ("{", "}"),
        "[" => ("[", "]"),
        _ => ("(", ")"),
    };
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.text == opens {
            depth += 1;
        } else if token.text == closes {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    tokens.len()
}

fn tokens(text: &str) -> Vec<Token> {
    let (mut found, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = piece(rest, first);
        let (piece, after) = rest.split_at(length);
        if let Some(kind) = kind {
            found.push(Token { kind, text: piece.to_owned(), line });
        }
        line += piece.matches('\n').count();
        rest = after;
    }
    found
}

/// Kind and length of the piece that this begins with; without a kind for spaces, comments and single characters.
fn piece(rest: &str, first: char) -> (Option<Kind>, usize) {
    if first.is_whitespace() {
        return (None, first.len_utf8());
    }
    if rest.starts_with("//") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(length) = quoted(rest) {
        return (Some(Kind::Text), length);
    }
    if first == '\'' {
        return (None, character(rest));
    }
    if first.is_alphanumeric() || first == '_' {
        let end = rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        return (Some(Kind::Word), end.unwrap_or(rest.len()));
    }
    (Some(Kind::Mark), if rest.starts_with("::") { 2 } else { first.len_utf8() })
}

/// Length of the text that this begins with: a text or a raw text, also one of bytes.
fn quoted(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('b').unwrap_or(rest);
    let start = rest.len() - body.len();
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(inside) = raw[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(inside.find(&end).map_or(rest.len(), |at| start + hashes + 2 + at + end.len()));
        }
    }
    let inside = body.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    Some(end.map_or(rest.len(), |at| start + at + 2))
}

/// Length of a character in quotes, or of the quote before the name of a lifetime.
fn character(rest: &str) -> usize {
    let Some(letter) = rest.chars().nth(1) else { return 1 };
    if letter == '\\' {
        return rest.get(3..).and_then(|after| after.find('\'')).map_or(rest.len(), |at| at + 4);
    }
    let end = 1 + letter.len_utf8();
    if rest[end..].starts_with('\'') { end + 1 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.split("::").map(str::to_owned).collect()
    }

    #[test]
    fn the_type_of_a_function_is_no_function() {
        let types = "pub struct Rule { piece: fn(&Db, u8) -> u8 }\ntype Check = (u8, fn() -> u8);";
        let source = read(&format!("{types}\nfn one() {{ a::b() }}"));
        let functions = source.functions();
        assert_eq!(functions.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["one"]);
    }

    #[test]
    fn functions_and_what_they_name_are_read_and_tests_are_not() {
        let source = read(concat!(
            "use store::{roles::{self, add as insert}, Db};\n",
            "// fn comment() { roles::a() }\n",
            "#[must_use]\npub async fn one<'a>(x: &'a [u8; 3]) -> R where A: B { roles::b(x, '\"'); insert(1) }\n",
            "impl A { fn method(&self) { roles::c() } }\n",
            "fn two() { let text = r#\"insert \"x\" }\"#; tx.d(); sqlx::query!(\"a \\\" b\") }\n",
            "#[cfg(test)]\nmod tests { fn three() { roles::e() } }\n",
        ));
        assert_eq!(source.imports["roles"], path("store::roles"));
        assert_eq!(source.imports["insert"], path("store::roles::add"));
        assert_eq!(source.imports["Db"], path("store::Db"));
        let functions = source.functions();
        assert_eq!(functions.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(functions[0].named, [path("roles::b"), path("insert")]);
        assert_eq!(functions[1].texts, ["r#\"insert \"x\" }\"#", "\"a \\\" b\""]);
        let named = source.named();
        let lines: Vec<String> = named.iter().map(|(path, line)| format!("{line} {}", path.join("::"))).collect();
        for wanted in ["4 roles::b", "4 insert", "5 roles::c"] {
            assert!(lines.iter().any(|line| line == wanted), "{lines:?}");
        }
        assert!(!lines.iter().any(|line| line.ends_with("roles::a") || line.ends_with("roles::e")), "{lines:?}");
    }
}
