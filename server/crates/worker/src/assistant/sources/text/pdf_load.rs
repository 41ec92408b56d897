//! How is a PDF taken apart by whose author the reader may be meant to break? What the library would read without a limit is
//! refused or hidden from it, what it read is weighed, and packed objects are unpacked here: none reaches into the next one.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use domain::assistant::sources::Problem;
use lopdf::xref::XrefEntry;
use lopdf::{DecompressError, Dictionary, Document, Error, LoadOptions, Object, ObjectId, ObjectStream, Stream};

use super::out::Out;

/// The most values that are read at once: in the file, in what is packed in it, in what draws one page.
const MOST_VALUES: usize = 2_000_000;
/// The most bytes of memory that the objects of a file take.
const MOST_WEIGHT: usize = 256 * 1024 * 1024;
/// The most bytes of a table of objects, and of the packed objects of one stream, once they are unpacked.
const LARGEST_TABLE: usize = 1024 * 1024;
const LARGEST_PACK: usize = 16 * 1024 * 1024;
/// The most lengths and older tables of objects that a file names: the library follows them without a limit.
const MOST_LENGTHS: usize = 20_000;
const MOST_TABLES: usize = 32;
/// The most objects of one stream.
const MOST_PACKED: usize = 20_000;

/// Under these names the library finds no packed objects. They are as long as `First` and `ObjStm`, which they stand for.
const FIRST: &[u8] = b"_____";
const PACK: &[u8] = b"______";
/// Stands behind each packed object. No value goes on behind it: it closes more brackets than the library opens.
const WALL: [u8; 128] = [b')'; 128];

thread_local! {
    /// How much may still be read on this thread, and until when.
    static LEFT: Cell<Option<(usize, Instant)>> = const { Cell::new(None) };
}

/// Ends the library's reading in its middle.
struct TooMuch;

/// Reads the objects of a document.
pub(super) fn load(bytes: &[u8], out: &Out) -> Result<Document, Problem> {
    if values(bytes) > MOST_VALUES {
        return Err(Problem::TooLarge);
    }
    let hidden = hidden(bytes)?;
    LEFT.set(Some((MOST_WEIGHT, out.until())));
    let options =
        LoadOptions { max_decompressed_size: Some(LARGEST_TABLE), filter: Some(weighed), ..LoadOptions::default() };
    let mut document = match catch_unwind(AssertUnwindSafe(|| Document::load_mem_with_options(&hidden, options))) {
        Ok(loaded) => loaded.map_err(|error| problem(&error))?,
        Err(thrown) if thrown.is::<TooMuch>() => return Err(Problem::TooLarge),
        Err(thrown) => resume_unwind(thrown),
    };
    if document.is_encrypted() {
        return Err(Problem::Protected);
    }
    unpack_objects(&mut document, out)?;
    Ok(document)
}

/// Whether so many bytes hold more values than are read at once.
pub(super) fn is_too_much(bytes: &[u8]) -> bool {
    values(bytes) > MOST_VALUES
}

fn problem(error: &Error) -> Problem {
    if matches!(error, Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) {
        return Problem::TooLarge;
    }
    let words = error.to_string().to_lowercase();
    let is_closed = ["password", "decrypt", "encrypt"].iter().any(|word| words.contains(word));
    if is_closed { Problem::Protected } else { Problem::Unreadable }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0c)
}

const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// The most values that stand in some bytes: each is a word, or begins with a sign, also in the middle of a word.
fn values(bytes: &[u8]) -> usize {
    let (mut count, mut in_word) = (0, false);
    for byte in bytes {
        let begins = match byte {
            b'(' | b'<' | b'[' | b'/' | b'+' | b'-' | b'.' | b't' | b'f' | b'n' => true,
            other => !in_word && !is_blank(*other) && !is_sign(*other),
        };
        count += usize::from(begins);
        in_word = !is_blank(*byte) && !is_sign(*byte);
    }
    count
}

/// The file as the library may read it: without the names by which it finds packed objects. A file that is locked is not read,
/// because the library would copy each of its objects up to the end of all of them.
fn hidden(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut made = bytes.to_vec();
    let (mut lengths, mut tables, mut at) = (0, 0, 0);
    while let Some(slash) = bytes[at..].iter().position(|byte| *byte == b'/') {
        let from = at + slash + 1;
        let (said, end) = name(bytes, from);
        match said.as_slice() {
            b"Encrypt" => return Err(Problem::Protected),
            b"Length" => lengths += 1,
            b"XRefStm" => tables += 1,
            b"Prev" if !begins_with_reference(&bytes[end..]) => tables += 1,
            b"First" | b"ObjStm" => made[from..end].fill(b'_'),
            _ => {}
        }
        if lengths > MOST_LENGTHS || tables > MOST_TABLES {
            return Err(Problem::Unreadable);
        }
        at = end;
    }
    Ok(made)
}

