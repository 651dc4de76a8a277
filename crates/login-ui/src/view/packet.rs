//! The Welcome Packet: one page for print that a customer receives with the token. It stands alone: no script, nothing
//! to fetch, and no secret of the token.

use maud::{DOCTYPE, Markup, html};

use crate::key::{self, Key};
use crate::words::Words;

/// What the page is made of.
pub struct Packet<'a> {
    /// The Credential ID.
    pub credential_id: &'a str,
    /// The address it is assigned to.
    pub email: Option<&'a str>,
    /// The organization it was delivered to, by name.
    pub organization: Option<&'a str>,
    /// Where the portal is.
    pub portal: &'a str,
}

/// Paper has no dark scheme, and every printer has these.
const STYLE: &str = "
@page { margin: 18mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 178mm; padding: 6mm 0; color: black; background: white;
  font: 10.5pt/1.5 Helvetica, Arial, Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, Yu Gothic, sans-serif; }
header { border-bottom: 1.5pt solid black; padding-bottom: 3mm; margin-bottom: 6mm; font-weight: bold; }
h1 { font-size: 19pt; line-height: 1.25; margin: 0 0 3mm; }
h2 { font-size: 13pt; margin: 7mm 0 2mm; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 4mm 0 1mm; break-after: avoid; }
p { margin: 0 0 3mm; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1.5mm 6mm; margin: 4mm 0;
  padding: 4mm 5mm; border: 0.75pt solid black; break-inside: avoid; }
dd { margin: 0; font-weight: bold; overflow-wrap: anywhere; }
code { font: bold 12pt Courier New, Courier, monospace; letter-spacing: 0.5pt; }
ol { margin: 0; padding-left: 8mm; }
li { margin: 0 0 1mm; break-inside: avoid; }
.note { margin-top: 6mm; padding: 3mm 5mm; border-left: 3pt solid black; break-inside: avoid; }
";

/// The steps of setting up a login, up to the password.
const SET_UP: [Key; 8] = [
    key::PACKET_STEP_1,
    key::PACKET_STEP_2,
    key::PACKET_STEP_3,
    key::PACKET_STEP_4,
    key::PACKET_STEP_5,
    key::PACKET_STEP_6,
    key::PACKET_STEP_7,
    key::PACKET_STEP_8,
];
/// The steps of registering the token.
const REGISTER: [Key; 5] =
    [key::PACKET_STEP_9, key::PACKET_STEP_10, key::PACKET_STEP_11, key::PACKET_STEP_12, key::PACKET_STEP_13];
/// The steps of each login after that.
const DAILY: [Key; 3] = [key::PACKET_LOGIN_1, key::PACKET_LOGIN_2, key::PACKET_LOGIN_3];

/// The document.
#[must_use]
pub fn view(words: &Words<'_>, packet: &Packet<'_>) -> Markup {
    let (portal, title) = (&words.brand().portal_name, words.text(key::PACKET_TITLE));
    html! {
        (DOCTYPE)
        html lang=(words.language().tag()) {
            head {
                meta charset="utf-8";
                title { (title) " – " (portal) }
                style { (STYLE) }
            }
            body {
                header { (portal) }
                main {
                    h1 { (title) }
                    p { (words.text(key::PACKET_LEAD)) }
                    p { (words.text(key::PACKET_WHAT)) }
                    (facts(words, packet))
                    h2 { (words.text(key::PACKET_SET_UP)) }
                    (steps(words, packet, &SET_UP, 1))
                    h3 { (words.text(key::PACKET_REGISTER)) }
                    (steps(words, packet, &REGISTER, SET_UP.len() + 1))
                    h2 { (words.text(key::PACKET_LOGIN)) }
                    (steps(words, packet, &DAILY, 1))
                    p class="note" { (words.text(key::PACKET_NOTE)) " " (words.text(key::PACKET_SECOND)) }
                    p class="note" { (words.text(key::PACKET_SAFE)) }
                }
            }
        }
    }
}

