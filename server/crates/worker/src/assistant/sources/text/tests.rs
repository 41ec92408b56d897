//! Do sources say what stands in them, and does nothing that somebody made of them break the reader?

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use lopdf::{Document, Object, Stream, dictionary};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::assistant::sources::bounded;

/// A time that no sample needs.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(120)
}

/// The text of a file.
fn said(name: &str, bytes: &[u8]) -> Result<String, Problem> {
    of_file(name, bytes, soon()).map(|text| text.content)
}

/// The title and text of a page.
fn page(html: &str) -> Text {
    let page = Page { format: Format::Html, charset: None, bytes: html.as_bytes().to_vec() };
    of_page(&page, soon()).unwrap()
}

const TABLE: &str = "Treatment;Price;Minutes\r\nCleaning;\"$120; with polish\";45\r\nWhitening;$280;\r\n";

const SHOP: &str = "<!doctype html><html><head><title>Hours &amp; prices</title><style>p { color: red }</style>\
    <script>if (1 < 2) { document.write('<p>never</p>') }</script></head><body><nav><a href=/>Home</a></nav>\
    <h1>Luna  Yoga</h1><p>We are <b>open</b>\n every day.</p><ul><li>Mon 9 to 5<li>Sat 10 to 2</ul>\
    <table><tr><th>Class<th>Price<tr><td>Yin<td><p>$15</p><td>60 min</table><noscript>No</noscript><footer>Elm Street 5</footer>";

/// A document of Word with this body.
fn document(body: &str) -> Vec<u8> {
    let mut folder = ZipWriter::new(Cursor::new(Vec::new()));
    folder.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    folder.write_all(b"<w:document xmlns:w=\"x\"><w:body>").unwrap();
    folder.write_all(body.as_bytes()).unwrap();
    folder.write_all(b"</w:body></w:document>").unwrap();
    folder.finish().unwrap().into_inner()
}

const LETTER: &str = "<w:p><w:r><w:t>Open </w:t></w:r><w:r><w:t xml:space=\"preserve\">9 &amp; 5 &#8364;</w:t></w:r></w:p>\
    <w:p><w:r><w:t>Closed</w:t><w:br/><w:t>on Sundays</w:t></w:r></w:p>\
    <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Cleaning</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>$80</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";

/// A PDF with one page of this content.
fn pdf(content: &[u8]) -> Vec<u8> {
    let mut made = Document::with_version("1.5");
    let pages = made.new_object_id();
    let font = made.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding",
    });
    let resources = made.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let content = made.add_object(Stream::new(dictionary! {}, content.to_vec()));
    let page = made.add_object(dictionary! { "Type" => "Page", "Parent" => pages, "Contents" => content });
    let all = dictionary! {
        "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    made.objects.insert(pages, Object::Dictionary(all));
    let catalog = made.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    made.trailer.set("Root", catalog);
    made.compress();
    let mut bytes = Vec::new();
    made.save_to(&mut bytes).unwrap();
    bytes
}

const SHEET: &[u8] =
    b"BT /F1 12 Tf 50 700 Td (Open from) Tj ( 9 to 5) Tj 0 -20 Td [(Clean) -20 (ing) -400 (costs) -400 ($120)] TJ ET";

#[test]
fn each_kind_of_file_says_what_stands_in_it() {
    assert_eq!(
        said("prices.csv", TABLE.as_bytes()).unwrap(),
        "Treatment: Cleaning; Price: $120; with polish; Minutes: 45\n\nTreatment: Whitening; Price: $280"
    );
    assert_eq!(said("one column.csv", b"just\nwords").unwrap(), "just\nwords");
    assert_eq!(said("notes.md", b"# Hours\n\n\n\nFrom 9 to 5.\n").unwrap(), "# Hours\n\nFrom 9 to 5.");
    assert_eq!(said("letter.docx", &document(LETTER)).unwrap(), "Open 9 & 5 €\n\nClosed\non Sundays\nCleaning: $80");
    assert_eq!(said("sheet.pdf", &pdf(SHEET)).unwrap(), "Open from 9 to 5\nCleaning costs $120");
    assert_eq!(said("page.txt", SHOP.as_bytes()).unwrap(), page(SHOP).content, "its content says that it is a page");
}

