//! Which values does a JSON text hold? The text comes from our own server, but it may be one of another version, or cut off:
//! whatever is not JSON is `None`.

/// Lists and objects that lie deeper than this in one another are refused.
const DEEPEST: u8 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Names and values, in the order of the text.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Parses a text that holds one value.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { bytes: text.as_bytes(), at: 0 };
        let value = parser.value(DEEPEST)?;
        parser.skip_blanks();
        parser.peek().is_none().then_some(value)
    }

    /// The value with this name, if this is an object that has one.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes a mark if it comes next, after blanks.
    fn takes(&mut self, mark: u8) -> bool {
        self.skip_blanks();
        let comes = self.peek() == Some(mark);
        self.at += usize::from(comes);
        comes
    }

    fn value(&mut self, depth: u8) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        self.skip_blanks();
        match self.peek()? {
            b'n' => self.word(b"null", Json::Null),
            b't' => self.word(b"true", Json::Bool(true)),
            b'f' => self.word(b"false", Json::Bool(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8], value: Json) -> Option<Json> {
        let comes = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        comes.then_some(value)
    }

    fn list(&mut self, depth: u8) -> Option<Json> {
        let mut items = Vec::new();
        if !self.takes(b'[') {
            return None;
        }
        if self.takes(b']') {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.takes(b']') {
                return Some(Json::List(items));
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn object(&mut self, depth: u8) -> Option<Json> {
        let mut members = Vec::new();
        if !self.takes(b'{') {
            return None;
        }
        if self.takes(b'}') {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_blanks();
            let name = self.text()?;
            if !self.takes(b':') {
                return None;
            }
            members.push((name, self.value(depth)?));
            if self.takes(b'}') {
                return Some(Json::Object(members));
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    /// A number is looked at when it is read as one of a kind.
    fn number(&mut self) -> Option<Json> {
        let from = self.at;
        while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.peek() {
            self.at += 1;
        }
        let digits = self.bytes.get(from..self.at).filter(|digits| !digits.is_empty())?;
        String::from_utf8(digits.to_vec()).ok().map(Json::Number)
    }

    fn text(&mut self) -> Option<String> {
        if self.take()? != b'"' {
            return None;
        }
        let mut bytes = Vec::new();
        loop {
            match self.take()? {
                b'"' => return String::from_utf8(bytes).ok(),
                b'\\' => bytes.extend_from_slice(self.escaped()?.encode_utf8(&mut [0; 4]).as_bytes()),
                control if control < b' ' => return None,
                byte => bytes.push(byte),
            }
        }
    }

    /// The character that stands after a backslash.
    fn escaped(&mut self) -> Option<char> {
        match self.take()? {
            b'n' => Some('\n'),
            b't' => Some('\t'),
            b'r' => Some('\r'),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            mark @ (b'"' | b'\\' | b'/') => Some(char::from(mark)),
            b'u' => self.numbered(),
            _ => None,
        }
    }

    /// A character that is written as its number. Those beyond the first 65,536 are written as two halves.
    fn numbered(&mut self) -> Option<char> {
        let first = self.unit()?;
        let Some(high) = first.checked_sub(0xd800).filter(|high| *high < 0x400) else { return char::from_u32(first) };
        if self.take()? != b'\\' || self.take()? != b'u' {
            return None;
        }
        let low = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + high * 0x400 + low)
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.take()?).to_digit(16)?;
        }
        Some(unit)
    }
}