fn facts(words: &Words<'_>, packet: &Packet<'_>) -> Markup {
    let contact = words.brand().soc_contact.trim();
    html! {
        dl {
            dt { (words.text(key::REGISTER_ID)) } dd { code { (packet.credential_id) } }
            @if let Some(email) = packet.email { dt { (words.text(key::EMAIL_LABEL)) } dd { (email) } }
            @if let Some(name) = packet.organization { dt { (words.text(key::PACKET_ORGANIZATION)) } dd { (name) } }
            dt { (words.text(key::PACKET_PORTAL)) } dd { (packet.portal) }
            @if !contact.is_empty() { dt { (words.text(key::PACKET_SOC)) } dd { (contact) } }
        }
    }
}

/// Numbered steps, in which pages, fields and buttons bear the names that they bear on the pages themselves.
fn steps(words: &Words<'_>, packet: &Packet<'_>, steps: &[Key], first: usize) -> Markup {
    let labels = [
        ("login", key::LOGIN_TITLE),
        ("login_button", key::LOGIN_BUTTON),
        ("new_user", key::LOGIN_NEW_USER),
        ("enter", key::NEW_USER_BUTTON),
        ("email_field", key::EMAIL_LABEL),
        ("password", key::PASSWORD_LABEL),
        ("language", key::LANGUAGE_LABEL),
        ("remember", key::LOGIN_REMEMBER),
        ("new_password", key::NEW_PASSWORD_TITLE),
        ("confirm", key::NEW_PASSWORD_CONFIRM),
        ("confirm_button", key::NEW_PASSWORD_BUTTON),
        ("register", key::REGISTER_TITLE),
        ("register_button", key::REGISTER_BUTTON),
        ("id_field", key::REGISTER_ID),
        ("code1", key::REGISTER_CODE1),
        ("code2", key::REGISTER_CODE2),
        ("name_field", key::REGISTER_NAME),
        ("vip", key::VIP_TITLE),
    ];
    let labels = labels.map(|(name, label)| (name, words.text(label)));
    let mut values: Vec<(&str, &str)> = labels.iter().map(|(name, text)| (*name, text.as_str())).collect();
    values.extend([("url", packet.portal), ("id", packet.credential_id)]);
    html! { ol start=(first) { @for step in steps { li { (words.with(*step, &values)) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::Brand;
    use countersign_identity::language::Language;

    fn draw(language: Language, text: &str) -> String {
        let brand =
            Brand { vendor: "Acme".into(), soc_contact: "soc@example.com".into(), ..Brand::default() };
        let packet =
            Packet { credential_id: text, email: Some(text), organization: Some(text), portal: text };
        view(&Words::new(language, &brand), &packet).into_string()
    }

    #[test]
    fn the_packet_has_the_guides_steps_in_its_order_under_the_pages_own_labels() {
        let html = draw(Language::English, "VSMT12345678");
        let order = [
            "click the New User link",
            "click Enter",
            "in the Password field of the Login page",
            "Preferred Language",
            "Remember Me",
            "Click Login",
            "Create a New Password",
            "Click Confirm",
            "Register Acme Credential",
            "Security Code 1",
            "Security Code 2",
            "Token Name",
            "Click Register",
            "VIP Authentication",
        ];
        let mut from = html.find("<h2>").unwrap();
        for part in order {
            let at =
                html[from..].find(part).unwrap_or_else(|| panic!("{part} is not where it should be: {html}"));
            from += at + part.len();
        }
        assert!(html.contains("<ol start=\"9\">") && html.contains("soc@example.com"), "{html}");
    }

    #[test]
    fn the_packet_stands_alone_and_nothing_in_it_is_markup_of_others() {
        for language in Language::ALL {
            let html = draw(language, "\"'><script>alert(1)</script>");
            for part in ["<script", "<link", "<img", "src=", "href=", "url(", "@import"] {
                assert!(!html.contains(part), "{part} in {html}");
            }
            assert!(!html.contains('{') || html.matches('{').count() == STYLE.matches('{').count(), "{html}");
        }
        assert!(!STYLE.contains(['<', '>', '&', '"']), "a style sheet can't be escaped");
    }
}