/// The beginning of the name at this place, as the library reads it, and where the name ends.
fn name(bytes: &[u8], from: usize) -> (Vec<u8>, usize) {
    const ENOUGH: usize = 8;
    let (mut said, mut at) = (Vec::new(), from);
    while let Some(byte) = bytes.get(at).copied().filter(|byte| !is_blank(*byte) && !is_sign(*byte)) {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let (letter, length) = match byte {
            b'#' => match digit(at + 1).zip(digit(at + 2)) {
                Some((high, low)) => (u8::try_from(high * 16 + low).unwrap_or_default(), 3),
                None => break,
            },
            other => (other, 1),
        };
        if said.len() < ENOUGH {
            said.push(letter);
        }
        at += length;
    }
    (said, at)
}

/// Whether a reference to an object stands at the beginning: two numbers and an R.
fn begins_with_reference(rest: &[u8]) -> bool {
    const FAR: usize = 64;
    let mut words = rest[..rest.len().min(FAR)].split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    let mut is_number = || words.next().is_some_and(|word| word.iter().all(u8::is_ascii_digit));
    is_number() && is_number() && words.next().is_some_and(|word| word.starts_with(b"R"))
}

/// Weighs an object that the library read. What is too much ends its reading.
fn weighed(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    let left = LEFT.get().filter(|(_, until)| Instant::now() < *until);
    let left = left.and_then(|(left, until)| Some((left.checked_sub(weight(object))?, until)));
    if left.is_none() {
        resume_unwind(Box::new(TooMuch));
    }
    LEFT.set(left);
    // The library would take the content later without asking, whatever length it finds then.
    if let Object::Stream(stream) = object
        && stream.content.is_empty()
    {
        stream.dict.set("Length", 0_i64);
    }
    Some((id, Object::Null))
}

fn weight(object: &Object) -> usize {
    let of = match object {
        Object::Name(bytes) | Object::String(bytes, _) => bytes.len(),
        Object::Array(parts) => parts.iter().map(weight).sum(),
        Object::Dictionary(fields) => weight_of(fields),
        Object::Stream(stream) => weight_of(&stream.dict) + stream.content.len(),
        Object::Null | Object::Boolean(_) | Object::Integer(_) | Object::Real(_) | Object::Reference(_) => 0,
    };
    size_of::<Object>() + of
}

fn weight_of(fields: &Dictionary) -> usize {
    fields.iter().map(|(name, value)| name.len() + weight(value)).sum()
}

/// Adds the objects that are packed in streams.
fn unpack_objects(document: &mut Document, out: &Out) -> Result<(), Problem> {
    let (mut found, mut left) = (BTreeMap::new(), MOST_VALUES);
    for (id, object) in &document.objects {
        out.goes_on()?;
        let Object::Stream(stream) = object else { continue };
        if !stream.dict.has_type(PACK) {
            continue;
        }
        let plain = match stream.get_plain_content_with_limit(LARGEST_PACK) {
            Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => return Err(Problem::TooLarge),
            Err(_) => continue,
            Ok(plain) => plain,
        };
        left = left.checked_sub(values(&plain)).ok_or(Problem::TooLarge)?;
        let Some(parted) = parted(&stream.dict, &plain) else { continue };
        let Ok(pack) = ObjectStream::new_with_limit(&parted, None) else { continue };
        for (packed, object) in pack.objects {
            let is_here = match document.reference_table.get(packed.0) {
                Some(XrefEntry::Compressed { container, .. }) => *container == id.0,
                Some(XrefEntry::Free | XrefEntry::UnusableFree) => false,
                Some(XrefEntry::Normal { .. }) | None => true,
            };
            if is_here {
                found.entry(packed).or_insert(object);
            }
        }
    }
    for (id, object) in found {
        document.objects.entry(id).or_insert(object);
    }
    Ok(())
}

