//! Reading the elements of a message one after the other.

use super::xml::Element;
use super::{Malformed, SOAP};

/// What an envelope's body holds: one element.
pub(super) fn body(envelope: Element) -> Result<Element, Malformed> {
    if !envelope.is(SOAP, "Envelope") || !envelope.text.trim().is_empty() {
        return Err(Malformed::Shape);
    }
    let mut bodies = None;
    for part in envelope.children {
        match part.name.as_str() {
            "Header" if part.namespace == SOAP && bodies.is_none() => {}
            "Body" if part.namespace == SOAP && bodies.is_none() => bodies = Some(part),
            _ => return Err(Malformed::Shape),
        }
    }
    let mut inside = bodies.ok_or(Malformed::Shape)?.children.into_iter();
    match (inside.next(), inside.next()) {
        (Some(fault), None) if fault.is(SOAP, "Fault") => Err(Malformed::Fault),
        (Some(message), None) => Ok(message),
        _ => Err(Malformed::Shape),
    }
}

/// The text of an element that has nothing else in it.
pub(super) fn text(element: &Element) -> &str {
    element.text.trim()
}

/// The children of an element, each taken in turn.
pub(super) struct Fields<'a> {
    namespace: &'static str,
    children: std::iter::Peekable<std::slice::Iter<'a, Element>>,
}

impl<'a> Fields<'a> {
    /// The children of an element that has no text of its own.
    pub(super) fn new(element: &'a Element, namespace: &'static str) -> Result<Self, Malformed> {
        if !element.text.trim().is_empty() {
            return Err(Malformed::Shape);
        }
        Ok(Self { namespace, children: element.children.iter().peekable() })
    }

    /// The next child, which must be called so.
    pub(super) fn element(&mut self, name: &str) -> Result<&'a Element, Malformed> {
        let namespace = self.namespace;
        self.children.next_if(|child| child.is(namespace, name)).ok_or(Malformed::Shape)
    }

    /// The text of the next child, which must be called so.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Malformed> {
        let element = self.element(name)?;
        if !element.children.is_empty() {
            return Err(Malformed::Shape);
        }
        Ok(text(element).to_owned())
    }

    /// The text of the next child, if it is called so.
    pub(super) fn optional(&mut self, name: &str) -> Option<String> {
        let namespace = self.namespace;
        let element =
            self.children.next_if(|child| child.is(namespace, name) && child.children.is_empty())?;
        Some(text(element).to_owned())
    }

    /// There must be no child left.
    pub(super) fn end(mut self) -> Result<(), Malformed> {
        self.children.next().map_or(Ok(()), |_| Err(Malformed::Shape))
    }
}

/// The one child of an answer that is called so; `None` when there is none.
///
/// Answers grow with the service's versions: strangers among their children are passed over, twins are not.
pub(super) fn only<'a>(
    element: &'a Element,
    namespace: &str,
    name: &str,
) -> Result<Option<&'a Element>, Malformed> {
    let mut found = element.children.iter().filter(|child| child.is(namespace, name));
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        _ => Err(Malformed::Shape),
    }
}

/// As [`only`], its text.
pub(super) fn only_text(element: &Element, namespace: &str, name: &str) -> Result<Option<String>, Malformed> {
    match only(element, namespace, name)? {
        Some(child) if child.children.is_empty() => Ok(Some(text(child).to_owned())),
        Some(_) => Err(Malformed::Shape),
        None => Ok(None),
    }
}
