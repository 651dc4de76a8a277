//! The parts of an XML file, one at a time: each child of the root as a small tree.
//!
//! No DTD, no entities beyond XML's own five, and caps on depth, attributes and size: a file that is built to
//! exhaust its reader is refused as soon as it shows.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};
use zeroize::Zeroizing;

use super::ration::{RATION, Rationed};
use crate::seed_file::RowError;

/// The deepest nesting read.
const DEPTH: usize = 32;
/// The most attributes of one element.
const ATTRIBUTES: usize = 32;

/// An element. Names are without their prefixes; a text is all of the element's own, less the white space around it.
pub(super) struct Element {
    pub(super) name: String,
    prefix: String,
    pub(super) line: u64,
    attributes: Vec<(String, String)>,
    text: Zeroizing<String>,
    children: Vec<Element>,
}

impl Element {
    /// The children of that name.
    pub(super) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn children(&self) -> &[Self] {
        &self.children
    }

    /// The first element down these names.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.children.iter().find(|child| child.name == *name))
    }

    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The text of the first element down these names, unless it is empty.
    pub(super) fn text_of(&self, path: &[&str]) -> Option<&str> {
        self.find(path).map(Self::text).filter(|text| !text.is_empty())
    }

    /// The namespace that the element says it is in: its own declaration alone is looked at.
    pub(super) fn namespace(&self) -> Option<&str> {
        if self.prefix.is_empty() {
            return self.attribute("xmlns");
        }
        self.attribute(&format!("xmlns:{}", self.prefix))
    }

    /// An attribute of the element, unless it is empty.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

/// A file being read.
pub(super) struct Parts<R> {
    reader: Reader<Rationed<R>>,
    buffer: Zeroizing<Vec<u8>>,
}

/// What an event does to the tree.
enum Step {
    Nothing,
    Open(Element),
    Text(Zeroizing<String>),
    Close,
    End,
}

impl<R: BufRead> Parts<R> {
    pub(super) fn new(file: R) -> Self {
        let mut reader = Reader::from_reader(Rationed::new(file));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Zeroizing::new(Vec::new()) }
    }

    pub(super) fn line(&self) -> u64 {
        self.reader.get_ref().line
    }

    /// The root, without what is in it.
    pub(super) fn root(&mut self) -> Result<Element, RowError> {
        loop {
            match self.step()? {
                Step::Open(element) => return Ok(element),
                Step::End | Step::Close => return Err(self.wrong("there is nothing in the file")),
                Step::Nothing | Step::Text(_) => {}
            }
        }
    }

    /// The next child of the root, whole; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Element>, RowError> {
        self.reader.get_mut().allow();
        let mut open: Vec<Element> = Vec::new();
        loop {
            match self.step()? {
                Step::Nothing => {}
                Step::Open(_) if open.len() >= DEPTH => {
                    return Err(self.wrong(&format!("elements are nested deeper than {DEPTH}")));
                }
                Step::Open(element) => open.push(element),
                Step::Text(text) => match open.last_mut() {
                    Some(element) => element.text.push_str(&text),
                    None if text.trim().is_empty() => {}
                    None => return Err(self.wrong("there is text between the packages")),
                },
                Step::Close => match (open.pop(), open.last_mut()) {
                    (Some(element), Some(parent)) => parent.children.push(element),
                    (Some(element), None) => return Ok(Some(element)),
                    (None, _) => return self.finish().map(|()| None),
                },
                Step::End => return Err(self.wrong("the file is cut off")),
            }
        }
    }

    /// What follows the root must be nothing.
    fn finish(&mut self) -> Result<(), RowError> {
        loop {
            match self.step()? {
                Step::End => return Ok(()),
                Step::Nothing => {}
                Step::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.wrong("something follows the end of the container")),
            }
        }
    }

    fn step(&mut self) -> Result<Step, RowError> {
        self.buffer.clear();
        let line = self.line();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(_) if self.reader.get_ref().is_spent() => {
                let what = format!("a package, or what precedes it, is larger than {RATION} bytes");
                return Err(refused(line, &what));
            }
            Err(quick_xml::Error::Io(cause)) => return Err(RowError::unreadable(line, &cause)),
            // The cause may show a piece of the file, which may be of a seed.
            Err(_) => return Err(refused(line, "this is no well-formed XML in UTF-8")),
        };
        match event {
            Event::Start(start) | Event::Empty(start) => Ok(Step::Open(open(&start, line)?)),
            Event::End(_) => Ok(Step::Close),
            Event::Eof => Ok(Step::End),
            Event::Text(text) => Ok(Step::Text(Zeroizing::new((*text).to_owned()))),
            Event::CData(text) => Ok(Step::Text(Zeroizing::new((*text).to_owned()))),
            Event::GeneralRef(name) => Ok(Step::Text(reference(&name, line)?)),
            Event::Comment(_) | Event::PI(_) => Ok(Step::Nothing),
            Event::DocType(_) => Err(refused(line, "the file has a DTD, which is not taken")),
            Event::Decl(declaration) => match declaration.encoding() {
                None => Ok(Step::Nothing),
                Some(Ok(name))
                    if ["utf-8", "us-ascii"].iter().any(|known| name.eq_ignore_ascii_case(known)) =>
                {
                    Ok(Step::Nothing)
                }
                Some(_) => Err(refused(line, "the file is not UTF-8")),
            },
        }
    }

    fn wrong(&self, what: &str) -> RowError {
        refused(self.line(), what)
    }
}

fn refused(line: u64, what: &str) -> RowError {
    RowError::row(line, what, "have the file made again, as RFC 6030 has it")
}

fn open(start: &BytesStart<'_>, line: u64) -> Result<Element, RowError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        if attributes.len() == ATTRIBUTES {
            return Err(refused(line, &format!("an element has more than {ATTRIBUTES} attributes")));
        }
        let attribute = attribute.map_err(|_| refused(line, "an attribute is malformed"))?;
        let value = unescape(&attribute.value).map_err(|_| refused(line, "an attribute has an entity"))?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    let name = start.name();
    let (prefix, local) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
    Ok(Element {
        name: local.to_owned(),
        prefix: prefix.to_owned(),
        line,
        attributes,
        text: Zeroizing::new(String::new()),
        children: Vec::new(),
    })
}

fn reference(name: &quick_xml::events::BytesRef<'_>, line: u64) -> Result<Zeroizing<String>, RowError> {
    let unknown = || refused(line, "the text has an entity other than XML's own five");
    if name.is_char_ref() {
        let character = name.resolve_char_ref().ok().flatten().ok_or_else(unknown)?;
        return Ok(Zeroizing::new(character.to_string()));
    }
    resolve_predefined_entity(name).map(|text| Zeroizing::new(text.to_owned())).ok_or_else(unknown)
}