#[test]
fn a_page_says_its_words_without_scripts_and_navigation() {
    let shop = page(SHOP);
    assert_eq!(shop.title.as_deref(), Some("Hours & prices"));
    assert_eq!(
        shop.content,
        "Luna Yoga\n\nWe are open every day.\n\nMon 9 to 5\nSat 10 to 2\n\nClass: Price\nYin: $15, 60 min\n\nElm Street 5"
    );
    assert_eq!(page("<nav>Only <p>this").content, "Only\n\nthis", "a navigation without an end is read after all");
    assert_eq!(page("a<br>b<textarea>c</textarea>").content, "a\nbc");
    for nothing in ["", "<p> </p>", "<script>x</script>", "<!-- x -->", "<img src=x alt=y>"] {
        let empty = Page { format: Format::Html, charset: None, bytes: nothing.as_bytes().to_vec() };
        assert_eq!(of_page(&empty, soon()).err(), Some(Problem::Empty), "{nothing}");
    }
}

#[test]
fn what_is_no_text_or_too_much_says_so() {
    let other_folder = {
        let mut folder = ZipWriter::new(Cursor::new(Vec::new()));
        folder.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
        folder.finish().unwrap().into_inner()
    };
    let bomb = document(&format!("<w:p><w:t>{}</w:t></w:p>", " ".repeat(33 * 1024 * 1024)));
    assert!(bomb.len() < 1024 * 1024, "it is small until it is unpacked");
    let deep = [b"%PDF-1.4\n1 0 obj\n".to_vec(), b"[".repeat(100_000)].concat();
    for (name, bytes, expected) in [
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), Problem::WrongKind),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(), Problem::WrongKind),
        ("a.xlsx", other_folder, Problem::WrongKind),
        ("a.docx", b"PK\x03\x04 no folder".to_vec(), Problem::Unreadable),
        ("a.docx", bomb, Problem::TooLarge),
        ("a.pdf", deep, Problem::Unreadable),
        ("a.pdf", pdf(&b" ".repeat(17 * 1024 * 1024)), Problem::TooLarge),
        ("a.pdf", pdf(b"BT ET"), Problem::Empty),
        ("a.txt", b"\r\n\t -- ".to_vec(), Problem::Empty),
    ] {
        assert_eq!(said(name, &bytes), Err(expected), "{name}");
    }
    let long = said("a.txt", "word ".repeat(LONGEST_CONTENT).as_bytes()).unwrap();
    assert!((LONGEST_CONTENT - 1..=LONGEST_CONTENT).contains(&long.chars().count()));
    assert_eq!(of_file("a.csv", TABLE.as_bytes(), Instant::now()).err(), Some(Problem::Unreadable), "the time is over");
}

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// The bytes with some of them changed, left out, doubled, or followed by what begins something.
    fn mutated(&mut self, bytes: &[u8]) -> Vec<u8> {
        const BEGINNINGS: [&[u8]; 8] = [b"<", b"[", b"<<", b"\"", b"(", b"&#", b"PK\x03\x04", b"stream\n"];
        let mut made = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(made.len());
            match self.below(5) {
                0 if !made.is_empty() => made[at] = u8::try_from(self.below(256)).unwrap(),
                1 => made.truncate(at),
                2 => made.extend_from_within(at..),
                3 => drop(made.splice(at..at, BEGINNINGS[self.below(BEGINNINGS.len())].repeat(self.below(50)))),
                _ => drop(made.drain(at..(at + self.below(9)).min(made.len()))),
            }
        }
        made
    }
}

fn is_bounded(done: &Result<Text, Problem>) -> bool {
    done.as_ref().is_ok_and(|text| (1..=LONGEST_CONTENT).contains(&text.content.chars().count())) || done.is_err()
}

#[test]
fn no_mutation_breaks_a_reader_of_ours() {
    let mut numbers = Numbers(0x5eed);
    let samples: [(&str, Vec<u8>); 4] = [
        ("prices.csv", TABLE.as_bytes().to_vec()),
        ("page.html", SHOP.as_bytes().to_vec()),
        ("notes.txt", "Wir öffnen um 9.\n\nEn español, también.".as_bytes().to_vec()),
        ("letter.docx", document(LETTER)),
    ];
    for (name, sample) in samples {
        for round in 0..400 {
            let bytes = numbers.mutated(&sample);
            let begun = Instant::now();
            assert!(is_bounded(&of_file(name, &bytes, soon())), "{name}, round {round}");
            assert!(begun.elapsed() < Duration::from_secs(60), "{name}, round {round}");
        }
    }
}

#[tokio::test]
async fn no_mutation_of_a_document_reaches_beyond_its_reader() {
    let mut numbers = Numbers(0x5eed);
    let sample = pdf(SHEET);
    for round in 0..400 {
        let bytes = numbers.mutated(&sample);
        let begun = Instant::now();
        let read = bounded::run(Duration::from_secs(120), move |until| of_file("sheet.pdf", &bytes, until));
        assert!(is_bounded(&read.await.unwrap()), "round {round}");
        assert!(begun.elapsed() < Duration::from_secs(60), "round {round}");
    }
}
