//! Writing envelopes. Whatever is written is escaped; control characters, which XML cannot hold, become spaces.

use quick_xml::escape::escape;
use zeroize::Zeroizing;

use super::SOAP;

/// An envelope being written.
pub(super) struct Writer {
    // Reserved at once: text that moves when it grows would leave codes behind.
    out: Zeroizing<String>,
}

impl Writer {
    /// An element with text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        let plain: Zeroizing<String> =
            Zeroizing::new(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect());
        self.open(name);
        self.out.push_str(&escape(plain.as_str()));
        self.close(name);
    }

    /// An element with text, if there is one.
    pub(super) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An element with elements in it.
    pub(super) fn inside(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.open(name);
        write(self);
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        for part in ["<v:", name, ">"] {
            self.out.push_str(part);
        }
    }

    fn close(&mut self, name: &str) {
        for part in ["</v:", name, ">"] {
            self.out.push_str(part);
        }
    }
}

/// An envelope around one element of a namespace. The attributes are of our own making.
pub(super) fn envelope(
    name: &str,
    namespace: &str,
    attributes: &[(&str, &str)],
    write: impl FnOnce(&mut Writer),
) -> Zeroizing<String> {
    let mut writer = Writer { out: Zeroizing::new(String::with_capacity(4096)) };
    writer.out.push_str(&format!(
        "<soapenv:Envelope xmlns:soapenv=\"{SOAP}\" xmlns:v=\"{namespace}\"><soapenv:Header/><soapenv:Body><v:{name}"
    ));
    for (key, value) in attributes {
        writer.out.push_str(&format!(" {key}=\"{}\"", escape(*value)));
    }
    writer.out.push('>');
    write(&mut writer);
    writer.out.push_str(&format!("</v:{name}></soapenv:Body></soapenv:Envelope>"));
    writer.out
}
