//! The operator's names, contact, colour and logo. The defaults are the customer guide's words.

/// What the operator puts on the pages.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The portal's name.
    pub portal_name: String,
    /// Whose credentials they are: "Symantec" in "Symantec Credential ID".
    pub vendor: String,
    /// How to reach the SOC: an email address, an https address, or words. Empty where none is configured.
    pub soc_contact: String,
    /// The colour of the main button and of the mark.
    pub colour: Colour,
    /// The operator's logo, shown in place of our mark.
    pub logo: Option<Logo>,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            portal_name: "Managed Services Portal".into(),
            vendor: "Symantec".into(),
            soc_contact: String::new(),
            colour: Colour::DEFAULT,
            logo: None,
        }
    }
}

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(u8, u8, u8);

/// The page's surface in the light scheme, and in the dark one: `--surface` in `pages.css`.
const LIGHT: Colour = Colour(0xff, 0xff, 0xff);
const DARK: Colour = Colour(0x17, 0x20, 0x2a);
/// WCAG 2.2 §1.4.3: the least contrast of text, level AA.
const TEXT_CONTRAST: f64 = 4.5;

impl Colour {
    /// A deep teal.
    pub const DEFAULT: Self = Self(0x0b, 0x5f, 0x73);

    /// Reads `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self(r, g, b))
    }

    /// The colour as CSS writes it.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// White or black, whichever is read better on this colour.
    #[must_use]
    pub fn ink(self) -> Self {
        let (white, black) = (Self(0xff, 0xff, 0xff), Self(0, 0, 0));
        if self.contrast(white) >= self.contrast(black) { white } else { black }
    }

    /// This colour darkened until it can be read on the light surface.
    #[must_use]
    pub fn on_light(self) -> Self {
        self.towards(Self(0, 0, 0), LIGHT, TEXT_CONTRAST)
    }

    /// This colour lightened until it can be read on the dark surface.
    #[must_use]
    pub fn on_dark(self) -> Self {
        // Bright on dark needs more than the least to look as clear as dark on bright.
        self.towards(Self(0xff, 0xff, 0xff), DARK, 7.0)
    }

    fn towards(self, end: Self, surface: Self, contrast: f64) -> Self {
        (0..=20).map(|step| self.mix(end, step)).find(|c| c.contrast(surface) >= contrast).unwrap_or(end)
    }

    /// This colour with `twentieths` of it replaced by another.
    fn mix(self, other: Self, twentieths: u16) -> Self {
        let channel = |a: u8, b: u8| {
            let sum = u16::from(a) * (20 - twentieths) + u16::from(b) * twentieths;
            u8::try_from(sum / 20).unwrap_or(u8::MAX)
        };
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// WCAG 2.2's contrast ratio, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// WCAG 2.2's relative luminance.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

/// An image the operator gave for the header.
#[derive(Clone, Debug)]
pub struct Logo {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

impl Logo {
    /// An image, its kind told by its first bytes: PNG, JPEG, WebP or SVG. `None` for anything else.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let media_type = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            text if text.starts_with(b"<svg") || text.starts_with(b"<?xml") => "image/svg+xml",
            _ => return None,
        };
        Some(Self { bytes, media_type })
    }

    /// The ending of its file name.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        match self.media_type {
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/webp" => "webp",
            _ => "svg",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_hex_digits() {
        assert_eq!(Colour::parse("#0B5F73"), Some(Colour::DEFAULT));
        assert_eq!(Colour::DEFAULT.css(), "#0b5f73");
        for bad in ["", "#", "#fff", "0b5f73", "#0b5f7g", "#0b5f73;}", "#+b5f73", "red"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn wcag_1_4_3_any_brand_colour_gives_readable_text() {
        for red in (0..=255).step_by(17) {
            for green in (0..=255).step_by(17) {
                for blue in (0..=255).step_by(17) {
                    let colour = Colour(red, green, blue);
                    assert!(colour.contrast(colour.ink()) >= TEXT_CONTRAST, "ink on {}", colour.css());
                    assert!(colour.on_light().contrast(LIGHT) >= TEXT_CONTRAST, "{} on light", colour.css());
                    assert!(colour.on_dark().contrast(DARK) >= TEXT_CONTRAST, "{} on dark", colour.css());
                }
            }
        }
    }

    #[test]
    fn a_logo_is_known_by_its_bytes() {
        assert_eq!(Logo::new(b"\x89PNG\r\n".to_vec()).map(|logo| logo.media_type), Some("image/png"));
        assert_eq!(Logo::new(b"<svg xmlns=".to_vec()).map(|logo| logo.extension()), Some("svg"));
        assert!(Logo::new(b"<html>".to_vec()).is_none());
        assert!(Logo::new(Vec::new()).is_none());
    }
}
