//! The mails of the demonstration: shown instead of sent.

use countersign_identity::mail::Mail;
use maud::{Markup, html};
use serde_json::{Map, Value};

/// The mails for programs, newest last.
pub fn json(mails: &[Mail]) -> Value {
    let object = |mail: &Mail| {
        let mut members = Map::new();
        for (name, text) in [("to", &mail.to), ("subject", &mail.subject), ("text", &mail.text)] {
            members.insert(name.to_owned(), Value::from(text.as_str()));
        }
        if let Some(password) = &mail.temporary_password {
            members.insert("temporary_password".to_owned(), Value::from(password.as_str()));
        }
        Value::Object(members)
    };
    Value::Array(mails.iter().map(object).collect())
}

/// The mails for people, newest first.
pub fn view(mails: &[Mail]) -> Markup {
    html! {
        p { "What the provider has mailed since it was started, newest first. The page reads itself anew every five seconds." }
        @if mails.is_empty() { p id="empty" { "Nothing yet." } }
        @for mail in mails.iter().rev() {
            section class="mail" {
                h2 { (mail.subject) }
                p { "to " strong class="to" { (mail.to) } }
                @if let Some(password) = &mail.temporary_password {
                    p { "temporary password " code class="temporary-password" { (password) } }
                }
                pre { (mail.text) }
            }
        }
        p { a href="/demo" { "All of the demonstration" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, temporary_password: Option<&str>) -> Mail {
        Mail {
            id: "1".into(),
            to: "a@b.example".into(),
            subject: subject.into(),
            text: "text".into(),
            html: String::new(),
            temporary_password: temporary_password.map(str::to_owned),
        }
    }

    #[test]
    fn programs_get_the_newest_last_and_people_first() {
        let mails = [mail("first", None), mail("second", Some("abc"))];
        let json = json(&mails);
        assert_eq!(json[0]["subject"], "first");
        assert!(json[0].get("temporary_password").is_none());
        assert_eq!(json[1]["temporary_password"], "abc");
        let page = view(&mails).into_string();
        assert!(page.find("<h2>second") < page.find("<h2>first"));
    }
}