/// The packed objects with a wall behind each, so that none is read beyond its place. Each place is read once.
fn parted(fields: &Dictionary, plain: &[u8]) -> Option<Stream> {
    let first = fields.get(FIRST).and_then(Object::as_i64).ok()?;
    let (index, body) = plain.split_at_checked(usize::try_from(first).ok()?)?;
    let numbers = std::str::from_utf8(index).ok()?.split_ascii_whitespace().map_while(|number| number.parse().ok());
    let numbers: Vec<usize> = numbers.take(MOST_PACKED * 2).collect();
    let mut places: Vec<(usize, usize)> = numbers.chunks_exact(2).map(|pair| (pair[1], pair[0])).collect();
    places.retain(|(at, _)| *at < body.len());
    places.sort_unstable();
    places.dedup_by_key(|(at, _)| *at);
    let (mut index, mut made) = (String::new(), Vec::new());
    for (which, (at, number)) in places.iter().enumerate() {
        let end = places.get(which + 1).map_or(body.len(), |(next, _)| *next);
        let _ = write!(index, "{number} {} ", made.len());
        made.extend_from_slice(&body[*at..end]);
        made.push(b'\n');
        made.extend_from_slice(&WALL);
    }
    let mut fields = Dictionary::new();
    fields.set("N", i64::try_from(places.len()).ok()?);
    fields.set("First", i64::try_from(index.len()).ok()?);
    Some(Stream::new(fields, [index.into_bytes(), made].concat()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lopdf::dictionary;

    use super::*;

    fn loaded(bytes: &[u8]) -> Result<Document, Problem> {
        load(bytes, &Out::new(Instant::now() + Duration::from_secs(120)))
    }

    /// A file with these objects, whose table names each as often as said. The first one is the catalog.
    fn file(objects: &[Vec<u8>], often: usize) -> Vec<u8> {
        let (mut made, mut table) = (b"%PDF-1.5\n".to_vec(), String::from("0000000000 65535 f \n"));
        for object in objects {
            for _ in 0..often {
                let _ = writeln!(table, "{:010} 00000 n ", made.len());
            }
            made.extend_from_slice(object);
            made.push(b'\n');
        }
        let (at, count) = (made.len(), objects.len() * often + 1);
        let end = format!("xref\n0 {count}\n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n");
        made.extend_from_slice(end.as_bytes());
        made
    }

    fn packed(index: &str, body: &str) -> Vec<u8> {
        let (first, length) = (index.len(), index.len() + body.len());
        let head = format!("2 0 obj\n<</Type/ObjStm/N 9/First {first}/Length {length}>>\nstream\n");
        [head.as_bytes(), index.as_bytes(), body.as_bytes(), b"\nendstream\nendobj"].concat()
    }

    const CATALOG: &[u8] = b"1 0 obj\n<</Type/Catalog>>\nendobj";

    #[test]
    fn packed_objects_are_read_as_they_are() {
        let mut made = Document::with_version("1.5");
        let pages = made.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
        let told = made.add_object(Object::string_literal("told"));
        let catalog = made.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "Told" => told });
        made.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        made.save_modern(&mut bytes).unwrap();
        assert!(bytes.windows(6).any(|six| six == b"ObjStm"), "they are packed");
        let read = loaded(&bytes).unwrap();
        assert_eq!(read.get_object(told).unwrap().as_str().unwrap(), b"told");
        assert_eq!(read.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap(), pages);
    }

    #[test]
    fn no_packed_object_is_read_twice_or_beyond_its_place() {
        let many: String = (100..20_000).fold(String::new(), |all, number| all + &format!("{number} 4 "));
        let body = format!("[5] [{}]", "0 ".repeat(100_000));
        let read = loaded(&file(&[CATALOG.to_vec(), packed(&format!("50 0 {many}"), &body)], 1)).unwrap();
        let arrays = read.objects.values().filter(|object| object.as_array().is_ok()).count();
        assert_eq!(arrays, 2);
        // Each bracket is a place: without walls each would hold all that follow it.
        let nested: String = (0..90).fold(String::new(), |all, at| all + &format!("{} {at} ", 100 + at));
        let body = format!("{}7{}", "[".repeat(90), "]".repeat(90));
        let read = loaded(&file(&[CATALOG.to_vec(), packed(&nested, &body)], 1)).unwrap();
        assert_eq!(read.objects.values().filter(|object| object.as_array().is_ok()).count(), 1, "the innermost one");
        for open in ["[1 (two", "<< /A (\\", "[<41", "[((((", "[ % note"] {
            let index = format!("50 0 51 {} ", open.len());
            let read = loaded(&file(&[CATALOG.to_vec(), packed(&index, &format!("{open}7 ]"))], 1)).unwrap();
            assert!(!read.objects.contains_key(&(50, 0)), "{open}");
            assert_eq!(read.get_object((51, 0)).and_then(Object::as_i64).unwrap(), 7, "{open}");
        }
    }

    #[test]
    fn what_the_library_reads_without_a_limit_is_refused() {
        let large = [b"1 0 obj\n[".to_vec(), b"0 ".repeat(100_000), b"]\nendobj".to_vec()].concat();
        assert_eq!(loaded(&file(&[large], 1000)).err(), Some(Problem::TooLarge), "one object, named a thousand times");
        let values = [b"1 0 obj\n[".to_vec(), b"-1".repeat(MOST_VALUES + 1)].concat();
        assert_eq!(loaded(&values).err(), Some(Problem::TooLarge));
        let tables = b"%PDF-1.5\n/#50rev 1".repeat(MOST_TABLES + 1);
        assert_eq!(loaded(&tables).err(), Some(Problem::Unreadable));
        let lengths = b"%PDF-1.5\n/Length 2 0 R".repeat(MOST_LENGTHS + 1);
        assert_eq!(loaded(&lengths).err(), Some(Problem::Unreadable));
        for name in ["Encrypt", "#45ncrypt", "E#6Ecrypt"] {
            assert_eq!(loaded(format!("%PDF-1.5\n<</{name} 3 0 R>>").as_bytes()).err(), Some(Problem::Protected));
        }
        let escaped = hidden(b"/F#69rst 4 /ObjSt#6d /Firsts /First 5 0 R").unwrap();
        assert_eq!(escaped, b"/_______ 4 /________ /Firsts /_____ 5 0 R");
    }

    #[test]
    fn places_of_outlines_are_no_tables() {
        for (rest, expected) in
            [(" 12 0 R/Next", true), (" 12\n0\nR", true), (" 116", false), (" 1 0 obj", false), ("", false)]
        {
            assert_eq!(begins_with_reference(rest.as_bytes()), expected, "{rest}");
        }
    }
}
