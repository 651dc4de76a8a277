//! XML as far as these messages need it: elements in namespaces, and text. Everything else is refused.

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use zeroize::Zeroizing;

use super::Malformed;

/// The longest message read, in bytes.
pub const LIMIT: usize = 64 * 1024;
/// How deeply elements may be nested: an envelope, its body, the message and three levels in it are needed.
const DEPTH: usize = 12;
/// How many elements there may be.
const ELEMENTS: usize = 2_000;
/// How many attributes an element may have.
const ATTRIBUTES: usize = 16;

/// An element with what is in it. Its text is erased from memory when it is dropped: it may be a security code.
#[derive(Debug)]
pub(super) struct Element {
    /// Its namespace; empty for none.
    pub(super) namespace: String,
    /// Its name without a prefix.
    pub(super) name: String,
    /// Its attributes without a prefix, but for the declarations of namespaces.
    pub(super) attributes: Vec<(String, String)>,
    /// The elements in it.
    pub(super) children: Vec<Element>,
    /// The text directly in it.
    pub(super) text: Zeroizing<String>,
}

impl Element {
    /// Whether it is called so in that namespace.
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a document's root element.
pub(super) fn parse(document: &[u8]) -> Result<Element, Malformed> {
    if document.len() > LIMIT {
        return Err(Malformed::Long);
    }
    let text = std::str::from_utf8(document).map_err(|_| Malformed::Xml)?;
    let mut reader = NsReader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().enable_all_checks(true);
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree::default();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Malformed::Xml)?;
        match event {
            Event::Start(start) => tree.open(element(namespace, &start)?)?,
            Event::End(_) => tree.close()?,
            Event::Text(words) => tree.text(&words.xml10_content())?,
            Event::CData(words) => tree.text(&words.xml10_content())?,
            Event::GeneralRef(reference) => tree.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::Comment(_) => {}
            Event::Decl(_) if tree.is_empty() => {}
            // `expand_empty_elements` leaves none.
            Event::Empty(_) => return Err(Malformed::Xml),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) => return Err(Malformed::Forbidden),
            Event::Eof => return tree.root.filter(|_| tree.open.is_empty()).ok_or(Malformed::Xml),
        }
    }
}

/// What has been read so far.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn is_empty(&self) -> bool {
        self.elements == 0
    }

    fn open(&mut self, element: Element) -> Result<(), Malformed> {
        self.elements += 1;
        if self.open.len() >= DEPTH || self.elements > ELEMENTS {
            return Err(Malformed::Large);
        }
        if self.root.is_some() {
            return Err(Malformed::Xml);
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Malformed> {
        let closed = self.open.pop().ok_or(Malformed::Xml)?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => self.root = Some(closed),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            // Around the root there may be white space.
            None if !text.trim().is_empty() => return Err(Malformed::Xml),
            None => {}
        }
        Ok(())
    }
}

fn element(namespace: ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Element, Malformed> {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(_) => return Err(Malformed::Xml),
    };
    let mut attributes = Vec::new();
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|_| Malformed::Xml)?;
        if count >= ATTRIBUTES {
            return Err(Malformed::Large);
        }
        let name = attribute.key.0;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| Malformed::Forbidden)?;
        if !name.starts_with("xmlns") && !name.contains(':') {
            attributes.push((name.to_owned(), value.into_owned()));
        }
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { namespace, name, attributes, children: Vec::new(), text: Zeroizing::default() })
}

/// The five names of XML and numbers; a document has no way to define others.
fn resolve(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().ok_or(Malformed::Xml);
    }
    match &*reference.xml10_content() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Malformed::Forbidden),
    }
}
